"""The development PKI: whole or not at all, private, and usable by other programs."""

import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from schemas.errors import ConfigurationError
from signing import Pki, trust_store
from signing.keys.pki import LABELS


def _now() -> datetime:
    return datetime.now(UTC)


def test_files_are_private_and_the_root_is_a_pem(pki: Pki) -> None:
    assert stat.S_IMODE(pki.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in pki.directory.iterdir()} == {0o600}
    root = x509.load_pem_x509_certificate(pki.root_path.read_bytes())
    assert root.not_valid_after_utc > _now() + timedelta(days=3650)
    assert pki.root_path.name == "root.pem"


def test_opening_again_gives_the_same_certificates(pki: Pki) -> None:
    again = Pki.ensure(pki.directory, "another name", _now)
    for label in LABELS:
        assert again.certificate(label).dump() == pki.certificate(label).dump()


def test_signing_certificates_are_for_signing_and_name_no_responder(pki: Pki) -> None:
    for label in ("seal", "clerk", "leader"):
        certificate = pki.certificate(label)
        assert {"digital_signature", "non_repudiation"} == certificate.key_usage_value.native
        assert certificate.ocsp_urls == []
        assert all(".invalid/" in point.url for point in certificate.crl_distribution_points)
        assert certificate.subject.native["country_name"] == "VN"
    assert pki.certificate("tsa").extended_key_usage_value.native == ["time_stamping"]


def test_what_an_interrupted_start_left_does_not_count(pki: Pki, tmp_path: Path) -> None:
    (tmp_path / ".pki.0badc0de.part").mkdir()
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "something").touch()
    with pytest.raises(ConfigurationError) as caught:
        Pki.ensure(tmp_path / "pki", "x", _now)
    assert caught.value.code == "signing.pki_damaged"


@pytest.mark.parametrize("damage", ["remove", "cut", "swap"])
def test_a_damaged_directory_is_named_so(pki: Pki, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "pki"
    shutil.copytree(pki.directory, copy)
    key = copy / "seal.key.pem"
    if damage == "remove":
        key.unlink()
    elif damage == "cut":
        key.write_bytes(key.read_bytes()[:500])
    else:
        shutil.copy(copy / "clerk.key.pem", key)
    with pytest.raises(ConfigurationError):
        Pki.ensure(copy, "x", _now)


def test_crls_are_made_anew_when_old(pki: Pki) -> None:
    moments = [_now()]
    own = Pki(pki.directory, lambda: moments[-1])
    first = own.crls(timedelta(hours=12))
    moments.append(moments[0] + timedelta(hours=11))
    assert own.crls(timedelta(hours=12)) is first
    moments.append(moments[0] + timedelta(hours=13))
    later = own.crls(timedelta(hours=12))
    assert later != first
    parsed = x509.load_der_x509_crl(later[0])
    assert parsed.last_update_utc <= moments[-1] < (parsed.next_update_utc or moments[0])
    assert list(parsed) == []


@pytest.mark.needs("openssl")
def test_openssl_accepts_chain_and_crls(pki: Pki, tmp_path: Path) -> None:
    crls = tmp_path / "crls.pem"
    crls.write_bytes(
        b"".join(
            x509.load_der_x509_crl(crl).public_bytes(encoding=_pem())
            for crl in pki.crls(timedelta(hours=1))
        )
    )
    directory = pki.directory
    done = subprocess.run(
        ["openssl", "verify", "-crl_check_all", "-x509_strict", "-CAfile", directory / "root.pem"]
        + ["-CRLfile", crls, "-untrusted", directory / "issuing.pem"]
        + [directory / f"{label}.pem" for label in ("seal", "clerk", "leader", "tsa")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _pem() -> object:
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.PEM


def test_trust_anchors_are_read_from_pem_and_der(pki: Pki, tmp_path: Path) -> None:
    der = tmp_path / "root.der"
    der.write_bytes(pki.root.dump())
    assert trust_store(None, [pki.root_path]).anchors == trust_store(None, [der]).anchors
    both = tmp_path / "both.pem"
    both.write_bytes(pki.root_path.read_bytes() + (pki.directory / "issuing.pem").read_bytes())
    assert len(trust_store(None, [both]).anchors) == 2
    for content in (b"", b"no certificate", (pki.directory / "seal.key.pem").read_bytes()):
        both.write_bytes(content)
        with pytest.raises(ConfigurationError):
            trust_store(None, [both])
    with pytest.raises(ConfigurationError):
        trust_store(None, [tmp_path / "missing"])
