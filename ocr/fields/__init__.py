"""Data fields of a document: which type it is, what its fields say, how sure that is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.fields.acceptance import Policy, decided
from ocr.fields.calibration import load
from ocr.fields.classify import Classified, classify
from ocr.fields.context import Context
from ocr.fields.decree30.administrative import read_administrative
from ocr.fields.evidence import Found
from ocr.fields.forms.by_print import known_by_print
from ocr.fields.forms.form import read_form
from ocr.fields.generic import read_generic
from ocr.fields.levelling import as_scanned, level_page
from ocr.fields.papers.labelled import missing_labels, read_labelled
from ocr.options import ReadingOptions
from ocr.packed import PackedPages
from ocr.values import Annotation
from schemas.document_type import DocumentType, known_types
from schemas.field import Field, FieldValue
from schemas.manifest import Extraction
from schemas.page import PageReading
from schemas.verdict import SignatureReport

__all__ = ["extract", "missing_labels"]


def extract(
    path: Path,
    pages: Sequence[PageReading],
    annotations: Sequence[Annotation],
    options: ReadingOptions,
    types: Sequence[DocumentType] | None = None,
    signatures: Sequence[SignatureReport] = (),
    told: str | None = None,
) -> Extraction:
    """The type and the data fields of a document whose pages were read.

    Args:
        path: the file the pages came from; read again only where zones need their own reading.
        pages: what :func:`ocr.read_page` gave, in order; boxes in points of the upright page.
        annotations: what :func:`ocr.files.annotations` gave.
        options: the reading options; the language data for zones is found through them.
        types: document types to choose from; None: those shipped and those of ``options.types``.
        signatures: what verification said of the file's own signatures: names and signing times
            bear out what is printed.
        told: the document's type, where a person has said it.

    Returns:
        The extraction; ``document_type`` is None, with a warning, where no type fits: its fields
        are then what any paper may say, none of them accepted. Warnings
        are codes of sentences in the message catalogues.

    Raises:
        MissingDependency: ``reading.no_language_data``.
        ConfigurationError: ``fields.bad_document_type``, ``types.bad_file``,
            ``fields.bad_calibration``.
    """
    read = PackedPages.of(pages).changed(_as_read)
    context = Context(path, read, annotations, options, signatures)
    every = known_types(options.types) if types is None else types
    level = Context(path, read.changed(level_page), annotations, options, signatures)
    known = _told(context, level, every, told) or _known(context, level, every)
    models = load(options.calibration)
    if known is None:
        policy = Policy(models.of("administrative"), options.wanted_error)
        fields = _placed(decided(read_generic(level, every), policy), level)
        return Extraction(document_type=None, fields=fields, warnings=("fields.unknown_type",))
    policy = Policy(models.of(known.type.layout), options.wanted_error)
    if known.type.layout == "administrative":
        found, warnings = read_administrative(level, known)
        fields = _placed(decided(found, policy, known.type), level)
    else:
        found, warnings = _read(context, known)
        fields = decided(found, policy, known.type)
    if not known.version_known:
        warnings = (*warnings, "fields.unknown_version")
    return Extraction(
        document_type=known.type.id,
        form_version=known.type.form_version if known.version_known else None,
        legal_basis=known.type.legal_basis if known.version_known else None,
        fields=fields,
        warnings=warnings,
    )


def _told(
    context: Context, level: Context, every: Sequence[DocumentType], told: str | None
) -> Classified | None:
    """The type that a person has named; its newest version where the page tells none."""
    own = [one for one in every if one.id == told]
    if not own:
        return None
    return _known(context, level, own) or Classified(own[-1], 1.0, len(own) == 1, None)


def _known(context: Context, level: Context, every: Sequence[DocumentType]) -> Classified | None:
    """The type: a form's by its pages as they lie, for its geometry; others' by level pages."""
    known = classify(context, [t for t in every if t.layout != "administrative"])
    known = known or classify(level, [t for t in every if t.layout == "administrative"])
    return known or known_by_print(context, every)


def _placed(fields: Mapping[str, FieldValue], level: Context) -> dict[str, FieldValue]:
    """Fields read on level pages, their places as the pages lie."""
    numbers = {value.page for value in map(_first, fields.values()) if value is not None}
    pages = {page.number: page for page in level.pages if page.number in numbers}
    return {name: as_scanned(value, pages) for name, value in fields.items()}


def _first(value: FieldValue) -> Field | None:
    """The field, or a table's first cell: a table stands on one page."""
    if isinstance(value, Field):
        return value
    return next((cell for row in value.rows for cell in row.values()), None)


def _as_read(page: PageReading) -> PageReading:
    """The page without the tone marks a word list restored: a field holds what stands there."""
    words = tuple(
        word if word.raw is None else word.model_copy(update={"text": word.raw, "raw": None})
        for word in page.words
    )
    return page.model_copy(update={"words": words})


def _read(context: Context, known: Classified) -> tuple[dict[str, Found], tuple[str, ...]]:
    if known.type.layout == "labelled" or known.type.geometry is None:
        return read_labelled(context, known.type)
    fields, warnings = read_form(context, known)
    if "fields.not_registered" in warnings:  # another printing of the form: labels are all there is
        fields, doubts = read_labelled(context, known.type)
        return fields, (*warnings, *doubts) if doubts else ()
    loose = frozenset(field.id for field in known.type.fields if not field.placed)
    if loose:
        fields |= read_labelled(context, known.type, loose)[0]
        fields = {field.id: fields[field.id] for field in known.type.fields}
    return fields, warnings
