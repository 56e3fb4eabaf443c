"""Every use case that takes a caller, with who may call it: one line for each room of them."""

from permission_cases import CASES as OF_DOSSIERS
from permission_cases import Case
from permission_cases_approve import OF_APPROVAL
from permission_cases_carpet import OF_SHEETS
from permission_cases_check import OF_CHECKS
from permission_cases_delivering import OF_DELIVERING
from permission_cases_fetching import OF_FETCHING
from permission_cases_finding import FINDING
from permission_cases_learning import OF_LEARNING
from permission_cases_lists import LISTS
from permission_cases_papers import OF_PAPERS
from permission_cases_rescan import OF_RESCAN
from permission_cases_sharing import OF_SHARING

CASES: dict[str, Case] = {
    **OF_DOSSIERS,
    **LISTS,
    **OF_APPROVAL,
    **OF_CHECKS,
    **OF_DELIVERING,
    **OF_FETCHING,
    **FINDING,
    **OF_LEARNING,
    **OF_PAPERS,
    **OF_RESCAN,
    **OF_SHARING,
    **OF_SHEETS,
}
