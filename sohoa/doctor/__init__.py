"""Health of every dependency and service: is it there, in which version, does it work.

Nothing is believed: the engines read a word drawn on the spot, PDF/A is written and checked, the
store is asked with its keys. What an operator should do next stands in the finding.
"""

from sohoa.doctor.check import CheckResult, Examiner, look
from sohoa.doctor.data import DATA
from sohoa.doctor.engines import ENGINES
from sohoa.doctor.inbox import INBOX
from sohoa.doctor.machine import MACHINE
from sohoa.doctor.services import SERVICES
from sohoa.settings import Settings

EXAMINERS: tuple[Examiner, ...] = (*MACHINE, *INBOX, *ENGINES, *DATA, *SERVICES)


def examine(settings: Settings) -> list[CheckResult]:
    """Every dependency and service, in a fixed order; takes about three seconds.

    Never raises: what goes wrong is a finding. Advice is in ``settings.language``.
    """
    return [look(examiner, settings) for examiner in EXAMINERS]


__all__ = ["CheckResult", "examine"]
