"""Places found on a blank as fields: ids and kinds from the labels, every guess marked."""

from collections.abc import Sequence

from ocr.drafting.places import Place
from ocr.drafting.tables import DraftTable
from schemas.document_type import Choice, Column, DocumentType, FieldSpec, Names, PrintedLabel
from schemas.label_names import (
    Named,
    bare,
    corrected,
    kind_of,
    named,
    persons,
    slug,
    usual,
    usual_words,
)
from schemas.validators import FieldType, plain

FIGURE_CELLS = 12
"""Cells of a personal number."""


def fields_of(
    places: Sequence[Place], page: int, taken: set[str], like: DocumentType | None
) -> list[FieldSpec]:
    """The fields of one page, in the order of the places.

    Args:
        places: in reading order.
        page: of the form, from 1.
        taken: ids of the form so far; grows.
        like: a type whose labels come first.
    """
    names = [_named(place, like) for place in places]
    names = [_of_time(i, places, names) or name for i, name in enumerate(names)]
    names = [_in_company(i, places, names) for i in range(len(places))]
    found = []
    for index, (place, name) in enumerate(zip(places, names, strict=True)):
        later = [other.id for other in names[index + 1 :]]
        own = name.id
        if own in later or own in taken:
            own = _apart(own, index, names, taken, later)
        taken.add(own)
        found.append(_field(place, name, own, page))
    return found


def _named(place: Place, like: DocumentType | None) -> Named:
    """What a place is called by its label alone."""
    if not place.label and place.kind == "date_parts":
        return Named("issue_date", FieldType.date, "Ngày ban hành", "Date of issue")
    if not place.label:
        return Named("answer", FieldType.text, "", id_known=False, type_known=False)
    name = named(place.label, like)
    if plain(bare(place.label)) == "so":
        if kind_of(place.section) is FieldType.identity_number:
            return name._replace(id="paper_number", type=FieldType.identity_number, id_known=True)
        return name._replace(id="doc_number", type=FieldType.text, en="Number", id_known=True)
    return name


def _in_company(index: int, places: Sequence[Place], names: Sequence[Named]) -> Named:
    """A name that depends on the answer before it: a parent's number, the end of a span of days."""
    name = names[index]
    before = next((i for i in range(index) if places[i] is places[index].before), None)
    if before is None:
        return name
    ahead = names[before].id
    person = next((p for p in persons() if ahead == f"{p}_name"), None)
    if person and name.id in {"personal_id", "paper_number", "dob", "birth_year"}:
        return name._replace(id=f"{person}_{name.id}", required=False)
    if ahead.endswith("_from") and name.id == "until_date":
        return name._replace(id=ahead.removesuffix("_from") + "_until")
    return name


def _of_time(index: int, places: Sequence[Place], names: Sequence[Named]) -> Named | None:
    """``Thời gian nhận hồ sơ: ... giờ ... phút, ngày .../.../...``: the label's own hour, minute
    and day; None for any other place."""
    for first in range(max(0, index - 2), index + 1):
        said = [plain(bare(place.label)) for place in places[first + 1 : first + 3]]
        if len(said) < 2 or said[0] != "gio" or not ("phut" in said[1] or said[1] == "ngay"):
            continue
        whole = names[first]
        parts = (
            whole._replace(id=f"{whole.id}_hour", type=FieldType.text, en=None, required=False),
            whole._replace(id=f"{whole.id}_minute", type=FieldType.text, en=None, required=False),
            whole._replace(type=FieldType.date),
        )
        return parts[index - first]
    return None


def _apart(
    own: str, index: int, names: Sequence[Named], taken: set[str], later: Sequence[str]
) -> str:
    """Another id for one that occurs twice: it is that of the person named before it."""
    ahead = names[index - 1].id if index else ""
    if own in later and own not in taken and ahead == "applicant":
        return f"{ahead}_{own}"
    if own not in taken:
        return own
    number = 2
    while f"{own}_{number}" in taken:
        number += 1
    return f"{own}_{number}"


