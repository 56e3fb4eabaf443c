"""What programs that are not ours say of a signed PDF: pdfsig, MuPDF, OpenSSL, qpdf."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from asn1crypto import cms, pem

TIME_STAMP = "/ETSI.RFC3161"


@dataclass(frozen=True)
class Part:
    """One signature or document time stamp, taken out of its PDF."""

    field: str
    kind: str
    """``/SubFilter``"""
    content: bytes
    """CMS in DER."""
    covered: bytes
    """The bytes that are signed."""


def parts_of(path: Path) -> list[Part]:
    """Signatures and document time stamps, in the order in which they were made."""
    data = path.read_bytes()
    with pikepdf.open(path) as document:
        found = [
            (str(field.T), str(field.V.SubFilter), bytes(field.V.Contents), list(field.V.ByteRange))
            for field in document.Root.AcroForm.Fields
            if "/V" in field
        ]
    parts = []
    for name, kind, content, numbers in sorted(found, key=lambda one: one[3][2]):
        a, b, c, d = (int(number) for number in numbers)
        length = len(cms.ContentInfo.load(content).dump())
        parts.append(Part(name, kind, content[:length], data[a : a + b] + data[c : c + d]))
    return parts


def trust_of_pdfsig(folder: Path, root: Path) -> str:
    """A certificate store that trusts ``root``, as ``pdfsig -nssdir`` wants it."""
    folder.mkdir()
    where = f"sql:{folder}"
    _run("certutil", "-N", "-d", where, "--empty-password")
    _run("certutil", "-A", "-d", where, "-n", "root", "-t", "C,C,C", "-i", str(root))
    return where


def pdfsig(path: Path, store: str) -> str:
    """What Poppler says, with the trust of ``store``."""
    return _said("pdfsig", "-nssdir", store, str(path))


def mutool(path: Path) -> str:
    """What MuPDF says."""
    return _said("mutool", "sign", "-v", str(path))


def qpdf(path: Path) -> None:
    """Let qpdf check the file."""
    _run("qpdf", "--check", str(path))


class OpenSSL:
    """Verifies parts with a root and the certificates that came along."""

    def __init__(self, folder: Path, root: Path, others: Path) -> None:
        """``root`` and ``others`` are PEM files; ``folder`` takes what is extracted."""
        self._folder, self._root, self._others = folder, root, others

    def cms(self, part: Part) -> None:
        """The signature itself, with its certificate up to the root."""
        content, data = self._written(content=part.content, data=part.covered)
        trust = ("-CAfile", str(self._root), "-purpose", "any")
        _run(
            *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", content),
            *("-content", data, *trust, "-out", "/dev/null"),
        )

    def ts(self, token: bytes, data: bytes) -> None:
        """A time-stamp token over ``data``."""
        content, stamped = self._written(content=token, data=data)
        _run(
            *("openssl", "ts", "-verify", "-token_in", "-in", content, "-data", stamped),
            *("-CAfile", str(self._root), "-untrusted", str(self._others)),
        )

    def every(self, path: Path) -> tuple[int, int]:
        """Everything in a PDF; the number of signatures and of time stamps."""
        signatures = stamps = 0
        for part in parts_of(path):
            if part.kind == TIME_STAMP:
                self.ts(part.content, part.covered)
                stamps += 1
                continue
            self.cms(part)
            signatures += 1
            for token, signature in _tokens(part.content):
                self.ts(token, signature)
                stamps += 1
        return signatures, stamps

    def _written(self, **files: bytes) -> list[str]:
        for name, content in files.items():
            (self._folder / name).write_bytes(content)
        return [str(self._folder / name) for name in files]


def _tokens(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Time stamps of a signature, each with what it is over."""
    for signer in cms.ContentInfo.load(content)["content"]["signer_infos"]:
        for attribute in signer["unsigned_attrs"]:
            if attribute["type"].native == "signature_time_stamp_token":
                yield attribute["values"][0].dump(), signer["signature"].native


def pem_of(certificates: list[bytes], path: Path) -> Path:
    """Certificates in DER as one PEM file."""
    path.write_bytes(b"".join(pem.armor("CERTIFICATE", one) for one in certificates))
    return path


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]} {command[1]}: {done.stdout}{done.stderr}"


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
