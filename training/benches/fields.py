"""Fields against a truth: how many are read, how many are accepted, how many of those are wrong.

A folder with ``truth.jsonl`` or ``labels.jsonl`` beside the scans, one JSON object a line:
``file``; the fields, under ``fields`` or beside it (tables are lists of rows); ``style`` or
``hand`` where it is known how the form was filled. Dates may be written ``dd/mm/yyyy``.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
from pydantic import Field as Describe
from rapidfuzz.distance import Levenshtein

from ocr import ReadingOptions, annotations, calibration, extract, inspect, read_page
from ocr.calibration import Labelled
from schemas.document_type import Layout, known_types
from schemas.errors import InputRejected, NotFound
from schemas.field import Field, FieldStatus
from schemas.manifest import Extraction, walk_fields
from schemas.page import Frozen
from schemas.validators import folded, parse_date, same_tones
from signing import Trust, verify

TRUTHS = ("truth.jsonl", "labels.jsonl")

_HAND = "hand patrick-hand itim sriracha dancing-script mansalva shantell-sans playpen-sans"
HAND_STYLES = frozenset(_HAND.split())
"""Values of ``style`` that stand for handwriting-like filling; every other one is typed."""

_NO_FIELDS = frozenset({"file", "pages", "signatures", "signer_cns", "form", "style", "hand"})


class FieldScore(Frozen):
    """One field over all documents."""

    field: str
    total: int = Describe(description="values of the truth")
    exact: int = Describe(description="read as the truth has it: NFC, spaces folded")
    accepted: int = Describe(description="without a person")
    wrong: int = Describe(description="accepted and not what the truth says")
    character_error: float = Describe(description="edits per letter of the truth")


class Score(Frozen):
    """A group of documents: all, typed or hand."""

    documents: int
    total: int
    exact: int
    accepted: int
    wrong: int
    fields: tuple[FieldScore, ...]


class Difference(Frozen):
    """One value that was not read as the truth has it."""

    file: str
    field: str
    truth: str | None
    read: str | None
    accepted: bool
    confidence: float


class FieldsReport(Frozen):
    """The whole measurement."""

    documents: int
    pages: int
    types_right: int
    types_known: int = Describe(description="documents whose type the truth tells")
    reading_cpu_per_page: float = Describe(description="seconds, pages to words")
    fields_cpu_per_page: float = Describe(description="seconds, words to fields")
    groups: dict[str, Score]
    differences: tuple[Difference, ...] = ()


class _Truth(NamedTuple):
    """One document's truth."""

    path: Path
    group: str | None
    type_name: str | None
    fields: dict[str, str]
    tables: frozenset[str]


class _Compared(NamedTuple):
    group: str | None
    field: str
    truth: str | None
    read: str | None
    accepted: bool
    confidence: float
    file: str


def fields(
    folder: Path,
    options: ReadingOptions,
    say: Callable[[str], None],
    *,
    first: int | None = None,
) -> FieldsReport:
    """Measure the documents of ``folder`` that a truth names.

    Args:
        folder: with a truth in it or below it.
        options: as documents are read with.
        say: told which document is being read.
        first: so many documents of each truth only.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``bench.no_truth``; a file that cannot be read.
    """
    cv2.setNumThreads(1)
    truths = [one for path in _truth_files(folder) for one in _truths(path)[:first]]
    if not truths:
        raise InputRejected("bench.no_truth")
    compared: list[_Compared] = []
    pages = right = known = 0
    reading = extracting = 0.0
    for number, truth in enumerate(truths, 1):
        say(f"{number}/{len(truths)}")
        extraction, count, spent = _read(truth.path, options)
        pages, reading, extracting = pages + count, reading + spent[0], extracting + spent[1]
        if truth.type_name is not None:
            known += 1
            right += _plain(truth.type_name) == _plain(_type_of(extraction))
        compared += _compare(truth, extraction)
    groups = {"all": compared}
    for one in compared:
        if one.group is not None:
            groups.setdefault(one.group, []).append(one)
    return FieldsReport(
        documents=len(truths),
        pages=pages,
        types_right=right,
        types_known=known,
        reading_cpu_per_page=round(reading / pages, 3),
        fields_cpu_per_page=round(extracting / pages, 3),
        groups={name: _score(rows) for name, rows in groups.items()},
        differences=tuple(_differences(compared)),
    )


