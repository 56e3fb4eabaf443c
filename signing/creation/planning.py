# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""What is to be written into a PDF for one signature, by what it holds and shows."""

from pathlib import Path
from typing import IO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError

from schemas.errors import InputRejected, SohoaError
from signing.appearance.drawing import AppearanceBuilder, SignatureRequest
from signing.appearance.fields import (
    FieldPlan,
    FieldsThere,
    fields_of,
    free_name,
    refuse_locked,
    waiting_field,
)
from signing.creation.pades import SignaturePlan
from signing.keys.keyring import KeySigner


def plan(
    stream: IO[bytes],
    path: Path,
    signer: KeySigner,
    request: SignatureRequest,
    appearances: AppearanceBuilder,
) -> SignaturePlan:
    """The plan for a signature of the PDF that is open as ``stream`` and lies at ``path``.

    Raises:
        InputRejected: it is not a PDF that can be signed, or has no room for the signature.
        ConfigurationError: a number is missing or has letters that cannot be drawn.
    """
    try:
        return _planned(stream, path, signer, request, appearances)
    except (SohoaError, OSError):
        raise
    except Exception as exc:  # a faulty PDF makes pyHanko fail in many ways
        raise InputRejected("signing.cannot_sign") from exc


def _planned(
    stream: IO[bytes],
    path: Path,
    signer: KeySigner,
    request: SignatureRequest,
    appearances: AppearanceBuilder,
) -> SignaturePlan:
    try:
        writer = IncrementalPdfFileWriter(stream, strict=False)
        encrypted = writer.prev.encrypted
        there = FieldsThere.none() if encrypted else fields_of(writer.prev)
    except (PdfError, ValueError, KeyError, TypeError) as exc:
        raise InputRejected("signing.not_a_pdf") from exc
    if encrypted:
        raise InputRejected("signing.encrypted")
    refuse_locked(writer.prev)
    profile = request.profile
    ready = waiting_field(profile, there)
    shown = appearances.build(request, path, writer, there, ready)
    if shown.code is not None:
        shown.code.add_to(writer)
    name = ready or free_name(profile, there)
    own = None if ready else FieldPlan(name, shown.page, shown.box, profile.locks)
    return SignaturePlan(
        writer=writer,
        signer=signer,
        field=name,
        new=own,
        reason=request.reference,
        time=request.time,
        style=shown.style,
        signed=there.signed,
        locks=profile.locks,
        later=() if ready else shown.later,
    )
