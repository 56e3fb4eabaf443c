"""Signing profiles as data: the shipped ones, an office's own, and what is wrong with a file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from drawn_signatures import draw_paper, draw_seal, draw_signature

from schemas.errors import ConfigurationError, InputRejected, NotFound
from schemas.verdict import Verdict
from signing import (
    Level,
    Pki,
    Signer,
    SignerRole,
    SigningOptions,
    Trust,
    known_profiles,
    shipped_profiles,
    verify,
)
from signing.options import PictureFile

RECEIPT = """\
role: clerk
field: Received
locks: true
placement: top_right
stamp:
  - "ĐẾN: {signer}"
  - "Số đến {number}"
  - "{time}"
legal_basis: 30/2020/NĐ-CP, Điều 22
"""

DEPUTY = """\
role: leader
field: Deputy
locks: false
placement: signer_block
prepares: ward-seal
legal_basis: Quy chế làm việc của phường
"""

WARD_SEAL = """\
role: seal
field: WardSeal
locks: true
placement: over_signature
legal_basis: Quy chế làm việc của phường
"""


def _folder(tmp_path: Path, **contents: str) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir()
    for name, text in contents.items():
        (folder / f"{name.replace('_', '-')}.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture
def own(tmp_path: Path, pki: Pki) -> Iterator[Signer]:
    """A signer of an office with profiles of its own; the clerk has no picture."""
    options = SigningOptions(
        agency="ỦY BAN NHÂN DÂN PHƯỜNG HOA SEN",
        level=Level.b_b,
        profiles=_folder(tmp_path, receipt=RECEIPT, deputy=DEPUTY, ward_seal=WARD_SEAL),
        pictures={
            SignerRole.leader: PictureFile(file=draw_signature(tmp_path / "signature.png")),
            SignerRole.seal: PictureFile(file=draw_seal(tmp_path / "seal.png")),
        },
    )
    signer = Signer(pki, options)
    yield signer
    signer.close()


def _fields(path: Path) -> dict[str, pikepdf.Object]:
    with pikepdf.open(path) as document:
        return {str(one.T): one.get("/V") is not None for one in document.Root.AcroForm.Fields}


def test_what_is_shipped_is_what_the_law_asks() -> None:
    profiles = shipped_profiles()
    assert set(profiles) == {
        *("leader", "agency", "attachment", "sao-y", "sao-luc", "trich-sao", "component")
    }
    usual = {role: profiles.chosen(None, role).name for role in SignerRole}
    assert usual == {
        SignerRole.seal: "sao-y",
        SignerRole.clerk: "component",
        SignerRole.leader: "leader",
    }
    assert {one.name for one in profiles.values() if not one.locks} == {"leader", "component"}
    assert {one.name for one in profiles.values() if one.qr_code} == {
        *("sao-y", "sao-luc", "trich-sao")
    }
    assert known_profiles(Path("nowhere")) is profiles


def test_an_office_s_own_profile_signs_as_its_file_says(
    own: Signer, tmp_path: Path, trust: Trust
) -> None:
    source, out = draw_paper(tmp_path / "paper.pdf"), tmp_path / "out.pdf"
    with pytest.raises(ConfigurationError) as caught:
        own.sign(source, out, profile="receipt")
    assert caught.value.code == "signing.number_needed" and not out.exists()
    own.sign(source, out, profile="receipt", number="15/ĐẾN")
    verdict = verify(out, trust)
    assert verdict.verdict is Verdict.valid
    (signature,) = verdict.signatures
    assert signature.field == "Received1"
    assert signature.signer == "Cán bộ số hóa (chứng thư thử nghiệm)"
    with pytest.raises(InputRejected) as locked:
        own.sign(out, tmp_path / "more.pdf", role=SignerRole.seal)
    assert locked.value.code == "signing.locked"
    with pikepdf.open(out) as document:
        (widget,) = (one for one in document.pages[0].Annots if "/AP" in one)
        assert widget.AP.N.read_bytes().count(b"Tj") == 3


def test_own_profiles_make_places_ready_for_each_other(
    own: Signer, tmp_path: Path, trust: Trust
) -> None:
    paper = draw_paper(tmp_path / "paper.pdf")
    led, out = tmp_path / "led.pdf", tmp_path / "out.pdf"
    own.sign(paper, led, profile="deputy")
    assert _fields(led) == {"Deputy1": True, "WardSeal1": False}
    own.sign(led, out, profile="ward-seal")
    assert verify(out, trust).verdict is Verdict.valid
    assert _fields(out) == {"Deputy1": True, "WardSeal1": True}
    document = pdfium.PdfDocument(out)
    document.init_forms()
    shown = document[0].render(scale=1, rev_byteorder=True).to_numpy()[:, :, :3].astype(int)
    document.close()
    red = (shown[:, :, 0] > 150) & (shown[:, :, 1] < 80) & (shown[:, :, 2] < 80)
    assert np.count_nonzero(red) > 200


def test_places_of_those_who_come_are_made_by_their_profiles(own: Signer, tmp_path: Path) -> None:
    paper, out = draw_paper(tmp_path / "paper.pdf"), tmp_path / "out.pdf"
    own.sign(paper, out, profile="component", coming=["deputy", "ward-seal"])
    assert _fields(out) == {"Clerk1": True, "Deputy1": False, "WardSeal1": False}


def test_a_profile_nobody_knows_is_refused(own: Signer, tmp_path: Path) -> None:
    paper = draw_paper(tmp_path / "paper.pdf")
    with pytest.raises(NotFound) as caught:
        own.sign(paper, tmp_path / "out.pdf", profile="recipt")
    assert "receipt" in caught.value.sentence("vi")


def test_an_own_profile_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    text = RECEIPT.replace("field:", "usual: true\nfield:")
    profiles = known_profiles(_folder(tmp_path, receipt=text, agency=WARD_SEAL))
    assert profiles.chosen(None, SignerRole.clerk).name == "receipt"
    assert profiles["agency"].field == "WardSeal"
    assert profiles.chosen("agency", None) is profiles["agency"]


@pytest.mark.parametrize(
    ("change", "code", "line", "key"),
    [
        (("role: clerk", "role: king"), "data.not_one_of", 1, "role"),
        (("locks: true\n", ""), "data.missing_key", 1, "locks"),
        (("locks: true", "lock: true\nlocks: true"), "data.unknown_key", 3, "lock"),
        (("locks: true", "locks: true\nlocks: true"), "data.key_twice", 4, "locks"),
        (("field: Received", "field: Đến1"), "data.bad_value", 2, "field"),
        (("{number}", "{nubmer}"), "data.unknown_parameter", 5, "stamp"),
        (("{number}", "{number.real}"), "data.unknown_parameter", 5, "stamp"),
        (("{number}", "{number"), "data.brace", 5, "stamp"),
        (("legal_basis:", "prepares: agency\nlegal_basis:"), "signing.profile_prepares_elsewhere",
         1, ""),
        (("stamp:", "stamp: ["), "data.not_yaml", 6, None),
        (("role: clerk", "role: clerk\nname: x"), "data.unknown_key", 2, "name"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_told_by_its_line(
    tmp_path: Path, change: tuple[str, str], code: str, line: int, key: str | None
) -> None:
    folder = _folder(tmp_path, receipt=RECEIPT.replace(*change))
    with pytest.raises(ConfigurationError) as caught:
        known_profiles(folder)
    assert (caught.value.code, caught.value.params.get("line")) == (code, line)
    assert caught.value.params.get("key") == key
    for language in ("vi", "en"):
        assert "receipt.yaml" in caught.value.sentence(language)  # type: ignore[arg-type]


def test_what_contradicts_other_profiles_is_refused(tmp_path: Path) -> None:
    for number, (text, code) in enumerate(
        (
            (RECEIPT.replace("Received", "Leader"), "signing.profile_field_taken"),
            (DEPUTY, "signing.profile_prepares_unknown"),
            (DEPUTY.replace("ward-seal", "sao-y"), "signing.profile_prepares_unknown"),
        )
    ):
        place = tmp_path / str(number)
        place.mkdir()
        with pytest.raises(ConfigurationError) as caught:
            known_profiles(_folder(place, mine=text))
        assert caught.value.code == code
        assert "mine.yaml" in caught.value.sentence("vi")


def test_a_file_s_name_is_the_profile_s(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "Dấu đến.yaml").write_text(RECEIPT, "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        known_profiles(folder)
    assert caught.value.code == "data.bad_name"
    (folder / "Dấu đến.yaml").unlink()
    (folder / "notes.txt").write_text("no profile")
    (folder / "latin.yaml").write_bytes("role: c\xf4ng".encode("latin-1"))
    with pytest.raises(ConfigurationError) as caught:
        known_profiles(folder)
    assert caught.value.code == "data.not_text"
