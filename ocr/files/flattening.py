"""Annotations drawn into their pages: what a viewer shows is the page.

Form values, comments, marks and stamps become content of the copy of a PDF that is read and
composed, those without an appearance drawn from their values first. The file itself stays as it
came. Only the stamps of signatures stay apart: they are read for themselves
(:mod:`ocr.files.annotations`), and what they lie over is read without them.
"""

from collections.abc import Iterator

import pikepdf

from ocr.files.appearances import appearances, normal_appearance, placed, visible_annotations
from ocr.files.form_fields import choose_state, draw_widget, inherited, is_signature
from ocr.files.markup import draw_markup
from ocr.files.strokes import ContentBuilder, EmbeddedFonts
from schemas.page import Box

_ODD = (ValueError, TypeError, KeyError, AttributeError, IndexError, pikepdf.PdfError)
_SHOWS = (b"Tj", b"TJ", b"'", b'"', b"Do", b"BI", b"sh")


def flatten(pdf: pikepdf.Pdf) -> frozenset[int] | None:
    """Draw the annotations of all pages but signatures' into the pages of an open PDF.

    Returns the numbers (from 1) of pages on which a value has a letter that no font here has; None
    where there was nothing to draw, and ``pdf`` is as it was.

    Raises:
        MissingDependency: ``reading.no_form_font``.
    """
    changed, lacking = generate(pdf)
    for number, page in enumerate(pdf.pages, 1):
        if any(not is_signature(one) for one in visible_annotations(page)):
            changed = _flatten_page(pdf, page, number) or changed
    return frozenset(lacking) if changed else None


def generate(pdf: pikepdf.Pdf) -> tuple[bool, set[int]]:
    """Give visible annotations without an appearance one, in memory.

    Returns whether any was given, and the pages as :func:`flatten` does.
    """
    form = pdf.Root.get("/AcroForm")
    form = form if isinstance(form, pikepdf.Dictionary) else None
    anew = form is not None and bool(form.get("/NeedAppearances", False))
    letters, lacking, changed = EmbeddedFonts(pdf), set[int](), False
    _name_all(pdf)
    _hide_switched_off(pdf)
    for number, page in enumerate(pdf.pages, 1):
        for annotation in visible_annotations(page):
            letters.lacking = False
            try:
                changed = _generate_one(pdf, annotation, form, letters, anew=anew) or changed
            except _ODD:
                continue
            if letters.lacking:
                lacking.add(number)
    letters.finish()
    if anew and form is not None:
        del form["/NeedAppearances"]  # or PDFium draws all values again, in its own font
        changed = True
    return changed, lacking


def _name_all(pdf: pikepdf.Pdf) -> None:
    """Make every annotation an object of its own, so that it can be told from others."""
    for page in pdf.pages:
        listed = page.obj.get("/Annots")
        if not isinstance(listed, pikepdf.Array):
            continue
        for index, one in enumerate(listed):
            if isinstance(one, pikepdf.Dictionary) and not one.is_indirect:
                listed[index] = pdf.make_indirect(one)


def _hide_switched_off(pdf: pikepdf.Pdf) -> None:
    """Hide, in memory, annotations of optional content groups that are off (ISO 32000-1, 8.11)."""
    about = pdf.Root.get("/OCProperties")
    usual = about.get("/D") if isinstance(about, pikepdf.Dictionary) else None
    if not isinstance(usual, pikepdf.Dictionary):
        return
    everything_off = usual.get("/BaseState") == pikepdf.Name.OFF
    listed = usual.get("/ON" if everything_off else "/OFF")
    named = {one.objgen for one in listed} if isinstance(listed, pikepdf.Array) else set()
    for page in pdf.pages:
        for annotation in visible_annotations(page):
            group = annotation.get("/OC")
            if not isinstance(group, pikepdf.Dictionary):
                continue
            single = group.get("/Type") == pikepdf.Name.OCG
            if single and (group.objgen in named) != everything_off:
                annotation.F = 2


def _generate_one(
    pdf: pikepdf.Pdf,
    annotation: pikepdf.Object,
    form: pikepdf.Object | None,
    letters: EmbeddedFonts,
    *,
    anew: bool,
) -> bool:
    if is_signature(annotation):
        return False
    if annotation.get("/Subtype") == pikepdf.Name.Widget:
        choose_state(annotation, by_value=anew)
        if not _to_be_drawn(annotation, anew=anew):
            return False
        x0, y0, x1, y1 = (float(value) for value in annotation.Rect)
        width, height = abs(x1 - x0), abs(y1 - y0)
        about = annotation.get("/MK")
        turn = int(about.get("/R", 0)) % 360 if isinstance(about, pikepdf.Dictionary) else 0
        if turn % 180:
            width, height = height, width
        ink = draw_widget(annotation, form, letters, width, height)
        if ink is None:
            return False
        made = _form(pdf, ink, (0.0, 0.0, width, height), letters)
        if turn in _TURNED:
            made.Matrix = pikepdf.Array(_TURNED[turn])
    else:
        if normal_appearance(annotation) is not None:
            return False
        mark = draw_markup(annotation, letters)
        if mark is None:
            return False
        annotation.Rect = pikepdf.Array([round(value, 3) for value in mark.box])
        made = _form(pdf, mark.ink, mark.box, letters)
    annotation.AP = pikepdf.Dictionary(N=made)
    return True