def observations(
    folder: Path, options: ReadingOptions, say: Callable[[str], None]
) -> Iterator[Labelled]:
    """Every value read in the documents of ``folder``, and whether the truth says the same.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``bench.bad_truth``; a file that cannot be read.
    """
    truths = [one for path in _truth_files(folder) for one in _truths(path)]
    for number, truth in enumerate(truths, 1):
        say(f"{number}/{len(truths)}")
        extraction, _, _ = _read(truth.path, options)
        types = [t for t in known_types(options.types) if t.id == extraction.document_type]
        versions = [t for t in types if t.form_version == extraction.form_version] or types
        for path, field in walk_fields(extraction.fields) if versions else ():
            spec = versions[0].value_spec(path)
            top = path.split(".")[0]
            if spec is None or (path not in truth.fields and top not in truth.tables):
                continue
            expected = truth.fields.get(path)
            right = expected is not None and _same(field.value, expected, versions[0].layout)
            found = calibration.labelled(spec, field, versions[0].layout, right=right)
            if found is not None:
                yield found


class ReadDocument(NamedTuple):
    """A document of a folder with a truth, as it was read."""

    path: Path
    extraction: Extraction
    truth: dict[str, str]
    """Values by path, as the manifest keeps them."""

    def tells(self, path: str) -> bool:
        """Whether the truth speaks of this field, or of its table."""
        top = path.partition(".")[0]
        return path in self.truth or any(one.startswith(f"{top}.") for one in self.truth)


def read_documents(
    folder: Path, options: ReadingOptions, say: Callable[[str], None], *, first: int | None = None
) -> Iterator[ReadDocument]:
    """The documents of ``folder`` that a truth names, read one after the other.

    Raises:
        NotFound: ``cli.no_such_path``.
        InputRejected: ``bench.no_truth``; a file that cannot be read.
    """
    truths = [one for path in _truth_files(folder) for one in _truths(path)[:first]]
    if not truths:
        raise InputRejected("bench.no_truth")
    for number, truth in enumerate(truths, 1):
        say(f"{number}/{len(truths)}")
        extraction, _, _ = _read(truth.path, options)
        kept = {path: _as_kept(value) for path, value in truth.fields.items()}
        yield ReadDocument(truth.path, extraction, kept)


def _truth_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise NotFound("cli.no_such_path")
    return sorted(path for name in TRUTHS for path in folder.rglob(name))


