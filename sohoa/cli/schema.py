"""What a manifest holds, for other programs: ``schema``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from schemas.durable import write_durably
from schemas.manifest import Manifest
from sohoa.cli.output import AsJson, Output, Verbose


def add_to(app: typer.Typer) -> None:
    """Register this module's command."""
    app.command("schema")(schema)


def schema(
    out: Annotated[Path | None, typer.Option(help="Tệp. / A file.", show_default=False)] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Lược đồ JSON của tệp kê khai. / The manifest's JSON Schema."""
    output = Output.start(json=as_json, verbose=verbose, language="vi")
    text = json.dumps(Manifest.model_json_schema(), ensure_ascii=False, indent=2)
    if out is None:
        print(text)
    else:
        write_durably(out, f"{text}\n".encode())
        output.emit({"out": str(out)})
