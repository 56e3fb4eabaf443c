"""Writes ``docs/errors.md`` from the catalogue: ``python tests/support/error_pages.py FILE``."""

import sys
from importlib.resources import files
from pathlib import Path

import yaml

HEAD = """# Sentences

What Sohoa says when something stops, by the code that stands in its JSON (`error.code`). Made from
`schemas/messages` by `make errors`; words in braces are filled in.
"""
LEFT_OUT = frozenset({"bench", "called"})
"""Catalogues for those who work on Sohoa, and of words that are no sentences."""


def error_page() -> str:
    """The page, one table a catalogue."""
    parts = [HEAD]
    for path in sorted(files("schemas.messages").iterdir(), key=lambda one: one.name):
        name, _, ending = path.name.partition(".")
        if ending != "yaml" or name in LEFT_OUT:
            continue
        sentences = yaml.safe_load(path.read_text("utf-8"))
        rows = [
            f"| `{name}.{key}` | {_cell(said['vi'])} | {_cell(said['en'])} |"
            for key, said in sorted(sentences.items())
            if name != "cli"
            or said["en"].rstrip().endswith((".", "}"))  # labels of tables are none
        ]
        if rows:
            parts.append(
                "\n".join(
                    [
                        f"## {name}",
                        "",
                        "| code | tiếng Việt | English |",
                        "|---|---|---|",
                        *rows,
                        "",
                    ]
                )
            )
    return "\n".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(error_page(), encoding="utf-8")