def _truths(path: Path) -> list[_Truth]:
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return [_truth(path.parent, row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InputRejected("bench.bad_truth", file=path.name) from exc


def _truth(folder: Path, row: Mapping[str, Any]) -> _Truth:
    listed = row.get("fields") or {k: v for k, v in row.items() if k not in _NO_FIELDS}
    group = None
    if "hand" in row:
        group = "hand" if row["hand"] else "typed"
    elif "style" in row:
        group = "hand" if row["style"] in HAND_STYLES else "typed"
    flat: dict[str, str] = {}
    for name, value in listed.items():
        if isinstance(value, list):
            for index, cells in enumerate(value):
                flat |= {f"{name}.{index}.{k}": str(v) for k, v in cells.items()}
        elif value is not None:
            flat[name] = str(value)
    tables = frozenset(name for name, value in listed.items() if isinstance(value, list))
    known = listed.get("doc_type") or row.get("form")
    return _Truth(folder / row["file"], group, known, flat, tables)


def _read(path: Path, options: ReadingOptions) -> tuple[Extraction, int, tuple[float, float]]:
    """The fields of a file, its pages, and the CPU-seconds of reading and of the fields.

    As in the service, what a file's own signatures say bears out its fields.
    """
    signed = inspect(path, options).signed
    signatures = verify(path, Trust()).signatures if signed else ()
    start = time.process_time()
    count = inspect(path, options).pages
    pages = [read_page(path, number, options) for number in range(1, count + 1)]
    notes = annotations(path)
    middle = time.process_time()
    extraction = extract(path, pages, notes, options, signatures=signatures)
    return extraction, count, (middle - start, time.process_time() - middle)


def _type_of(extraction: Extraction) -> str:
    """The heading the document bears, or the id of its type."""
    heading = extraction.fields.get("doc_type")
    if isinstance(heading, Field) and heading.value:
        return heading.value
    return extraction.document_type or ""


def _compare(truth: _Truth, extraction: Extraction) -> Iterator[_Compared]:
    """Every value of the truth, and every value read where the truth has none."""
    found = dict(walk_fields(extraction.fields))
    if "signer_title" in truth.fields and "signer_authority" not in truth.fields:
        _join_title(found)
    for path in {**truth.fields, **found}:
        expected = truth.fields.get(path)
        top = path.split(".")[0]
        if expected is None and (top not in truth.tables and top not in truth.fields):
            continue  # the truth does not speak of this field
        field = found.get(path)
        accepted = field is not None and field.status is FieldStatus.accepted
        read = field.value if field else None
        if expected is None and not accepted:
            continue
        sure = field.confidence if field else 0.0
        shown = _as_kept(expected) if expected is not None else None
        yield _Compared(truth.group, _name(path), shown, read, accepted, sure, truth.path.name)


def _join_title(found: dict[str, Field]) -> None:
    """Truths often give the signer's title with the authority before it."""
    authority, title = found.get("signer_authority"), found.get("signer_title")
    if not (authority and authority.value and title and title.value):
        return
    if not title.value.startswith(authority.value):
        joined = f"{authority.value} {title.value}"
        both = {authority.status, title.status} == {FieldStatus.accepted}
        status = FieldStatus.accepted if both else FieldStatus.review
        found["signer_title"] = title.model_copy(update={"value": joined, "status": status})


def _name(path: str) -> str:
    """``members.0.dob`` is counted as ``members.dob``."""
    return ".".join(part for part in path.split(".") if not part.isdigit())


def _as_kept(text: str) -> str:
    """The truth as the manifest keeps it: a date that stands alone in ISO 8601."""
    date = parse_date(text)
    return date.isoformat() if date else folded(text)


def _same(value: str | None, expected: str, layout: Layout) -> bool:
    """Whether a value is right; of print no letter is wrong that is only set in another way."""
    kept = _as_kept(expected)
    if layout == "administrative":
        return _variant_free(value or "") == _variant_free(kept)
    return value == kept


def _plain(text: str) -> str:
    return _variant_free(text).casefold()


def _variant_free(text: str) -> str:
    """``text`` with what may be written in two ways written in one: tone places, dashes."""
    return same_tones(folded(text).translate({0x2013: "-", 0x2014: "-"}))


def _exact(one: _Compared) -> bool:
    return one.truth is not None and one.read is not None and folded(one.read) == one.truth


def _wrong(one: _Compared) -> bool:
    if not one.accepted:
        return False
    return one.truth is None or _variant_free(one.read or "") != _variant_free(one.truth)


def _score(rows: Sequence[_Compared]) -> Score:
    names = dict.fromkeys(row.field for row in rows)
    scores = [_field_score(name, [row for row in rows if row.field == name]) for name in names]
    return Score(
        documents=len({row.file for row in rows}),
        total=sum(one.total for one in scores),
        exact=sum(one.exact for one in scores),
        accepted=sum(one.accepted for one in scores),
        wrong=sum(one.wrong for one in scores),
        fields=tuple(scores),
    )


def _field_score(name: str, rows: Sequence[_Compared]) -> FieldScore:
    told = [row for row in rows if row.truth is not None]
    edits = sum(Levenshtein.distance(row.truth or "", folded(row.read or "")) for row in told)
    letters = sum(len(row.truth or "") for row in told)
    return FieldScore(
        field=name,
        total=len(told),
        exact=sum(_exact(row) for row in rows),
        accepted=sum(row.accepted for row in rows),
        wrong=sum(_wrong(row) for row in rows),
        character_error=round(edits / letters, 4) if letters else 0.0,
    )


def _differences(rows: Sequence[_Compared]) -> Iterator[Difference]:
    for row in rows:
        if not _exact(row):
            yield Difference(
                file=row.file,
                field=row.field,
                truth=row.truth,
                read=row.read,
                accepted=row.accepted,
                confidence=row.confidence,
            )
