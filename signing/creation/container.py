# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its signing interface without annotations.
"""Making ASiC-E containers: files that are no PDFs, with one detached CAdES signature over all.

ETSI EN 319 162-1, 4.4: a ZIP archive whose first entry ``mimetype`` says what it is; the signature
``META-INF/signature001.p7s`` is over ``META-INF/ASiCManifest001.xml``, which has the SHA-256 of
every file. For long times the signature carries certificates and revocation data (EN 319 122-1,
CAdES-B-LT), and a time stamp is made over an ``ASiCArchiveManifest``, which has the SHA-256 of all
that and of the signature (EN 319 162-1, annex A.7).
"""

import base64
import hashlib
import mimetypes
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote
from xml.etree import ElementTree

from asn1crypto import cms, core, x509
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_cms import Signer as CmsSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext

from schemas.errors import InputRejected
from signing.validation.asic import DS, FOLDER, MEDIA_TYPE, NAMESPACE
from signing.validation.carried import OCSP

_MANIFEST = FOLDER + "ASiCManifest001.xml"
_SIGNATURE = FOLDER + "signature001.p7s"
_ARCHIVE = FOLDER + "ASiCArchiveManifest001.xml"
_STAMP = FOLDER + "timestamp001.tst"
_KINDS = {_SIGNATURE: "application/x-pkcs7-signature", _MANIFEST: "text/xml"}
_STAMP_KIND = "application/vnd.etsi.timestamp-token"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_CHUNK = 1 << 20


async def write_container(
    files: Sequence[Path],
    out: IO[bytes],
    *,
    signer: CmsSigner,
    stamper: TimeStamper | None,
    time: datetime,
    evidence: ValidationContext | None = None,
    archive: bool = False,
) -> None:
    """Write a container of ``files`` under their own names.

    Args:
        files: what is signed; names must differ.
        out: an empty stream; it can be read and written.
        signer: whose signature.
        stamper: for level B-T; without one the level is B-B.
        time: the claimed time of signing, and that of the entries.
        evidence: certificates and revocation data to be kept, for level B-LT.
        archive: a time stamp over all of it, for level B-LTA.

    Raises:
        InputRejected: no files, or names that cannot stand side by side.
    """
    names = [file.name for file in files]
    folded = {name.casefold() for name in names} | {"mimetype", "meta-inf"}
    if not names or len(folded) != len(names) + 2:
        raise InputRejected("signing.container_names")
    stamp = time.timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr(zipfile.ZipInfo("mimetype", stamp), MEDIA_TYPE)
        digests = []
        for file in files:
            entry = zipfile.ZipInfo(file.name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            digest = hashlib.sha256()
            with file.open("rb") as source, container.open(entry, "w", force_zip64=True) as target:
                while block := source.read(_CHUNK):
                    digest.update(block)
                    target.write(block)
            digests.append((file.name, digest.digest()))
        manifest = _manifest(digests, _SIGNATURE, _KINDS[_SIGNATURE])
        signed = await signer.async_sign_general_data(
            manifest,
            "sha256",
            detached=True,
            use_cades=True,
            timestamper=stamper,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=time),
        )
        if evidence is not None:
            await _keep(signed["content"], evidence)
        made = {_MANIFEST: manifest, _SIGNATURE: signed.dump()}
        if archive and stamper is not None:
            digests += [(name, hashlib.sha256(content).digest()) for name, content in made.items()]
            made[_ARCHIVE] = _manifest(digests, _STAMP, _STAMP_KIND)
            digest_of_all = hashlib.sha256(made[_ARCHIVE]).digest()
            made[_STAMP] = (await stamper.async_timestamp(digest_of_all, "sha256")).dump()
        for name, content in made.items():
            container.writestr(zipfile.ZipInfo(name, stamp), content)


async def _keep(signed: cms.SignedData, evidence: ValidationContext) -> None:
    """Put what the signature's certificates are judged by beside it (EN 319 122-1, 5.5)."""
    held = {one.chosen.dump(): one for one in signed["certificates"]}
    for leaf in [one.chosen for one in signed["certificates"]] + list(_stampers(signed)):
        held.setdefault(leaf.dump(), leaf)
        async for path in evidence.path_builder.async_build_paths_lazy(leaf):
            for one in path.iter_certs(include_root=False):
                held.setdefault(one.dump(), one)
            break
    signed["certificates"] = cms.CertificateSet(list(held.values()))
    told: list[cms.RevocationInfoChoice] = [
        cms.RevocationInfoChoice({"crl": one}) for one in evidence.crls
    ]
    told += [
        cms.RevocationInfoChoice(
            {"other": {"other_rev_info_format": OCSP, "other_rev_info": core.Any(one)}}
        )
        for one in evidence.ocsps
    ]
    if evidence.ocsps:
        signed["version"] = "v5"  # RFC 5652, 5.1
    if told:
        signed["crls"] = told


def _stampers(signed: cms.SignedData) -> Iterable[x509.Certificate]:
    """The certificates in the signature's time stamps."""
    for attribute in signed["signer_infos"][0]["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            for token in attribute["values"]:
                yield from (one.chosen for one in token["content"]["certificates"])


def _manifest(digests: Sequence[tuple[str, bytes]], reference: str, kind: str) -> bytes:
    ElementTree.register_namespace("asic", NAMESPACE)
    ElementTree.register_namespace("ds", DS)
    root = ElementTree.Element(f"{{{NAMESPACE}}}ASiCManifest")
    attributes = {"URI": reference, "MimeType": kind}
    ElementTree.SubElement(root, f"{{{NAMESPACE}}}SigReference", attributes)
    for name, digest in digests:
        guessed = _KINDS.get(name) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        attributes = {"URI": quote(name), "MimeType": guessed}
        one = ElementTree.SubElement(root, f"{{{NAMESPACE}}}DataObjectReference", attributes)
        ElementTree.SubElement(one, f"{{{DS}}}DigestMethod", {"Algorithm": _SHA256})
        value = ElementTree.SubElement(one, f"{{{DS}}}DigestValue")
        value.text = base64.b64encode(digest).decode()
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
