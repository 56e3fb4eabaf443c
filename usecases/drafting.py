"""A document type drafted from a form's blank: the file, and pictures of what was found."""

from collections.abc import Sequence
from pathlib import Path

from ocr import ReadingOptions, drafts
from schemas.document_type import DocumentType, known_types
from schemas.draft_views import DraftedField, DraftedType
from schemas.durable import write_durably
from schemas.errors import Conflict, NotFound
from schemas.type_file import written
from usecases.caller import Caller, Right, permit

REMARKS = (
    "Drafted from the blank. See the picture beside this file. Keys under `guessed` are guesses:",
    "mend them, and take `guessed` away. Then: sohoa types check FILE.",
    "Geometry: points from the top left of the levelled page.",
)


def draft_type(
    caller: Caller,
    reading: ReadingOptions,
    blank: Path,
    out: Path | None = None,
    *,
    pages: Sequence[int] | None = None,
    like: str | None = None,
    replace: bool = False,
) -> DraftedType:
    """Write the type that a blank shows, and a picture of each page with its places drawn over it.

    Args:
        caller: who asks.
        reading: how pages are read; its types are those of the office.
        blank: the empty form, PDF or picture.
        out: the YAML file; None: one called by the type's id in the folder at hand. Pictures get
            its name with ``.png``, further pages ``-2.png``. In the folder of the types the blank
            itself is kept, too, so that its print is taken away to the pixel.
        pages: of the file, those that are the form; None: all.
        like: the key or id of a type that labels are called by first.
        replace: write over a file that is there.

    Raises:
        NotAllowed: ``usecase.not_allowed``.
        NotFound: ``cli.no_such_path``, ``types.no_such_type``.
        Conflict: ``types.file_is_there``.
        InputRejected: ``types.nothing_to_fill``, ``types.no_such_page``; the file cannot be read.
    """
    permit(caller, Right.operate)
    if not blank.is_file():
        raise NotFound("cli.no_such_path")
    draft = drafts.draft(blank, reading, pages, _like(like, reading) if like else None)
    file = out or Path(f"{draft.type.key.partition('@')[0]}.yaml")
    if file.exists() and not replace:
        raise Conflict("types.file_is_there", file=file.name)
    drawn = drafts.pictures(draft.type, draft.pages)
    named = [file.with_suffix(".png")]
    named += [file.with_name(f"{file.stem}-{n}.png") for n in range(2, len(drawn) + 1)]
    for path, picture in zip(named, drawn, strict=True):
        write_durably(path, picture)
    if reading.types is not None and file.resolve().parent == reading.types.resolve():
        drafts.keep_blanks(reading.types, draft)
    write_durably(file, written(draft.type, *REMARKS).encode())
    return DraftedType(
        type=draft.type.key,
        file=str(file),
        pictures=tuple(str(path) for path in named),
        fields=tuple(
            DraftedField(
                id=field.id,
                label=field.names.vi if field.names else field.id,
                kind=field.shape if field.shape != "line" else field.type.value,
                page=field.page,
                guessed=field.guessed,
            )
            for field in draft.type.fields
        ),
        guessed=draft.type.guessed,
    )


def _like(name: str, reading: ReadingOptions) -> DocumentType:
    """The newest known type of that key or id."""
    known = [one for one in known_types(reading.types) if name in {one.key, one.id}]
    if not known:
        raise NotFound("types.no_such_type")
    return known[-1]
