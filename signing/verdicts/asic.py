# mypy: disable-error-code="no-untyped-call"
# pyHanko ships py.typed but leaves much of its interface without annotations.
"""Verifying ASiC-E containers (ETSI EN 319 162-1, 4.4); :mod:`signing.container` makes them."""

import base64
import hashlib
import hmac
import os
import struct
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

from asn1crypto import cms

from schemas.messages import Language
from schemas.verdict import FileVerdict
from signing.keys.trust import Trust
from signing.verdicts.changes import Coverage
from signing.verdicts.evidence import Findings, Proof, judge_cms, run
from signing.verdicts.legacy import DetachedSignature
from signing.verdicts.material import Material
from signing.verdicts.verify import report

MEDIA_TYPE = "application/vnd.etsi.asic-e+zip"
NAMESPACE = "http://uri.etsi.org/02918/v1.2.1#"
DS = "http://www.w3.org/2000/09/xmldsig#"
FOLDER = "META-INF/"

_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}

_END = struct.Struct("<4s4H2LH")
"""The end of central directory record of a ZIP archive, without a comment."""

_CHUNK = 1 << 20
_ENTRIES = 10_000
_UNPACKED = 8 << 30
_SMALL = 5 << 20
"""Limits on containers from strangers: entries, bytes in all, bytes of a manifest or signature."""


class _Damaged(Exception):
    """It is not the container it says it is."""


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
        with path.open("rb") as stream:
            stream.seek(-_END.size, os.SEEK_END)
            names = _names(archive, stream.read())
        found = [
            _proof(archive, name, names)
            for name in names
            if name.startswith(FOLDER + "ASiCManifest") and name.endswith(".xml")
        ]
        signatures = {name for name in names if name.startswith(FOLDER) and _signs(name)}
        if {proof.field for proof, _ in found} != signatures or len(found) != len(signatures):
            raise _Damaged
        content = {name for name in names if "/" not in name or not name.startswith(FOLDER)}
        covered = set[str]().union(*(named for _, named in found))
    whole = content - {"mimetype"} == covered
    material = Material(trust)
    for proof, _ in found:
        if proof.coverage is not None:
            sound = proof.coverage.sound
            proof.coverage = Coverage(sound, sound and whole, whole, whole, 0)
            run(judge_cms(proof, material, now, archived=False, now=now))
    proofs = [proof for proof, _ in found]
    findings = Findings(proofs, removed=False, unexplained=not whole)
    return report(path, findings, language), findings


def _signs(name: str) -> bool:
    return name.endswith((".p7s", ".p7m", "signatures.xml"))


def _names(archive: zipfile.ZipFile, end: bytes) -> list[str]:
    """The entries, if every reader finds the same ones: none twice, nothing before or behind."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    folded = {name.casefold() for name in names}
    if (
        not 1 <= len(entries) <= _ENTRIES
        or len(folded) != len(names)
        or any(PurePosixPath(name).is_absolute() or ".." in name.split("/") for name in names)
        or sum(entry.file_size for entry in entries) > _UNPACKED
        or entries[0].filename != "mimetype"
        or min(entry.header_offset for entry in entries) != entries[0].header_offset
        or entries[0].header_offset != 0
        or archive.comment
        or not _ends(archive, end)
        or archive.read("mimetype")[:100].strip() != MEDIA_TYPE.encode()
    ):
        raise _Damaged
    return [name for name in names if not name.endswith("/")]


def _ends(archive: zipfile.ZipFile, end: bytes) -> bool:
    """Whether the archive's last record is the file's end (APPNOTE 4.3.16)."""
    if len(end) != _END.size:
        return False
    signature, *_, start, comment = _END.unpack(end)
    beyond = start == 0xFFFFFFFF  # ZIP64: the true place is in another record
    return bool(
        signature == b"PK\x05\x06" and comment == 0 and (beyond or start == archive.start_dir)
    )


def _proof(archive: zipfile.ZipFile, manifest: str, names: list[str]) -> tuple[Proof, set[str]]:
    """The signature over one manifest, and the files it covers."""
    content = _small(archive, manifest)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise _Damaged
    root = ElementTree.fromstring(content)  # noqa: S314 - small, and without entities
    reference = root.find(f"{{{NAMESPACE}}}SigReference")
    if reference is None:
        raise _Damaged
    field = unquote(reference.get("URI", ""))
    proof, named = Proof(field), set[str]()
    unchanged = True
    for name, algorithm, value in _references(root):
        named.add(name)
        unchanged &= name in names and hmac.compare_digest(_digest(archive, name, algorithm), value)
    try:
        info = cms.ContentInfo.load(_small(archive, field), strict=True)
        proof.embedded = DetachedSignature(info, content, unchanged)
        proof.coverage = Coverage(True, True, True, True, 0)
    except Exception:  # a signature that cannot be read is a finding, whatever the reason
        proof.findings.append("signature_unreadable")
    return proof, named


def _references(root: ElementTree.Element) -> Iterator[tuple[str, str, bytes]]:
    for one in root.findall(f"{{{NAMESPACE}}}DataObjectReference"):
        method = one.find(f"{{{DS}}}DigestMethod")
        value = one.findtext(f"{{{DS}}}DigestValue") or ""
        algorithm = _DIGESTS[method.get("Algorithm", "") if method is not None else ""]
        yield unquote(one.get("URI", "")), algorithm, base64.b64decode(value, validate=True)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _SMALL:
        raise _Damaged
    return archive.read(name)


def _digest(archive: zipfile.ZipFile, name: str, algorithm: str) -> bytes:
    digest = hashlib.new(algorithm)
    with archive.open(name) as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return digest.digest()
