"""What other programs write along with a signature or a time stamp, and pieces to make it of."""

import re
from io import BytesIO
from typing import Any

from pdf_attacks import Change, appended, body_of, number_of, size_of
from pdf_signing import identity, local_stamper
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NumberObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper

from signing import Pki


def dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def stream(content: bytes, **entries: Any) -> StreamObject:
    held = StreamObject(stream_data=content)
    held.update(dictionary(**entries))
    return held


def box(*corners: int) -> ArrayObject:
    return ArrayObject(NumberObject(one) for one in corners)


def helvetica(**more: Any) -> DictionaryObject:
    names = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica"}
    return dictionary(**{key: pdf_name(one) for key, one in names.items()}, **more)


def form_of(writer: IncrementalPdfFileWriter) -> Any:
    form = writer.root["/AcroForm"]
    writer.update_container(form)
    return form


def field_of(writer: IncrementalPdfFileWriter, name: str) -> Any:
    fields = (one.get_object() for one in writer.root["/AcroForm"]["/Fields"])
    return next(one for one in fields if one["/T"] == name)


def page_of(writer: IncrementalPdfFileWriter) -> Any:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    writer.update_container(page)
    return page


def _names(writer: IncrementalPdfFileWriter) -> set[str]:
    if "/AcroForm" not in writer.root:
        return set()
    return {str(one.get_object()["/T"]) for one in writer.root["/AcroForm"]["/Fields"]}


def signed_along(
    content: bytes, pki: Pki, change: Change, *, field: str = "Second", seen: bool = False
) -> bytes:
    """Signed by another program, which writes something along in the same revision."""
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    writer._update_meta = lambda: None
    place = (300, 750, 400, 800) if seen else None
    if field not in _names(writer):
        append_signature_field(writer, SigFieldSpec(field, box=place))
    change(writer)
    out = BytesIO()
    metadata = PdfSignatureMetadata(field_name=field)
    PdfSigner(metadata, identity(pki, "leader").signer()).sign_pdf(writer, output=out)
    return out.getvalue()


def stamped_along(content: bytes, pki: Pki, change: Change) -> bytes:
    """The same for a document time stamp, in the field ``Stamp``."""
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    writer._update_meta = lambda: None
    append_signature_field(writer, SigFieldSpec("Stamp"))
    change(writer)
    out = BytesIO()
    stamper = PdfTimeStamper(local_stamper(pki), field_name="Stamp")
    stamper.timestamp_pdf(writer, "sha256", output=out)
    return out.getvalue()


def nothing(writer: IncrementalPdfFileWriter) -> None:
    return None


def page_with(content: bytes, entries: bytes) -> bytes:
    found = re.search(rb"/Kids \[ (\d+) 0 R", content)
    assert found is not None
    number = int(found[1])
    return appended(content, {number: body_of(content, number).rstrip()[:-2] + entries + b" >>"})


def new_evidence(signed: bytes) -> dict[int, bytes]:
    root, free = number_of(signed, b"Root"), size_of(signed)
    return {
        root: body_of(signed, root).rstrip()[:-2] + b"/DSS %d 0 R >>" % free,
        free: b"<< /Certs [ %d 0 R ] >>" % (free + 1),
        free + 1: b"<< /Length 1 >>\nstream\n0\nendstream",
    }
