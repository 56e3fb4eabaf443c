"""Results made from fields: a decision in the layout of Decree 30/2020, the confirmation CT07.

Born digital, PDF/A-2b, fonts embedded, with room for the picture of a signature and for a seal in
its actual size; what comes out is signed with the profiles ``leader`` and ``agency``.
"""

from usecases.results.decision import Article, Decision, draw_decision
from usecases.results.residence import Member, ResidenceConfirmation, draw_residence_confirmation
from usecases.results.template import Template, draw

__all__ = [
    "Article",
    "Decision",
    "Member",
    "ResidenceConfirmation",
    "Template",
    "draw",
    "draw_decision",
    "draw_residence_confirmation",
]
