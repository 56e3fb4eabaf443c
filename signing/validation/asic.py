# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its interface without annotations.
"""Verifying ASiC-E containers (ETSI EN 319 162-1, 4.4), made by :mod:`signing.creation.container`.

A manifest names files by their hashes, and the signature or time stamp that is made over it.
"""

import base64
import hashlib
import hmac
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from asn1crypto import cms

from schemas.messages import Language
from schemas.verdict import FileVerdict
from signing.keys.trust import Trust
from signing.validation.archive import DamagedArchive, entries
from signing.validation.carried import carried
from signing.validation.changes import Coverage
from signing.validation.cms_validation import validate_cms, validate_time_stamp
from signing.validation.evidence import backwards, run
from signing.validation.legacy import DetachedSignature
from signing.validation.proof import Findings, Proof
from signing.validation.validation_material import Material
from signing.validation.verify import report

MEDIA_TYPE = "application/vnd.etsi.asic-e+zip"
NAMESPACE = "http://uri.etsi.org/02918/v1.2.1#"
DS = "http://www.w3.org/2000/09/xmldsig#"
FOLDER = "META-INF/"

_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}

_MANIFESTS = ("ASiCManifest", "ASiCArchiveManifest")
_LISTING = FOLDER + "manifest.xml"
"""The list of files that OpenDocument asks for; it says nothing of signatures."""

_CHUNK = 1 << 20
_SMALL = 5 << 20
"""Bytes of a manifest, a signature or a listing at most."""


@dataclass
class _Part:
    """A signature or time stamp, with what its manifest names."""

    proof: Proof
    manifest: str
    named: set[str]


