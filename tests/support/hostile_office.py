"""An office in which everything that people and files may say means harm.

All of it stands on pages as text, or is refused before it comes in.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pikepdf
from desk_office import HERE, PASSWORD, DeskOffice, a_desk
from desk_papers import awaiting, failed
from doubtful_desk import manifest, read, under_review
from drawn_pages import FONT
from fpdf import FPDF
from prepared import need_font
from stacks import head

from schemas.department import Department
from schemas.dossier import Role
from schemas.field import Field, FieldStatus, Reading
from schemas.manifest import Manifest
from usecases import accounts
from usecases.caller import Duty, local_operator

MARK = "xss-probe"
PROBE = f"\"'></textarea><{MARK} onfocus=alert(1) autofocus><script>alert(2)</script>"
"""Leaves attributes, text areas and elements, where it is not escaped."""
NAMED = "<script>alert(3)<\u2215script><img src=x onerror=alert(4)>.pdf"
"""A file's name may not hold a slash; this is as near as one comes."""
CODE, SIGNED, BORN, FAILED = (f"H17-261124-00{number}" for number in range(41, 45))
BAD_CODE = f"H17-<{MARK}>\"'-1"
"""What the ledger takes from other programs is not looked at again when it is shown."""


class Markup(HTMLParser):
    """What a browser would make of a page: whatever runs, or is not of our templates."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == MARK or (tag == "script" and not (said.get("src") or "").startswith("/static/")):
            self.wrong.append(self.get_starttag_text() or tag)
        for name, value in attrs:
            runs = (value or "").strip().lower().startswith(("javascript:", "data:", "vbscript:"))
            if name.startswith("on") or name == "style" or runs:
                self.wrong.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if tag == MARK:
            self.wrong.append(f"</{tag}>")


@dataclass
class Hostile:
    """The desk, with one account of all duties, and what was read of a hostile PDF."""

    desk: DeskOffice
    read: Manifest


def hostile_pdf(path: Path) -> Path:
    """A decision whose text, title, outline, form and script mean harm."""
    pdf = FPDF(unit="pt", format="A4")
    pdf.add_font("Tinos", fname=str(need_font(FONT)))
    head(pdf, "7/QĐ-UBND", "<script>alert(5)</script>")
    pdf.text(250, 150, "QUYẾT ĐỊNH")
    pdf.text(120, 170, "Về việc <script>alert(6)</script> <img src=x onerror=alert(7)>")
    for row in range(12):
        pdf.text(80, 220 + 24 * row, f"Căn cứ hồ sơ của <b onclick=alert(8)>công dân</b> số {row}.")
    with pikepdf.open(io.BytesIO(bytes(pdf.output()))) as made:
        with made.open_metadata() as metadata:
            metadata["dc:title"] = PROBE
            metadata["dc:creator"] = [PROBE]
        made.docinfo["/Title"] = PROBE
        made.docinfo["/Author"] = PROBE
        made.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('9')")
        )
        with made.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(PROBE, 0))
        made.save(path)
    return path


def doubted(value: str) -> Field:
    """A doubtful field whose readers, reasons and value say the same."""
    return Field(
        value=value, raw=value, confidence=0.5, status=FieldStatus.review, page=1,
        box=(60, 160, 300, 190), readers=(Reading(reader="line", text=value, confidence=0.5),),
    )  # fmt: skip


@contextmanager
def hostile_office(folder: Path) -> Iterator[Hostile]:
    """Open it; the PDF is really read."""
    made, pdf = read(hostile_pdf(folder / "a.pdf"), folder / "read")
    asked = made.model_copy(
        update={"fields": {**made.fields, "subject": doubted(PROBE), "number": doubted(PROBE)}}
    )
    with a_desk(folder, waiting=False, office=PROBE, inbox=folder / "inbox") as desk:
        rooms, ledger = desk.rooms, desk.rooms.ledger
        ledger.add_department(Department(id="thu", name=PROBE), "test")
        accounts.add(
            local_operator(), rooms, "moi", list(Duty), [HERE, "thu"], password=PASSWORD
        )  # fmt: skip
        under_review(rooms, asked, pdf, code=CODE, name=NAMED)
        form = {"full_name": doubted(PROBE), "head_name": doubted(PROBE), "dob": doubted("x")}
        under_review(rooms, manifest(fields=form), pdf, code=BORN, name=PROBE)
        under_review(rooms, asked, pdf, code=BAD_CODE, name=PROBE, role=Role.result)
        awaiting(rooms, SIGNED, HERE, typed=PROBE)
        failed(rooms, FAILED, HERE)
        browser = desk.signed_in("moi")
        document = ledger.documents(ledger.dossier(CODE).id)[0]  # type: ignore[union-attr]
        seen = document.manifest_sha256 or ""
        asked_for = browser.form(f"/review/{CODE}/1/rescan", seen=seen, page="1", reason=PROBE)
        assert asked_for.status_code == 303, asked_for.text
        yield Hostile(desk, made)
        desk.app.state.desk.close()
