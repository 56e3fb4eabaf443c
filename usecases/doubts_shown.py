"""A document's doubts with all that helps a person to settle them, in the order of its pages. Pure.

What stands on the pages and what people decided comes in; nothing is looked up here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.document_type import DocumentType
from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest, page_groups, pages_of
from schemas.messages import Language
from schemas.page import Box
from schemas.review_views import (
    Asked,
    AskedView,
    Origin,
    ProposedDocument,
    Source,
    StandingView,
)
from schemas.validators import FieldType
from schemas.work import DecisionKind
from usecases.audit_sample import as_doubtful
from usecases.called_fields import (
    field_type_of,
    group_of,
    label_of,
    name_of,
    reader_called,
    usual_words,
    word,
)
from usecases.composing import PARTS
from usecases.look import page_reasons, why
from usecases.reading_compared import (
    as_shown,
    candidates,
    differences,
    others_of,
    readings_of,
    shown,
    usual,
)
from usecases.same_person import Person, elsewhere

AROUND = (10.0, 6.0)
"""Points of paper shown beside and above a field at least."""
LEAST = (210.0, 34.0)
"""A zone is at least so wide and high: a figure alone says little."""
TYPED = frozenset({FieldType.text, FieldType.organisation, FieldType.doc_type})
"""Kinds of values that come again from dossier to dossier; names and numbers of people do not."""
LAST_TYPED = 3


@dataclass(frozen=True)
class Known:
    """What is known besides the document itself.

    Attributes:
        language: of labels and sentences.
        types: document types by id and version.
        here: how the document is called among the persons.
        people: whom the papers of the dossier name.
        typed: what this office last typed there, by path, the last first.
        said_before: what was typed in the document before it was read again, by path.
        standing: what is decided already, by path.
        blind: paths of what is entered without seeing what others read there.
        pass_unseen: as for :meth:`Manifest.asks`.
    """

    language: Language
    types: Mapping[tuple[str, str | None], DocumentType]
    here: str = ""
    people: tuple[Person, ...] = ()
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    said_before: Mapping[str, Sequence[str]] = field(default_factory=dict)
    standing: Mapping[str, StandingView] = field(default_factory=dict)
    blind: Collection[str] = ()
    pass_unseen: Collection[str] = ()

    def type_of(self, manifest: Manifest) -> DocumentType | None:
        """The document's type."""
        return self.types.get((manifest.document_type or "", manifest.form_version))

    def naming(self, path: str) -> DocumentType | None:
        """A type that has a name for this field, where the document's own is not known."""
        name = path.partition(".")[0]
        for one in self.types.values():
            if (spec := one.field(name)) is not None and spec.names is not None:
                return one
        return None

    def type_name(self, type_id: str | None) -> str | None:
        """What people call a type."""
        found = (one for (known, _), one in self.types.items() if known == type_id)
        spec = next(found, None)
        return name_of(spec.names, self.language) if spec else type_id


def asked(manifest: Manifest, known: Known) -> tuple[AskedView, ...]:
    """All that a person must settle, also what is settled already, in the order of the pages.

    What is about the document as a whole comes first: the rest may depend on it.
    """
    spec = known.type_of(manifest)
    of_pages = [*_fields(manifest, spec, known), *_pages(manifest, known)]
    of_pages.sort(key=lambda one: one.page or 1)  # stable: within a page in the form's own order
    return (*_parts(manifest, known), *_whole(manifest, known), *of_pages)


def _fields(manifest: Manifest, spec: DocumentType | None, known: Known) -> Iterator[AskedView]:
    sizes = {one.number: (one.width, one.height) for one in manifest.pages}
    for path, one in manifest.walk():
        if one.status is FieldStatus.review:
            zone = zone_of(one.box, sizes.get(one.page)) if one.box and one.page else None
            told = as_doubtful(path, one, manifest.source.sha256)
            view = (_blind if path in known.blind else _field)(path, told, spec, known)
            yield view.model_copy(update={"zone": zone})


def _blind(path: str, one: Field, spec: DocumentType | None, known: Known) -> AskedView:
    """A field and its place, and nothing of what machines or people read there."""
    placed = _placed(path, one, spec, known)
    kind, standing = field_type_of(spec, path), placed.standing
    if standing is not None and standing.kind is DecisionKind.confirmed:  # typed, and the same
        text = as_shown(kind, one.value or "")
        standing = standing.model_copy(update={"kind": DecisionKind.value, "text": text})
    reasons = why(("called.entry_blind",), known.language)
    return placed.model_copy(update={"blind": True, "reasons": reasons, "standing": standing})