def is_container(path: Path) -> bool:
    """Whether a file begins like a ZIP archive."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def examine_container(
    path: Path, trust: Trust, now: datetime, language: Language
) -> tuple[FileVerdict, Findings]:
    """The verdict on a container, by the same rules as on a PDF.

    A file that a manifest names and that changed or is gone, and a file that no signature covers,
    make it altered.

    Raises:
        Exception: of many kinds, when it is no container.
    """
    with zipfile.ZipFile(path) as archive:
        names = entries(archive, path)
        first = archive.infolist()[0]
        if first.filename != "mimetype" or first.header_offset != 0:
            raise DamagedArchive
        if _small(archive, "mimetype").strip() != MEDIA_TYPE.encode():
            raise DamagedArchive
        parts = [_part(archive, name, names) for name in names if _is_manifest(name)]
        _nothing_else(archive, names, parts)
    content = {name for name in names if not name.startswith(FOLDER)} - {"mimetype"}
    covered = set[str]().union(*(part.named for part in parts if not part.proof.time_stamp))
    whole = content <= covered
    proofs = _ordered(parts)
    findings = Findings(proofs, removed=False, unexplained=not whole)
    for part in parts:
        if part.proof.coverage is not None:
            part.proof.coverage = Coverage(True, whole, whole, content <= part.named, 0)
    run(_judged(proofs, trust, now))
    for part in parts:
        if not part.proof.time_stamp and whole and not content <= part.named:
            part.proof.findings.append("covers_part")
            part.proof.trusted = False
    return report(path, findings, language), findings


async def _judged(proofs: Sequence[Proof], trust: Trust, now: datetime) -> None:
    material = _material(proofs, trust)

    async def stamp(proof: Proof, moment: datetime) -> None:
        await validate_time_stamp(proof, material, moment)

    async def signature(proof: Proof, moment: datetime, archived: bool) -> None:
        await validate_cms(proof, material, moment, archived=archived, now=now)

    await backwards(proofs, now, stamp, signature)


def _ordered(parts: Sequence[_Part]) -> list[Proof]:
    """Signatures first, then time stamps by what they cover.

    One that leaves out a signature, its manifest, or an earlier time stamp counts for nothing.
    """
    earlier = {name for part in parts if not part.proof.time_stamp for name in _own(part)}
    stamps = sorted((part for part in parts if part.proof.time_stamp), key=_width)
    for number, part in enumerate(stamps, 1):
        part.proof.revision = number if earlier <= part.named else -number
        earlier |= _own(part)
    proofs = [part.proof for part in parts if not part.proof.time_stamp]
    for proof in proofs:
        proof.revision = 0
    return [*proofs, *(part.proof for part in stamps)]


def _own(part: _Part) -> set[str]:
    return {part.proof.field, part.manifest}


def _width(part: _Part) -> int:
    return len(part.named)


def _material(proofs: Sequence[Proof], trust: Trust) -> Material:
    """With the certificates and revocation data that the signatures carry."""
    held = [carried(proof.embedded.signed_data) for proof in proofs if proof.embedded is not None]
    return Material(
        trust,
        certificates=[one for each in held for one in each.certificates],
        lists=[one for each in held for one in each.lists],
        answers=[one for each in held for one in each.answers],
    )


def _is_manifest(name: str) -> bool:
    return name.endswith(".xml") and name.startswith(tuple(FOLDER + one for one in _MANIFESTS))


def _nothing_else(archive: zipfile.ZipFile, names: list[str], parts: Sequence[_Part]) -> None:
    """Whether beside manifests and what they name there is nothing that pretends to be a signature.

    Raises:
        DamagedArchive: there is.
    """
    made = [part.proof.field for part in parts]
    beside = {name for name in names if name.startswith(FOLDER)} - {part.manifest for part in parts}
    if len(set(made)) != len(made) or not set(made) <= beside:
        raise DamagedArchive
    for name in beside - set(made):
        listing = ElementTree.fromstring(_xml(archive, name)) if name == _LISTING else None  # noqa: S314
        if listing is None or not listing.tag.endswith("}manifest"):
            raise DamagedArchive


def _part(archive: zipfile.ZipFile, manifest: str, names: list[str]) -> _Part:
    """The signature or time stamp over one manifest, and the files it covers."""
    content = _xml(archive, manifest)
    root = ElementTree.fromstring(content)  # noqa: S314 - small, and without entities
    reference = root.find(f"{{{NAMESPACE}}}SigReference")
    if reference is None:
        raise DamagedArchive
    proof, named = Proof(unquote(reference.get("URI", ""))), set[str]()
    proof.time_stamp = proof.field.endswith(".tst")
    unchanged = True
    for name, algorithm, value in _references(root):
        if name in named:
            raise DamagedArchive  # to be hashed again and again
        named.add(name)
        unchanged &= name in names and hmac.compare_digest(_digest(archive, name, algorithm), value)
    try:
        info = cms.ContentInfo.load(_small(archive, proof.field), strict=True)
        proof.embedded = DetachedSignature(info, content, unchanged)
        proof.coverage = Coverage(True, True, True, True, 0)
    except Exception:  # a signature that cannot be read is a finding, whatever the reason
        proof.findings.append("signature_unreadable")
    return _Part(proof, manifest, named)


def _references(root: ElementTree.Element) -> Iterator[tuple[str, str, bytes]]:
    for one in root.findall(f"{{{NAMESPACE}}}DataObjectReference"):
        method = one.find(f"{{{DS}}}DigestMethod")
        value = one.findtext(f"{{{DS}}}DigestValue") or ""
        algorithm = _DIGESTS[method.get("Algorithm", "") if method is not None else ""]
        yield unquote(one.get("URI", "")), algorithm, base64.b64decode(value, validate=True)


def _xml(archive: zipfile.ZipFile, name: str) -> bytes:
    content = _small(archive, name)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DamagedArchive
    return content


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _SMALL:
        raise DamagedArchive
    return archive.read(name)


def _digest(archive: zipfile.ZipFile, name: str, algorithm: str) -> bytes:
    digest = hashlib.new(algorithm)
    with archive.open(name) as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return digest.digest()
