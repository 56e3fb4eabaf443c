"""The code made before signing: the same one after a crash, and what is kept beside it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from checked_desk import NAME, NUMBER, PAGE, CheckedDesk, a_checked_desk
from drawn_signatures import decision

from schemas.dossier import Stage
from schemas.errors import ConfigurationError, NotFound, ServiceUnavailable
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, Source
from signing import Signer, verify
from storage import PUBLIC_CODE_MADE, Document
from usecases.caller import local_operator
from usecases.public_check import by_code
from usecases.public_codes import signer_title
from usecases.reserved_codes import reserved_link
from usecases.results import draw, shipped_templates

TITLES = ("CHỦ TỊCH", "GIÁM ĐỐC", "TRƯỞNG PHÒNG")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[CheckedDesk]:
    with a_checked_desk(tmp_path) as opened:
        yield opened


def drawn(office: CheckedDesk, document: Document) -> tuple[list[str], str]:
    """What telephones read on the first page of a signed file, and what the ledger says."""
    opened = pdfium.PdfDocument(office.signed(document))
    opened.init_forms()
    picture = opened[0].render(scale=300 / 72, may_draw_forms=True).to_pil()
    read = [one.text for one in zxingcpp.read_barcodes(picture)]
    opened.close()
    return read, office.code_of(document)


def test_what_is_drawn_is_the_ledgers_code(office: CheckedDesk) -> None:
    paper = office.published("H17-261123-0001")
    (read,), code = drawn(office, paper)
    assert read == f"{PAGE}{code}"
    assert verify(office.signed(paper), office.context.trust).verdict.value == "valid"
    assert office.context.ledger.prove(paper.dossier_id)


def test_a_signing_that_is_repeated_draws_the_same_code(
    office: CheckedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off after the code was made, and again after the file was signed."""
    paper = office.ready("H17-261123-0001")
    sign = Signer.sign

    def away(*_: object, **__: object) -> None:
        raise ServiceUnavailable("signing.time_stamp_unavailable")

    monkeypatch.setattr(Signer, "sign", away)
    with pytest.raises(ServiceUnavailable):
        office.run(paper, until=Stage.signed)
    code = office.code_of(paper)
    asked: list[str | None] = []

    def told(*given: object, public_code: str | None = None, **how: object) -> object:
        asked.append(public_code)
        return sign(*given, public_code=public_code, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Signer, "sign", told)
    keep = type(office.context.objects).keep_made
    with monkeypatch.context() as cut, pytest.raises(ServiceUnavailable):
        cut.setattr(type(office.context.objects), "keep_made", away)
        office.run(paper, until=Stage.signed)
    assert type(office.context.objects).keep_made is keep
    done = office.run(paper)
    assert done.stage is Stage.published
    assert asked == [code, code]
    assert drawn(office, paper) == ([f"{PAGE}{code}"], code)
    made = [one for one in office.context.ledger.events() if one.kind == PUBLIC_CODE_MADE]
    assert len(made) == 1


def test_a_code_that_was_reserved_is_that_of_the_paper_it_was_drawn_on(
    office: CheckedDesk, tmp_path: Path
) -> None:
    """A result that is drawn, and may be signed by its leader, before the ledger knows it."""
    ledger, rooms = office.context.ledger, office.desk.rooms
    link = reserved_link(local_operator(), rooms)
    code = link.removeprefix(PAGE)
    assert ledger.public_codes.has_reserved()
    with pytest.raises(NotFound):
        by_code(rooms, code)
    made = tmp_path / "drawn.pdf"
    draw(shipped_templates()["decision"], {**decision(), "check": link}, made)
    paper = office.published("H17-261123-0001", drawn=made, pages=1)
    assert office.code_of(paper) == code and not ledger.public_codes.has_reserved()
    assert by_code(rooms, code).pages == 1
    again = office.published("H17-261123-0002", drawn=made, pages=1)
    assert office.code_of(again) != code, "the first paper keeps it"
    with pytest.raises(ConfigurationError):
        reserved_link(local_operator(), replace(rooms, signing=None))


def test_nothing_personal_is_kept_beside_it(office: CheckedDesk) -> None:
    paper = office.ready("H17-261123-0001", title=f"KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH {NAME.upper()}")
    office.run(paper, until=Stage.signed)
    row = office.context.ledger.public_codes.of(paper.id)
    assert row is not None and row.knows(NUMBER[-6:]) and not row.knows(NUMBER[:6])
    kept = str(row.model_dump())
    assert NUMBER[-6:] not in kept and NAME not in kept and NAME.upper() not in kept


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("CHỦ TỊCH", "CHỦ TỊCH"),
        ("KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        ("Q. Giám đốc", "GIÁM ĐỐC"),
        (f"TRƯỞNG PHÒNG {NAME.upper()}", "TRƯỞNG PHÒNG"),
        (NAME.upper(), None),
        ("", None),
    ],
)
def test_the_title_is_one_of_the_list(said: str, title: str | None) -> None:
    source = Source(name="1.pdf", sha256="0" * 64, bytes=1, media_type="application/pdf")
    field = Field(value=said, confidence=0.9, status=FieldStatus.accepted)
    manifest = Manifest(
        source=source, document_type=None, form_version=None, legal_basis=None, pages=(),
        fields={"signer_title": field},
    )  # fmt: skip
    assert signer_title(manifest, TITLES) == title
    doubted = field.model_copy(update={"status": FieldStatus.review})
    unsure = manifest.model_copy(update={"fields": {"signer_title": doubted}})
    assert signer_title(unsure, TITLES) is None