_TURNED = {90: [0, 1, -1, 0, 0, 0], 180: [-1, 0, 0, -1, 0, 0], 270: [0, -1, 1, 0, 0, 0]}


def _to_be_drawn(widget: pikepdf.Object, *, anew: bool) -> bool:
    """Whether a widget's appearance is to be made of its value.

    Where it has none; where the file asks for it; or where it is empty although there is a value,
    as programs leave it that set values only.
    """
    kind = inherited(widget, "/FT")
    states = widget.AP.get("/N") if isinstance(widget.get("/AP"), pikepdf.Dictionary) else None
    if kind == pikepdf.Name.Btn:
        return states is None
    there = normal_appearance(widget)
    if there is None:
        return True
    value = inherited(widget, "/V")
    if value is None or kind not in {pikepdf.Name.Tx, pikepdf.Name.Ch}:
        return False
    return anew or not any(operator in there.read_bytes() for operator in _SHOWS)


def _form(
    pdf: pikepdf.Pdf, ink: ContentBuilder, box: Box, letters: EmbeddedFonts
) -> pikepdf.Object:
    content, resources = ink.content(), pikepdf.Dictionary(Font=letters.resources())
    if ink.multiply or ink.opacity < 1:
        state = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, CA=ink.opacity, ca=ink.opacity)
        if ink.multiply:
            state.BM = pikepdf.Name.Multiply
        resources.ExtGState = pikepdf.Dictionary(Sohoa=state)
        content = b"/Sohoa gs\n" + content
    return pdf.make_stream(
        content,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=pikepdf.Array([round(value, 3) for value in box]),
        Resources=resources,
    )


def _flatten_page(pdf: pikepdf.Pdf, page: pikepdf.Page, number: int) -> bool:
    """Content for the appearances, which become resources; their annotations go."""
    drawn = [one for one in appearances(page) if not is_signature(one.annotation)]
    if not drawn:
        return False
    own = page.obj.get("/Resources")
    resources = pikepdf.Dictionary(dict(own.items())) if isinstance(own, pikepdf.Dictionary) else (
        pikepdf.Dictionary()
    )  # fmt: skip
    objects = resources.get("/XObject")
    objects = pikepdf.Dictionary(dict(objects.items())) if isinstance(
        objects, pikepdf.Dictionary
    ) else pikepdf.Dictionary()  # fmt: skip
    content = b""
    for index, appearance in enumerate(drawn):
        name = f"/SohoaShown{number}x{index}"
        objects[name] = appearance.form
        content += placed(name, appearance)
    resources["/XObject"] = objects
    page.obj.Resources = resources
    _append(pdf, page, content)
    gone = {one.annotation.objgen for one in drawn}
    page.obj.Annots = pikepdf.Array(
        [one for one in page.obj.Annots if getattr(one, "objgen", (0, 0)) not in gone]
    )
    return True


def _append(pdf: pikepdf.Pdf, page: pikepdf.Page, content: bytes) -> None:
    """Put content behind that of the page, in the state in which the page began."""
    opened, missing = _balance(page)
    before = pdf.make_stream(b"q\n" * (1 + missing))
    after = pdf.make_stream(b"\n" + b"Q\n" * (1 + opened) + content)
    there = page.obj.get("/Contents")
    if isinstance(there, pikepdf.Array):
        parts = [one for one in there if isinstance(one, pikepdf.Stream)]
    else:
        parts = [there] if isinstance(there, pikepdf.Stream) else []
    page.obj.Contents = pikepdf.Array([before, *parts, after])


def _balance(page: pikepdf.Page) -> tuple[int, int]:
    """How many states the content leaves open, and how many it restores that it never saved."""
    depth = lowest = 0
    try:
        for operator in _operators(page):
            depth += (operator == "q") - (operator == "Q")
            lowest = min(lowest, depth)
    except _ODD:
        return 0, 0
    return depth - lowest, -lowest


def _operators(page: pikepdf.Page) -> Iterator[str]:
    if "/Contents" in page.obj:
        for instruction in pikepdf.parse_content_stream(page, "q Q"):
            yield str(instruction.operator)
