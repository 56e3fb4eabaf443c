"""House rules on the code: short modules (of tests, too) and functions, nothing written twice."""

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "flows",
    "ocr",
    "portal",
    "schemas",
    "signing",
    "sohoa",
    "storage",
    "training",
    "usecases",
)

MODULE_LINES = 400
FUNCTION_LINES = 60
SAME_LINES = 15
"""Lines of code, comments and docstrings not counted, that two places may have in common."""

_KEPT = frozenset({tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING})


def modules() -> list[Path]:
    return sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_modules_are_short() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    long = {
        name_of(path)
        for path in (*modules(), *tests)
        if len(path.read_text("utf-8").splitlines()) > MODULE_LINES
    }
    assert not long, f"longer than {MODULE_LINES} lines: {sorted(long)}"


def test_functions_are_short() -> None:
    long = {
        f"{name_of(path)}: {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    }
    assert not long, f"longer than {FUNCTION_LINES} lines: {sorted(long)}"


def code_lines(text: str) -> list[tuple[int, str]]:
    """Each line of code with its number. Figures and strings are all alike; lines without a name
    (rows of data, brackets), imports, comments, docstrings and ``__all__`` do not count."""
    left_out = {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines: dict[int, list[str]] = defaultdict(list)
    named = set[int]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        number = token.start[0]
        if token.type in _KEPT and number not in left_out:
            value = token.type in {tokenize.NUMBER, tokenize.STRING}
            lines[number].append("0" if value else token.string)
            if token.type == tokenize.NAME:
                named.add(number)
    return [(number, " ".join(lines[number])) for number in sorted(named)]


def repeated(sources: dict[str, str], least: int) -> Iterator[str]:
    """Runs of more than ``least`` lines of code that stand in two places."""
    code = {name: code_lines(text) for name, text in sources.items()}
    places: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for name, lines in code.items():
        for at in range(len(lines) - least):
            window = tuple(line for _, line in lines[at : at + least + 1])
            places[window].append((name, lines[at][0]))
    for found in places.values():
        if len(found) > 1:
            yield " ~ ".join(f"{name}:{line}" for name, line in found)


def test_nothing_is_written_twice() -> None:
    sources = {name_of(path): path.read_text("utf-8") for path in modules()}
    assert list(repeated(sources, SAME_LINES)) == []


@pytest.mark.parametrize(("changed", "same"), [("b = 2", True), ("b = other(2)", False)])
def test_a_copy_is_found(changed: str, same: bool) -> None:
    body = [f"a{number} = call_{number}({number})" for number in range(SAME_LINES)]
    one = "\n".join(["import os", *body, "b = 1"])
    other = "\n".join(['"""Another module."""', "# a comment", *body, changed])
    assert bool(list(repeated({"one": one, "other": other}, SAME_LINES))) is same
