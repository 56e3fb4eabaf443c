# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Archive time stamps renewed before the certificate of the last one runs out.

As long as each is followed by the next in time, the first signature can be proven for ever
(ETSI EN 319 142-1, 5.5). A file that is not valid today is not renewed: a fresh time stamp would
only lend it dignity.
"""

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO

from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko_certvalidator import CertificateValidator

from schemas.errors import InputRejected, ServiceUnavailable
from schemas.page import Frozen
from schemas.verdict import Verdict
from signing.creation.pades import Pades
from signing.external.files import PartFile, sha256_of
from signing.keys.trust import Trust
from signing.validation.verify import verify

_STAMP = SigSeedSubFilter.ETSI_RFC3161.value

LAST_CALL = timedelta(days=30)
"""So near its end a time stamp is renewed even where nobody tells about its authority any more:
without the next one, everything it proves is lost."""


class Renewal(StrEnum):
    """What became of a file."""

    current = "current"
    """Good for longer than was asked."""
    renewed = "renewed"
    refused = "refused"
    """Not valid today, or not signed."""
    waiting = "waiting"
    """A service is away; try again."""


class Renewed(Frozen):
    """The outcome for one file."""

    outcome: Renewal
    until: datetime | None = None
    """When the certificate of the last archive time stamp runs out."""
    sha256: str | None = None
    """Of the file as it is now, where it was renewed."""
    error: str | None = None
    """Code of the sentence that says why not."""


async def renew(
    path: Path, *, pades: Pades, trust: Trust, now: datetime, within: timedelta
) -> Renewed:
    """Append an archive time stamp to ``path`` if the last one runs out within ``within``.

    The file is replaced by one rename; what was in it stays its beginning.

    Raises:
        ServiceUnavailable: a time stamp is not to be had, or another process has the file.
    """
    verdict = await asyncio.to_thread(verify, path, trust, at=now)
    if verdict.verdict not in {Verdict.valid, Verdict.valid_weak}:
        return Renewed(outcome=Renewal.refused, error="signing.renewal_not_valid")
    with path.open("rb") as stream:
        last = _last_stamp(stream)
    until = None if last is None else _end(last)
    if until is not None and until - now > within:
        return Renewed(outcome=Renewal.current, until=until)
    with PartFile(path) as part:
        with part.fill_from(path) as stream:
            writer = IncrementalPdfFileWriter(stream, strict=False)
            if last is not None:
                await _evidence(writer, last, pades, now)
            await pades.stamp(writer)
            stream.flush()
        after = await asyncio.to_thread(verify, part.path, trust, at=now)
        if after.verdict is not verdict.verdict:
            raise InputRejected("signing.cannot_sign")
        with part.path.open("rb") as stream:
            fresh = _last_stamp(stream)
        sha256 = sha256_of(part.path)
        part.finish()
    return Renewed(
        outcome=Renewal.renewed, until=None if fresh is None else _end(fresh), sha256=sha256
    )


def _last_stamp(stream: IO[bytes]) -> x509.Certificate | None:
    """The certificate of the last document time stamp."""
    found = PdfFileReader(stream, strict=False).embedded_signatures
    stamps = [one for one in found if one.sig_object.get("/SubFilter") == _STAMP]
    return stamps[-1].signer_cert if stamps else None


def _end(certificate: x509.Certificate) -> datetime:
    end: datetime = certificate["tbs_certificate"]["validity"]["not_after"].native
    return end


async def _evidence(
    writer: IncrementalPdfFileWriter,
    certificate: x509.Certificate,
    pades: Pades,
    now: datetime,
) -> None:
    """Put what tells of the last authority's certificate today into the file."""
    try:
        context = await pades.context([certificate])
        path = await CertificateValidator(
            certificate, validation_context=context
        ).async_validate_usage(set(), {"time_stamping"})
    except ServiceUnavailable:
        if _end(certificate) - now > LAST_CALL:
            raise
        return
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, paths=[path], validation_context=context, embed_roots=False
    )
