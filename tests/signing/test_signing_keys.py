"""Keys in files, in tokens and at a remote service; certificates are checked before they sign."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography import x509 as pyca_x509
from cryptography.hazmat.primitives import serialization
from external_services import Outside
from prepared import absent, need_programs

from schemas.errors import ConfigurationError, ServiceUnavailable, SohoaError
from schemas.verdict import Verdict
from signing import Level, Pki, Signer, SignerRole, SigningOptions, trust_store, verify
from signing.external.secret import read_secret, secret_of
from signing.keys.checks import refuse_weak
from signing.options import FileKey, KeyChoice, RemoteKey, RetryPolicy, TokenKey

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN"
SOFT_HSM = next(
    (
        path
        for path in (
            Path("/usr/lib/softhsm/libsofthsm2.so"),
            Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
        )
        if path.exists()
    ),
    None,
)
QUICK = RetryPolicy(seconds=20, tries=2, pause=0, failures=50)


def _secret(folder: Path, text: str) -> Path:
    path = folder / f"secret-{len(list(folder.iterdir()))}"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def _signer(pki: Pki, outside: Outside, key: KeyChoice, level: Level = Level.b_lta) -> Signer:
    options = SigningOptions(
        agency=AGENCY,
        level=level,
        keys={SignerRole.leader: key},
        trust_anchors=(outside.pem("root"),),
        intermediates=(outside.pem("issuing"),),
        services=QUICK,
    )
    return Signer(pki, options)


def _signs(pki: Pki, outside: Outside, key: KeyChoice, source: Path, who: str) -> None:
    signer = _signer(pki, outside, key)
    out = source.with_name("signed.pdf")
    signed = signer.sign(source, out, role=SignerRole.leader)
    assert signed.level is Level.b_lta
    verdict = verify(out, trust_store(pki, [outside.pem("root")]))
    assert verdict.verdict is Verdict.valid
    assert verdict.signatures[0].signer == who
    assert verdict.signatures[0].findings == ()
    assert signer.sign(source, out, role=SignerRole.leader).adopted
    signer.close()


@pytest.mark.parametrize(
    ("label", "who"), [("leader", "Trần Thị Bưởi"), ("curve", "Lê Văn Mít")], ids=["rsa", "p256"]
)
def test_a_key_in_a_file_signs(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path, label: str, who: str
) -> None:
    """RSA with a CRL, P-256 with OCSP: the evidence is fetched and embedded."""
    chosen = FileKey(
        kind="pkcs12",
        file=outside.bundle(label, "bí mật"),
        password_file=_secret(tmp_path, "bí mật"),
    )
    _signs(pki, outside, chosen, source, who)


def test_a_key_at_a_remote_service_signs(pki: Pki, outside: Outside, source: Path) -> None:
    chosen = RemoteKey(kind="csc", address=outside.address, credential="outside/leader")
    _signs(pki, outside, chosen, source, "Trần Thị Bưởi")


def test_a_remote_service_that_is_away_or_refuses(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path
) -> None:
    chosen = RemoteKey(kind="csc", address=outside.address, credential="outside/leader")
    signer = _signer(pki, outside, chosen)
    outside.behaviour.dead = True
    with pytest.raises(ServiceUnavailable) as away:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.leader)
    assert away.value.code == "signing.remote_key_unavailable"
    assert [state.working for state in signer.services] == [False]
    outside.behaviour.dead = False
    signer.sign(source, tmp_path / "out.pdf", role=SignerRole.leader)
    assert all(state.working for state in signer.services)
    signer.close()
    unknown = RemoteKey(kind="csc", address=outside.address, credential="outside/nobody")
    signer = _signer(pki, outside, unknown)
    with pytest.raises(SohoaError) as refused:
        signer.check(SignerRole.leader)
    assert refused.value.code in {"signing.remote_key_wrong", "signing.remote_key_refused"}
    signer.close()


# --- tokens --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def token(outside_running: Outside, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A software token with an RSA and a P-256 key; its environment."""
    if SOFT_HSM is None:
        absent("the module libsofthsm2.so", "softhsm2")
    need_programs("softhsm2-util")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    environment = {**os.environ, "SOFTHSM2_CONF": str(conf)}

    def util(*arguments: str) -> None:
        subprocess.run(
            ["softhsm2-util", *arguments], env=environment, check=True, capture_output=True
        )

    util("--init-token", "--free", "--label", "office", "--pin", "4711", "--so-pin", "0000")
    fill = folder / "fill.py"
    fill.write_text(_FILL)
    for number, label in enumerate(("leader", "curve"), start=1):
        key = folder / "key.pem"
        key.write_bytes(
            outside_running.key(label).private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        util(
            "--import", str(key), "--token", "office", "--label", label, "--id", f"0{number}",
            "--pin", "4711",
        )  # fmt: skip
        certificate = folder / f"{label}.der"
        certificate.write_bytes(outside_running.certificate(label).dump())
        subprocess.run(
            [sys.executable, str(fill), str(SOFT_HSM), label, str(certificate)],
            env=environment,
            check=True,
        )
    return environment


_FILL = """
import sys
import pkcs11
from pkcs11 import Attribute, ObjectClass
from asn1crypto import x509
module, label, path = sys.argv[1:]
der = open(path, "rb").read()
subject = x509.Certificate.load(der).subject.dump()
with pkcs11.lib(module).get_token(token_label="office").open(user_pin="4711", rw=True) as session:
    session.create_object({
        Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE:
        pkcs11.CertificateType.X_509, Attribute.TOKEN: True, Attribute.LABEL: label,
        Attribute.SUBJECT: subject, Attribute.VALUE: der,
    })
"""

_USE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from schemas.errors import SohoaError
from signing import Pki, Signer, SignerRole, SigningOptions
from signing.options import TokenKey
pki, module, root, issuing, source, out, labels, pin, times = sys.argv[1:]
options = SigningOptions(
    agency="ỦY BAN", trust_anchors=(Path(root),), intermediates=(Path(issuing),),
    keys={role: TokenKey(
        kind="pkcs11", module=Path(module), token="office", label=label, pin_file=Path(pin))
        for role, label in zip(SignerRole, labels.split(","))},
)
signer = Signer(Pki(Path(pki), lambda: datetime.now(UTC)), options)
for number in range(int(times)):
    role = list(SignerRole)[number % len(labels.split(","))]
    try:
        signer.sign(Path(source), Path(f"{out}{number}.pdf"), role=role)
        print("signed")
    except SohoaError as error:
        print(error.code)
signer.close()
"""


def _with_token(
    token: dict[str, str],
    pki: Pki,
    outside: Outside,
    source: Path,
    label: str,
    pin: str,
    times: int,
) -> list[str]:
    """In a process of its own: SoftHSM reads its configuration when it is loaded."""
    script = source.with_name("use.py")
    script.write_text(_USE)
    said = subprocess.run(
        [
            sys.executable, str(script), str(pki.directory), str(SOFT_HSM),
            str(outside.pem("root")), str(outside.pem("issuing")), str(source),
            str(source.with_name("out")), label, str(_secret(source.parent, pin)), str(times),
        ],
        env={**token, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    assert pin not in said.stderr
    return said.stdout.split()


def test_keys_in_a_token_sign(
    token: dict[str, str], pki: Pki, outside: Outside, source: Path
) -> None:
    """RSA and P-256, of two roles: one login for both."""
    said = _with_token(token, pki, outside, source, "leader,curve", "4711", 4)
    assert said == ["signed"] * 4
    for number, who in ((0, "Trần Thị Bưởi"), (3, "Lê Văn Mít")):
        path = source.with_name(f"out{number}.pdf")
        verdict = verify(path, trust_store(pki, [outside.pem("root")]))
        assert verdict.verdict is Verdict.valid and verdict.signatures[0].signer == who


def test_a_wrong_pin_is_tried_once_only(
    token: dict[str, str], pki: Pki, outside: Outside, source: Path
) -> None:
    """Twelve documents, one login that fails: the token is not locked, the right PIN still opens it
    (and finds that a key is not there)."""
    said = _with_token(token, pki, outside, source, "leader", "0815", 12)
    assert said == ["signing.token_pin_wrong"] * 12
    said = _with_token(token, pki, outside, source, "nobody", "4711", 1)
    assert said == ["signing.token_key_missing"]


def test_a_module_that_is_not_there(pki: Pki, outside: Outside, tmp_path: Path) -> None:
    chosen = TokenKey(
        kind="pkcs11",
        module=tmp_path / "none.so",
        token="office",
        label="leader",
        pin_file=_secret(tmp_path, "4711"),
    )
    signer = _signer(pki, outside, chosen)
    with pytest.raises(ConfigurationError) as caught:
        signer.check(SignerRole.leader)
    assert caught.value.code == "signing.token_missing"
    signer.close()


# --- secrets -------------------------------------------------------------------------------------


def test_secrets_come_from_files_nobody_else_reads(tmp_path: Path) -> None:
    path = _secret(tmp_path, "bí mật")
    assert read_secret(path) == "bí mật"
    for mode in (0o640, 0o604, 0o644):
        path.chmod(mode)
        with pytest.raises(ConfigurationError) as caught:
            read_secret(path)
        assert caught.value.code == "signing.secret_open"
        assert "bí mật" not in str(caught.value)
    path.chmod(0o600)
    path.write_text("")
    for wrong in (path, tmp_path, tmp_path / "none"):
        with pytest.raises(ConfigurationError) as caught:
            read_secret(wrong)
        assert caught.value.code == "signing.secret_missing"


def test_secrets_are_asked_for_where_there_is_no_file() -> None:
    assert secret_of("leader", None, lambda role: f"of {role}") == "of leader"
    with pytest.raises(ConfigurationError) as caught:
        secret_of("leader", None, None)
    assert caught.value.code == "signing.secret_needed"


def test_a_wrong_password_and_a_damaged_file(pki: Pki, outside: Outside, tmp_path: Path) -> None:
    good = outside.bundle("leader", "đúng")
    bad = tmp_path / "bad.p12"
    bad.write_bytes(good.read_bytes()[:200])
    for file, code in (
        (good, "key_not_opened"),
        (bad, "key_not_opened"),
        (tmp_path / "none.p12", "key_missing"),
    ):
        chosen = FileKey(kind="pkcs12", file=file, password_file=_secret(tmp_path, "sai"))
        signer = _signer(pki, outside, chosen)
        with pytest.raises(ConfigurationError) as caught:
            signer.check(SignerRole.leader)
        assert caught.value.code == f"signing.{code}"
        signer.close()


# --- certificates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("revoked", "certificate_revoked"),
        ("old", "certificate_expired"),
        ("tls", "certificate_usage"),
        ("weak", "certificate_weak"),
    ],
)
def test_what_must_not_sign_does_not(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path, label: str, code: str
) -> None:
    """At the lowest level too: the check does not hang on what is embedded."""
    chosen = FileKey(
        kind="pkcs12", file=outside.bundle(label, "x"), password_file=_secret(tmp_path, "x")
    )
    for level in (Level.b_b, Level.b_lta):
        signer = _signer(pki, outside, chosen, level)
        with pytest.raises(ConfigurationError) as caught:
            signer.sign(source, tmp_path / "out.pdf", role=SignerRole.leader)
        assert caught.value.code == f"signing.{code}"
        assert not (tmp_path / "out.pdf").exists()
        signer.close()


def test_without_its_root_it_does_not_sign(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path
) -> None:
    chosen = FileKey(
        kind="pkcs12", file=outside.bundle("leader", "x"), password_file=_secret(tmp_path, "x")
    )
    options = SigningOptions(agency=AGENCY, keys={SignerRole.leader: chosen}, services=QUICK)
    signer = Signer(pki, options)
    with pytest.raises(ConfigurationError) as caught:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.leader)
    assert caught.value.code == "signing.certificate_untrusted"
    signer.close()


def test_authorities_are_no_signers_and_sha1_is_weak(pki: Pki) -> None:
    from signing.keys.checks import usage_of

    with pytest.raises(ConfigurationError):
        usage_of(pki.certificate("issuing"))
    refuse_weak(pki.certificate("leader"))
    made = pyca_x509.load_der_x509_certificate(pki.certificate("leader").dump())
    der = made.public_bytes(serialization.Encoding.DER)
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    weak = x509.Certificate.load(der.replace(sha256, sha1))
    with pytest.raises(ConfigurationError) as caught:
        refuse_weak(weak)
    assert caught.value.code == "signing.certificate_weak"


def test_revocation_lists_that_are_away_stop_the_signing(
    pki: Pki, outside: Outside, source: Path, tmp_path: Path
) -> None:
    chosen = FileKey(
        kind="pkcs12", file=outside.bundle("leader", "x"), password_file=_secret(tmp_path, "x")
    )
    signer = _signer(pki, outside, chosen)
    outside.behaviour.dying = {"crls"}
    with pytest.raises(ServiceUnavailable) as caught:
        signer.sign(source, tmp_path / "out.pdf", role=SignerRole.leader)
    assert caught.value.code == "signing.revocation_unavailable"
    assert sorted(tmp_path.glob("*.pdf*")) == [source]
    outside.behaviour.dying = set()
    assert signer.sign(source, tmp_path / "out.pdf", role=SignerRole.leader).level is Level.b_lta
    signer.close()
