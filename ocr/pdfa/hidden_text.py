"""A page's content stream without the text that nobody sees, and the fonts only that needs."""

from collections.abc import Container, Sequence

import pikepdf

_Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage

_SHOWING = {"Tj", "TJ", "'", '"'}
_HIDDEN_MODES = {3, 7}


def content_without_hidden_text(
    page: pikepdf.Page, resources: pikepdf.Object, gone: tuple[set[int], int] | None
) -> tuple[bytes, pikepdf.Object] | None:
    """The page's content, closed in itself, and its resources.

    Text that nobody sees is left out, and so are fonts that show nothing: programs that lay text
    under scans seldom embed them, and PDF/A forbids that. ``gone`` says which others are left out
    by their numbers, and how many there are; None where they cannot be found.
    """
    instructions: list[_Instruction] = list(pikepdf.parse_content_stream(page))
    chosen, used = _without_hidden_text(instructions, gone[0] if gone else set())
    shows = sum(_shows(instruction) for instruction in instructions)
    if gone is None or (gone[0] and shows != gone[1]):
        return None
    fonts = resources.get("/Font")
    if isinstance(fonts, pikepdf.Dictionary) and not _lent(resources):
        instructions = chosen
        resources = pikepdf.Dictionary(dict(resources.items()))
        kept = {name: font for name, font in fonts.items() if name in used}
        resources["/Font"] = pikepdf.Dictionary(kept)
    depth = 0
    for instruction in instructions:
        operator = str(instruction.operator)
        depth += (operator == "q") - (operator == "Q")
    body = pikepdf.unparse_content_stream(instructions)
    return b"q\n" + body + b"\nQ" * (1 + max(depth, 0)) + b"\n", resources


def _lent(resources: pikepdf.Object) -> bool:
    """Whether a form object has no resources of its own and may use those of the page."""
    objects = resources.get("/XObject")
    return isinstance(objects, pikepdf.Dictionary) and any(
        isinstance(thing, pikepdf.Stream)
        and thing.get("/Subtype") == pikepdf.Name.Form
        and "/Resources" not in thing
        for thing in objects.values()
    )


def _shows(instruction: _Instruction) -> bool:
    """Whether an instruction makes a text object: it shows a string that is not empty."""
    if str(instruction.operator) not in _SHOWING:
        return False
    operand = instruction.operands[-1]
    strings = operand if isinstance(operand, pikepdf.Array) else [operand]
    return any(isinstance(one, pikepdf.String) and len(bytes(one)) > 0 for one in strings)


def _without_hidden_text(
    instructions: Sequence[_Instruction], gone: Container[int]
) -> tuple[list[_Instruction], set[str]]:
    """Leave out what is shown in rendering modes 3 and 7, and the text objects numbered ``gone``.

    Also gives the names of the fonts still used. Mode and font are graphics state: ``q`` keeps and
    ``Q`` restores them.
    """
    kept: list[_Instruction] = []
    used: set[str] = set()
    mode, font, saved, number = 0, "", list[tuple[int, str]](), -1
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "q":
            saved.append((mode, font))
        elif operator == "Q" and saved:
            mode, font = saved.pop()
        elif operator == "Tr":
            mode = int(instruction.operands[0])
        elif operator == "Tf":
            font = str(instruction.operands[0])
        number += _shows(instruction)
        shows = operator in _SHOWING
        goes = shows and (mode in _HIDDEN_MODES or (_shows(instruction) and number in gone))
        if shows and not goes:
            used.add(font)
        if not goes:
            kept.append(instruction)
    chosen = [
        instruction
        for instruction in kept
        if str(instruction.operator) != "Tf" or str(instruction.operands[0]) in used
    ]
    return chosen, used
