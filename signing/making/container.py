# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Making ASiC-E containers: files that are no PDFs, with one detached CAdES signature over all.

ETSI EN 319 162-1, 4.4: a ZIP archive whose first entry ``mimetype`` says what it is; the signature
``META-INF/signature001.p7s`` is over ``META-INF/ASiCManifest001.xml``, which has the SHA-256 of
every file.
"""

import base64
import hashlib
import mimetypes
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote
from xml.etree import ElementTree

from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_cms import Signer as CmsSigner
from pyhanko.sign.timestamps import TimeStamper

from schemas.errors import InputRejected
from signing.verdicts.asic import DS, FOLDER, MEDIA_TYPE, NAMESPACE

_MANIFEST = FOLDER + "ASiCManifest001.xml"
_SIGNATURE = FOLDER + "signature001.p7s"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_CHUNK = 1 << 20


async def write_container(
    files: Sequence[Path],
    out: IO[bytes],
    *,
    signer: CmsSigner,
    stamper: TimeStamper | None,
    time: datetime,
) -> None:
    """Write a container of ``files`` under their own names.

    Args:
        files: what is signed; names must differ.
        out: an empty stream; it can be read and written.
        signer: whose signature.
        stamper: for level B-T; without one the level is B-B.
        time: the claimed time of signing, and that of the entries.

    Raises:
        InputRejected: no files, or names that cannot stand side by side.
    """
    names = [file.name for file in files]
    folded = {name.casefold() for name in names} | {"mimetype", "meta-inf"}
    if not names or len(folded) != len(names) + 2:
        raise InputRejected("signing.container_names")
    stamp = time.timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", stamp), MEDIA_TYPE)
        digests = []
        for file in files:
            entry = zipfile.ZipInfo(file.name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            digest = hashlib.sha256()
            with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while block := source.read(_CHUNK):
                    digest.update(block)
                    target.write(block)
            digests.append((file.name, digest.digest()))
        manifest = _manifest(digests)
        signed = await signer.async_sign_general_data(
            manifest,
            "sha256",
            detached=True,
            use_cades=True,
            timestamper=stamper,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=time),
        )
        archive.writestr(zipfile.ZipInfo(_MANIFEST, stamp), manifest)
        archive.writestr(zipfile.ZipInfo(_SIGNATURE, stamp), signed.dump())


def _manifest(digests: Sequence[tuple[str, bytes]]) -> bytes:
    ElementTree.register_namespace("asic", NAMESPACE)
    ElementTree.register_namespace("ds", DS)
    root = ElementTree.Element(f"{{{NAMESPACE}}}ASiCManifest")
    attributes = {"URI": _SIGNATURE, "MimeType": "application/x-pkcs7-signature"}
    ElementTree.SubElement(root, f"{{{NAMESPACE}}}SigReference", attributes)
    for name, digest in digests:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        attributes = {"URI": quote(name), "MimeType": kind}
        one = ElementTree.SubElement(root, f"{{{NAMESPACE}}}DataObjectReference", attributes)
        ElementTree.SubElement(one, f"{{{DS}}}DigestMethod", {"Algorithm": _SHA256})
        value = ElementTree.SubElement(one, f"{{{DS}}}DigestValue")
        value.text = base64.b64encode(digest).decode()
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
