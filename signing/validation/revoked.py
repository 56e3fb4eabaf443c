# mypy: disable-error-code="no-untyped-call"
# pyhanko-certvalidator ships py.typed but leaves parts of its interface without annotations.
"""Whether a certificate was revoked, by everything at hand.

The validator itself asks OCSP first and is content with one good answer, however old; it looks at
neither kind where the certificate names no place for it; and for a forged answer it distrusts a
signer whom it trusts without any. Here everything is asked, the gravest answer counts, and what is
not genuine is as good as not there.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import RevokedError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from schemas.page import Frozen

Lists = Sequence[asn1_crl.CertificateList]
Answers = Sequence[asn1_ocsp.OCSPResponse]
Contexts = Callable[[Lists, Answers], ValidationContext]
"""What makes a context that knows of these."""

MOST = 100
"""Lists, and answers, looked at for one certificate; a file may hold thousands."""

_UNSTATED = timedelta(days=1)
"""How long an answer is current that does not say until when."""


class RevocationStatus(Frozen):
    """What is told of one certificate."""

    revoked: bool = False
    good: bool = False
    """Something genuine that was current, or is newer, does not name it as revoked."""


async def told(
    certificate: x509.Certificate,
    path: ValidationPath,
    lists: Lists,
    answers: Answers,
    contexts: Contexts,
    moment: datetime,
) -> RevocationStatus:
    """What CRLs and OCSP answers tell of a certificate in ``path``, as of ``moment``."""
    lists, answers = about(certificate, lists, answers)
    lists, good = _newest(lists, _listed), False
    for some, deltas in ((lists, False), (lists, True), (_current(lists, moment), True)):
        outcome = await _asked(verify_crl, certificate, path, contexts(some, ()), use_deltas=deltas)
        if outcome.revoked:
            return outcome
        good = bool(some) and outcome.good
    for one in answers:
        context = contexts((), [one])
        outcome = await _asked(verify_ocsp_response, certificate, path, context)
        if outcome.revoked:
            return outcome
        until = max(_until(single, "this_update") for single in _singles(one, certificate))
        good = good or (outcome.good and until >= moment)
    return RevocationStatus(good=good)


def speaks_of(certificate: x509.Certificate, lists: Lists, answers: Answers) -> bool:
    """Whether a list or an answer, genuine or not, is about a certificate."""
    return any(about(certificate, lists, answers))


def about(certificate: x509.Certificate, lists: Lists, answers: Answers) -> tuple[Lists, Answers]:
    """Those that speak of a certificate, each once."""
    some = {one.dump(): one for one in lists if _lists_about(one, certificate)}
    others = {one.dump(): one for one in answers if any(_singles(one, certificate))}
    return list(some.values()), list(others.values())


async def _asked(check: Any, *about: Any, **options: Any) -> RevocationStatus:
    try:
        await check(*about, **options)
    except RevokedError:
        return RevocationStatus(revoked=True)
    except Exception:  # not genuine, not about it, or past understanding
        return RevocationStatus()
    return RevocationStatus(good=True)


def _current(lists: Lists, moment: datetime) -> Lists:
    return [one for one in lists if _until(one["tbs_cert_list"], "this_update") >= moment]


def _until(stated: Any, begins: str) -> datetime:
    """Until when a list or an answer is current."""
    ends: datetime | None = stated["next_update"].native
    return ends or stated[begins].native + _UNSTATED


def _listed(one: asn1_crl.CertificateList) -> datetime:
    with suppress(Exception):
        made: datetime = one["tbs_cert_list"]["this_update"].native
        return made
    return datetime.min.replace(tzinfo=UTC)


def _newest(lists: Lists, made: Callable[[asn1_crl.CertificateList], datetime]) -> Lists:
    return sorted(lists, key=made, reverse=True)


def _lists_about(one: asn1_crl.CertificateList, certificate: x509.Certificate) -> bool:
    """Whether a list may tell of the certificate: its issuer's, or one for several issuers."""
    with suppress(Exception):
        point = one.issuing_distribution_point_value
        indirect = point is not None and bool(point["indirect_crl"].native)
        return indirect or bool(one.issuer == certificate.issuer)
    return False


def _singles(one: asn1_ocsp.OCSPResponse, certificate: x509.Certificate) -> Iterator[Any]:
    """The parts of an answer that speak of a certificate's number."""
    with suppress(Exception):
        for single in one["response_bytes"]["response"].parsed["tbs_response_data"]["responses"]:
            if single["cert_id"]["serial_number"].native == certificate.serial_number:
                yield single