def _placed(path: str, one: Field, spec: DocumentType | None, known: Known) -> AskedView:
    """A field: what it is called, where it stands, and what was decided of it."""
    return AskedView(
        path=path,
        about=Asked.field,
        label=label_of(spec or known.naming(path), path, known.language),
        group=group_of(path, known.language),
        field_type=field_type_of(spec, path),
        page=one.page,
        box=one.box,
        standing=known.standing.get(path),
    )


def _field(path: str, one: Field, spec: DocumentType | None, known: Known) -> AskedView:
    placed = _placed(path, one, spec, known)
    kind = field_type_of(spec, path)
    text = shown(kind, one.value)
    readings = [(_called(source, known), said) for source, said in readings_of(one, kind)]
    machines = [said for source, said in readings if source.origin is Origin.reader]
    said = [
        *((source, said) for source, said in readings if source.origin is Origin.register),
        *_elsewhere(path, kind, known),
        *((source, said) for source, said in readings if source.origin is not Origin.register),
        *((_called(source, known), said) for source, said in others_of(one, kind)),
        *_usual(path, kind, text, spec, known),
    ]
    return placed.model_copy(
        update={
            "text": text,
            "confidence": one.confidence,
            "reasons": why(one.why(), known.language),
            "differences": differences(text, machines),
            "candidates": candidates(text, said),
        }
    )


def _called(source: Source, known: Known) -> Source:
    """A reader by the name that people give it."""
    if source.origin is not Origin.reader:
        return source
    return Source(origin=source.origin, name=reader_called(source.name, known.language))


def _elsewhere(path: str, kind: FieldType | None, known: Known) -> Iterator[tuple[Source, str]]:
    for document, value in elsewhere(path, known.here, known.people):
        yield Source(origin=Origin.same_person, name=document), as_shown(kind, value)


def _usual(
    path: str, kind: FieldType | None, text: str, spec: DocumentType | None, known: Known
) -> Iterator[tuple[Source, str]]:
    """What was typed there before, here or by this office, and what usually stands there."""
    for value in list(known.said_before.get(path, ()))[:1]:
        yield Source(origin=Origin.before), as_shown(kind, value)
    if kind in TYPED:
        for value in list(known.typed.get(path, ()))[:LAST_TYPED]:
            yield Source(origin=Origin.before), as_shown(kind, value)
    for value in usual(usual_words(spec, path), text):
        yield Source(origin=Origin.usual), value


def zone_of(
    box: Box,
    size: tuple[float, float] | None = None,
    *,
    around: tuple[float, float] = AROUND,
    least: tuple[float, float] = LEAST,
) -> Box:
    """A field's box with what stands around it, points: whole ones, so that addresses are short.

    Nothing beyond the page, whose width and height ``size`` is. ``around`` is how much paper is
    shown beside and above at least, ``least`` how wide and high the zone is.
    """
    left, top, right, bottom = box
    width, height = size or (right + least[0], bottom + least[1])
    beside = max(around[0], (least[0] - (right - left)) / 2)
    above = max(around[1], (least[1] - (bottom - top)) / 2)
    return (
        float(max(0, round(left - beside))),
        float(max(0, round(top - above))),
        float(min(int(width), round(right + beside))),
        float(min(int(height), round(bottom + above))),
    )


def _pages(manifest: Manifest, known: Known) -> Iterator[AskedView]:
    for number in manifest.unread():
        path = f"pages.{number}"
        yield AskedView(
            path=path,
            about=Asked.page,
            label=word("page", known.language, number=number),
            reasons=page_reasons(manifest, number, known.language, "called.page_why"),
            page=number,
            standing=known.standing.get(path),
        )


def _whole(manifest: Manifest, known: Known) -> Iterator[AskedView]:
    for code in manifest.asks(known.pass_unseen):
        yield AskedView(
            path=code,
            about=Asked.whole,
            label=word("whole", known.language),
            reasons=why((code,), known.language),
            standing=known.standing.get(code),
        )


def _parts(manifest: Manifest, known: Known) -> Iterator[AskedView]:
    if not manifest.undecided():
        return
    yield AskedView(
        path=PARTS,
        about=Asked.parts,
        label=word("parts", known.language),
        reasons=why(("called.parts_why",), known.language),
        parts=tuple(
            ProposedDocument(
                pages=as_ranges(pages_of(group)),
                type_name=known.type_name(group[0].document_type),
                dossier=group[0].dossier_code,
            )
            for group in page_groups(manifest.parts)
        ),
        standing=known.standing.get(PARTS),
    )


def as_ranges(pages: Sequence[int]) -> str:
    """Pages in order as a person writes them: ``1-2,4``."""
    runs: list[list[int]] = []
    for number in pages:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{one[0]}-{one[-1]}" if len(one) > 1 else f"{one[0]}" for one in runs)