def _field(place: Place, name: Named, own: str, page: int) -> FieldSpec:
    """A place as a field of that id."""
    known = usual(own)
    kind = FieldType.date if place.kind == "date_parts" else name.type
    guessed = _guesses(place, name, own)
    if place.kind == "date_parts" and not name.type_known:
        guessed -= {"type"}
    raw: dict[str, object] = {
        "id": own,
        "names": _names(place, name, own),
        "labels": _labels(place, name),
        "type": kind,
        "required": name.required and name.id_known and own == name.id,
        "page": page,
        "words": usual_words(own) or (("Nam", "Nữ") if kind is FieldType.sex else ()),
        "validators": known.validators if known else (),
        "alphabet": known.alphabet if known else None,
        "code": known.code if known else None,
        "guessed": tuple(sorted(guessed)),
    }
    if place.kind == "cells":
        if place.cells == FIGURE_CELLS and kind is FieldType.text:
            raw |= {"type": FieldType.personal_id}
        raw |= {"shape": "cells", "cells": place.cells, "box": place.area}
    elif place.kind == "ticks":
        choices = tuple(
            Choice(text=text or f"{i}", box=box) for i, (text, box) in enumerate(place.choices, 1)
        )
        raw |= {"shape": "ticks", "choices": choices, "words": tuple(c.text for c in choices)}
    else:
        raw |= {"zones": tuple(place.zones)}
        if place.kind == "date_parts":
            raw |= {"shape": "date_parts"}
        elif len(place.zones) > 1:
            raw |= {"lines": min(12, len(place.zones))}
    return FieldSpec.model_validate(raw)


def _guesses(place: Place, name: Named, own: str) -> set[str]:
    doubts = set(place.doubts)
    if not name.id_known or own != name.id:
        doubts.add("id")
    if not name.type_known:
        doubts.add("type")
    return doubts


def _labels(place: Place, name: Named) -> tuple[PrintedLabel, ...]:
    if not place.printed or place.box is None:
        return ()
    x0, y0, x1, y1 = (round(v, 1) for v in place.box)
    text = corrected(place.printed, name)
    return (PrintedLabel(text=text, box=(x0, y0, x1, y1)),)


def _names(place: Place, name: Named, own: str) -> Names:
    """What people call it: as the form prints it, and in English."""
    english = name.en if name.en and own == name.id else own.replace("_", " ").capitalize()
    vietnamese = bare(corrected(place.label, name)) or name.label or own
    return Names(vi=vietnamese, en=english)


def table_field(
    table: DraftTable, page: int, taken: set[str], like: DocumentType | None
) -> FieldSpec:
    """A table as a field; a first column for running numbers is not shown."""
    label = table.label.text if table.label else ""
    name = named(label, like) if label else Named("rows", FieldType.text, "", id_known=False)
    own = name.id
    while own in taken:
        own = f"{own}_rows"
    taken.add(own)
    columns, guessed = _columns(table)
    if not name.id_known:
        guessed.add("id")
    printed: tuple[PrintedLabel, ...] = ()
    if table.label:
        printed = (PrintedLabel(text=table.label.text.strip(" .:"), box=table.label.box),)
    return FieldSpec(
        id=own,
        names=Names(vi=bare(label) or own, en=name.en or own.replace("_", " ").capitalize()),
        labels=printed,
        shape="table",
        page=page,
        box=table.box,
        head=table.head,
        columns=tuple(columns),
        guessed=tuple(sorted(guessed)),
    )


def _columns(table: DraftTable) -> tuple[list[Column], set[str]]:
    columns: list[Column] = []
    guessed: set[str] = set()
    for index, (words, (left, right)) in enumerate(table.columns):
        name = named(words, column=True) if words else Named("", FieldType.text, "", id_known=False)
        running = name.id == "row" or (index == 0 and len(bare(words)) <= 3 and right - left < 40)
        own = "row" if running else (name.id or f"column_{index + 1}")
        if own == "relation_to_head":
            own = "relation"
        if any(column.id == own for column in columns):
            own = f"{own}_{index + 1}"
        if not running and not (name.id_known and name.type_known):
            guessed.add("columns")
        columns.append(
            Column(
                id=own,
                type=name.type if not running else FieldType.text,
                labels=(words,) if words else (),
                x=(left, right),
                required=own in {"full_name", "dob", "sex", "personal_id", "relation", "name"},
                shown=not running,
                words=usual_words("relation_to_head" if own == "relation" else own)
                if not running
                else (),
            )
        )
    return columns, guessed


def block_id(heading_id: str, taken: Sequence[str]) -> str:
    """An id for a place to sign that no other of the form has."""
    own = heading_id or slug("block")
    return own if own not in taken else f"{own}_{len(taken) + 1}"
