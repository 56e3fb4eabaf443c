# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Appending a PAdES signature to an open PDF: signature, evidence, document time stamp."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    enumerate_sig_fields,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_cms import Signer as CmsSigner
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSignatureMetadata,
    PdfSigner,
    PdfSigningSession,
    PdfTimeStamper,
    PreSignValidationStatus,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import EmbeddedPdfSignature, read_certification_data
from pyhanko.stamp import BaseStampStyle
from pyhanko_certvalidator import ValidationContext

from schemas.errors import ConfigurationError, InputRejected
from signing.options import Level
from signing.pki import Pki

DIGEST = "sha256"

_CONTEXT_LIFE = timedelta(minutes=10)
"""How long one check of the certificates serves."""


@dataclass(frozen=True)
class Plan:
    """One signature to be made."""

    writer: IncrementalPdfFileWriter
    signer: CmsSigner
    field: str
    locks: bool
    """Lock all fields (FieldMDP) and the document (``/Lock`` with ``/P`` 1, ISO 32000-2, 12.7.5.5),
    rather than certify: it works for the first signature and for the last of several, and leaves
    the catalogue of a PDF/A without ``/Perms``."""
    reason: str | None
    time: datetime
    style: BaseStampStyle | None
    box: tuple[float, float, float, float] | None


def fields_of(reader: PdfFileReader) -> tuple[set[str], bool]:
    """The names of all signature fields, and whether one of them is signed."""
    names: set[str] = set()
    signed = False
    for name, value, _ in enumerate_sig_fields(reader):
        names.add(str(name).split(".", maxsplit=1)[0])
        signed = signed or bool(value)
    return names, signed


def refuse_locked(reader: PdfFileReader) -> None:
    """Respect the lock of an earlier signer.

    Raises:
        InputRejected: an earlier signature forbids further ones.
    """
    certified = read_certification_data(reader)
    locked = certified is not None and certified.permission == MDPPerm.NO_CHANGES
    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        signature = EmbeddedPdfSignature(reader, field, str(name))
        locked = locked or signature.docmdp_level == MDPPerm.NO_CHANGES
    if locked:
        raise InputRejected("signing.locked")


class Pades:
    """Makes signatures of one level with one PKI's evidence. Not for use by several threads."""

    def __init__(self, pki: Pki, stamper: TimeStamper, level: Level, crl_age: timedelta) -> None:
        """``crl_age``: CRLs older than this are made anew before they are embedded."""
        self._pki = pki
        self._stamper = stamper
        self._level = level
        self._crl_age = crl_age
        self._context: ValidationContext | None = None
        self._reserved: dict[int, int] = {}

    async def append(self, stream: IO[bytes], plan: Plan) -> None:
        """Write the signature to the file that ``plan.writer`` reads, in place.

        The evidence goes into the signed revision; after it comes only the document time stamp,
        which every lock allows (ISO 32000-2, 12.8.2.2.2).

        Raises:
            ConfigurationError: the signing certificate does not pass its check.
        """
        signer = self._pdf_signer(plan)
        session = signer.init_signing_session(plan.writer)
        session.system_time = plan.time
        try:
            checked = await session.perform_presign_validation(plan.writer)
        except SigningError as exc:
            raise ConfigurationError("signing.certificate_unusable") from exc
        document = session.prepare_tbs_document(checked, await self._space(plan, session, checked))
        digest, _ = document.digest_tbs_document(in_place=True)
        done = await document.perform_signature(
            digest.document_digest, PdfCMSSignedAttributes(signing_time=plan.time)
        )
        await done.post_signature_processing(stream)
        if self._level is Level.b_lta:
            await PdfTimeStamper(self._stamper).async_timestamp_pdf(
                IncrementalPdfFileWriter(stream, strict=False),
                DIGEST,
                self._checking(),
                in_place=True,
                dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
                embed_roots=False,
            )

    async def _space(
        self, plan: Plan, session: PdfSigningSession, checked: PreSignValidationStatus | None
    ) -> int:
        """Bytes to keep free for the signature, measured once for each signer."""
        key = id(plan.signer)
        if key not in self._reserved:
            self._reserved[key] = await session.estimate_signature_container_size(checked)
        return self._reserved[key]

    def _pdf_signer(self, plan: Plan) -> PdfSigner:
        lock = FieldMDPSpec(FieldMDPAction.ALL) if plan.locks else None
        box = None if plan.box is None else tuple(round(side, 2) for side in plan.box)
        field = SigFieldSpec(
            plan.field,
            box=box,  # type: ignore[arg-type]  # pyHanko says int and takes any number
            field_mdp_spec=lock,
            doc_mdp_update_value=None if lock is None else MDPPerm.NO_CHANGES,
        )
        evidence = DSSContentSettings(
            include_vri=False,
            placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
            if self._level.long_term
            else SigDSSPlacementPreference.SEPARATE_REVISION,  # which then is not written at all
        )
        metadata = PdfSignatureMetadata(
            field_name=plan.field,
            md_algorithm=DIGEST,
            reason=plan.reason,
            subfilter=SigSeedSubFilter.PADES,
            docmdp_permissions=MDPPerm.NO_CHANGES if plan.locks else MDPPerm.FILL_FORMS,
            embed_validation_info=self._level.long_term,
            validation_context=self._checking(),
            dss_settings=evidence,
        )
        stamper = self._stamper if self._level.time_stamped else None
        style = {} if plan.style is None else {"stamp_style": plan.style}
        return PdfSigner(metadata, plan.signer, timestamper=stamper, new_field_spec=field, **style)

    def _checking(self) -> ValidationContext:
        """Root, issuing CA and fresh CRLs: what certificates are checked against."""
        now = self._pki.clock()
        context = self._context
        if context is None or not context.moment <= now < context.moment + _CONTEXT_LIFE:
            context = ValidationContext(
                trust_roots=[self._pki.root],
                other_certs=[self._pki.certificate("issuing")],
                crls=list(self._pki.crls(self._crl_age)),
                moment=now,
                allow_fetching=False,
                revocation_mode="require",
            )
            self._context = context
        return context
