"""The certificate of the embedded store: made once, the owner's only, renewed in time."""

import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from storage.seaweedfs_tls import (
    RENEWED_BEFORE,
    SECURITY,
    VALID,
    WeedCertificate,
    ensure_certificate,
    write_security,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def content(files: WeedCertificate) -> list[bytes]:
    return [path.read_bytes() for path in (files.authority, files.certificate, files.key)]


def test_it_is_made_once(tmp_path: Path) -> None:
    first = content(ensure_certificate(tmp_path, NOW))
    assert content(ensure_certificate(tmp_path, NOW + timedelta(days=3650))) == first


def test_it_is_the_owners_only_and_the_authority_can_issue_no_other(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, NOW)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    issuer = x509.load_pem_x509_certificate(files.authority.read_bytes())
    kept = load_pem_private_key(files.key.read_bytes(), password=None)
    assert kept.public_key() != issuer.public_key()
    assert len(list(tmp_path.iterdir())) == 3


def test_one_that_is_about_to_end_is_made_anew(tmp_path: Path) -> None:
    first = content(ensure_certificate(tmp_path, NOW))
    late = NOW + VALID - RENEWED_BEFORE + timedelta(days=1)
    second = ensure_certificate(tmp_path, late)
    assert content(second) != first
    made = x509.load_pem_x509_certificate(second.certificate.read_bytes())
    assert made.not_valid_after_utc == late + VALID


@pytest.mark.parametrize("damage", ["authority", "certificate", "key"])
@pytest.mark.parametrize("how", ["missing", "empty", "garbage", "anothers"])
def test_one_that_is_damaged_is_made_anew(tmp_path: Path, damage: str, how: str) -> None:
    (tmp_path / "other").mkdir()
    other = ensure_certificate(tmp_path / "other", NOW)
    files = ensure_certificate(tmp_path, NOW)
    path: Path = getattr(files, damage)
    if how == "missing":
        path.unlink()
    else:
        new = {"empty": b"", "garbage": b"\x00\xff" * 40, "anothers": getattr(other, damage)}[how]
        path.write_bytes(new if isinstance(new, bytes) else new.read_bytes())
    again = ensure_certificate(tmp_path, NOW)
    certificate = x509.load_pem_x509_certificate(again.certificate.read_bytes())
    authority = x509.load_pem_x509_certificate(again.authority.read_bytes())
    certificate.verify_directly_issued_by(authority)
    key = load_pem_private_key(again.key.read_bytes(), password=None)
    assert key.public_key() == certificate.public_key()


def test_files_that_others_could_read_are_closed(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, NOW)
    files.key.chmod(0o644)
    ensure_certificate(tmp_path, NOW)
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["plain", "hồ sơ một cửa", 'quote " and \\ backslash'])
def test_every_part_asks_for_the_certificate(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    files = ensure_certificate(folder, NOW)
    write_security(tmp_path / SECURITY, files)
    assert stat.S_IMODE((tmp_path / SECURITY).stat().st_mode) == 0o600
    said = tomllib.loads((tmp_path / SECURITY).read_text("utf-8"))
    assert said["grpc"]["ca"] == str(files.authority)
    for part in ("master", "volume", "filer", "s3", "admin", "client"):
        assert said["grpc"][part]["key"] == str(files.key)
    for part in ("master", "volume", "filer", "admin"):
        assert said["https"][part]["ca"] == str(files.authority)
    assert said["https"]["client"]["enabled"] is True
