# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Appending a PAdES signature to an open PDF: signature, evidence, document time stamp."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    MDPPerm,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
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
from pyhanko.stamp import BaseStampStyle
from pyhanko_certvalidator import ValidationContext

from signing.appearance.fields import FieldPlan
from signing.keys.checks import Checks, usage_of
from signing.keys.keyring import KeySigner
from signing.options import Level

DIGEST = "sha256"


@dataclass(frozen=True)
class SignaturePlan:
    """One signature to be made."""

    writer: IncrementalPdfFileWriter
    signer: KeySigner
    field: str
    new: FieldPlan | None
    """None: the field is in the document already, made ready for this signature."""
    reason: str | None
    time: datetime
    style: BaseStampStyle | None
    locks: bool
    signed: bool = False
    """The document bears signatures already."""
    later: Sequence[FieldPlan] = ()
    """Empty fields for the signatures to come, made before the first one."""


class Pades:
    """Makes signatures of one level. For one event loop."""

    def __init__(self, checks: Checks, stamper: TimeStamper, level: Level) -> None:
        """``checks`` gives the evidence that is embedded, ``stamper`` the time stamps."""
        self._checks = checks
        self.stamper = stamper
        self._level = level
        self._reserved: dict[int, int] = {}
        self._paths: dict[int, tuple[ValidationContext | None, PreSignValidationStatus | None]] = {}

    async def append(self, stream: IO[bytes], plan: SignaturePlan) -> None:
        """Write the signature to the file that ``plan.writer`` reads, in place.

        The evidence goes into the signed revision; after it comes only the document time stamp,
        which every lock allows (ISO 32000-2, 12.8.2.2.2).

        Raises:
            ConfigurationError: the signing certificate does not pass its check.
            ServiceUnavailable: a time stamp or evidence is not to be had now.
        """
        context = await self._checked(plan)
        for later in plan.later:
            append_signature_field(plan.writer, later.spec())
        signer = self._pdf_signer(plan, context)
        session = signer.init_signing_session(plan.writer)
        session.system_time = plan.time
        checked = await self._presigned(plan, session, context)
        document = session.prepare_tbs_document(checked, await self._space(plan, session, checked))
        digest, _ = document.digest_tbs_document(in_place=True)
        done = await document.perform_signature(
            digest.document_digest, PdfCMSSignedAttributes(signing_time=plan.time)
        )
        await done.post_signature_processing(stream)
        if self._level is Level.b_lta:
            await self.stamp(IncrementalPdfFileWriter(stream, strict=False))

    async def stamp(self, writer: IncrementalPdfFileWriter) -> None:
        """Append a document time stamp with the evidence about its authority, in place."""
        await PdfTimeStamper(self.stamper).async_timestamp_pdf(
            writer,
            DIGEST,
            await self.context(()),
            in_place=True,
            dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
            embed_roots=False,
        )

    async def context(self, certificates: Sequence[x509.Certificate]) -> ValidationContext:
        """What these certificates and the time-stamp authority's are checked against."""
        await self.stamper.async_dummy_response(DIGEST)
        authority = list(self.stamper._certs.values())  # pyHanko 0.38 has no public way to them
        self._checks.learn(self.stamper.cert_registry)
        return await self._checks.context([*certificates, *authority])

    async def _checked(self, plan: SignaturePlan) -> ValidationContext | None:
        certificate = plan.signer.certificate
        await self._checks.approve(certificate)
        if not self._level.time_stamped:
            return None
        return await self.context([certificate])

    async def _presigned(
        self, plan: SignaturePlan, session: PdfSigningSession, context: ValidationContext | None
    ) -> PreSignValidationStatus | None:
        """Paths and evidence of signer and time-stamping unit, once for each context.

        They say nothing of the document, and a context serves for minutes.
        """
        known = self._paths.get(id(plan.signer))
        if known is None or known[0] is not context:
            made = await session.perform_presign_validation(plan.writer)
            known = self._paths[id(plan.signer)] = (context, made)
        return known[1]

    async def _space(
        self,
        plan: SignaturePlan,
        session: PdfSigningSession,
        checked: PreSignValidationStatus | None,
    ) -> int:
        """Bytes to keep free for the signature, measured once for each signer."""
        key = id(plan.signer)
        if key not in self._reserved:
            self._reserved[key] = await session.estimate_signature_container_size(checked)
        return self._reserved[key]

    def _pdf_signer(self, plan: SignaturePlan, context: ValidationContext | None) -> PdfSigner:
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
            validation_context=context,
            signer_key_usage={usage_of(plan.signer.certificate)},
            dss_settings=evidence,
        )
        return PdfSigner(
            metadata,
            plan.signer,
            timestamper=self.stamper if self._level.time_stamped else None,
            new_field_spec=None if plan.new is None else plan.new.spec(),
            **({} if plan.style is None else {"stamp_style": plan.style}),
        )
