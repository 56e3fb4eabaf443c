"""``sohoa calibrate``: confidence fitted again from what people accepted and changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ocr import calibration
from ocr.calibration import Calibration, Labelled
from schemas.document_type import DocumentType, document_type
from schemas.durable import write_durably
from schemas.errors import InputRejected
from schemas.manifest import Manifest, walk_fields
from sohoa.bootstrap import open_rooms
from sohoa.cli.checkout import of_checkout
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin
from sohoa.settings import Settings
from usecases.caller import local_operator
from usecases.published import published

FEWEST = 50
"""Fewer values that a person looked at say nothing about how sure to be."""


def add_to(app: typer.Typer) -> None:
    """Register this module's command."""
    app.command("calibrate")(calibrate)


def calibrate(
    truth: Annotated[
        list[Path] | None,
        typer.Option(
            help="Thư mục có truth.jsonl. / A folder with truth.jsonl.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Tệp kết quả. / Where it is written.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Chỉnh độ tin cậy theo chỗ cán bộ đã sửa. / Fit confidence from the clerks' corrections."""
    settings, output = begin(data, as_json, verbose)
    if truth:
        observations = of_checkout("benches.fields").observations
        read = (observations(folder, settings.reading, output.say) for folder in truth)
        found = [one for folder in read for one in folder]
        told = output.text("fields.fitted_on_truth", count=len(found))
        prior = None
    else:
        found = list(_corrections(settings))
        told = output.text("fields.fitted_on_corrections", count=len(found))
        prior = calibration.load()
    if len(found) < FEWEST:
        raise InputRejected("fields.few_corrections", count=len(found), least=FEWEST)
    model = calibration.fit(found, told, prior, otherwise=calibration.load())
    target = out or settings.reading.calibration
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, calibration.dump(model))
    wanted = settings.reading.wanted_error
    output.emit({"out": str(target), **model.model_dump(mode="json")})
    if not output.json:
        _show(output, model, wanted)
    output.say(output.text("fields.calibrated", count=model.count, out=str(target)))


def _corrections(settings: Settings) -> Iterator[Labelled]:
    """Every value that a person accepted or changed, in what was published."""
    with open_rooms(settings) as rooms:
        for one in published(local_operator(), rooms):
            manifest = one.manifest
            known = document_type(manifest.document_type or "", manifest.form_version, rooms.types)
            if known is not None:
                yield from corrected_values(manifest, known)


def corrected_values(manifest: Manifest, known: DocumentType) -> Iterator[Labelled]:
    """The values of one manifest that a person looked at."""
    for path, field in walk_fields(manifest.fields):
        spec = known.value_spec(path)
        if spec is not None:
            found = calibration.corrected(spec, field, known.layout)
            if found is not None:
                yield found


def _show(output: Output, model: Calibration, wanted: float) -> None:
    table = output.table(None, "confidence", "fields", "right")
    for one in model.reliability:
        share = f"{one.right / one.count:.1%}" if one.count else "-"
        table.add_row(f"{one.low:.2f} - {one.high:.2f}", str(one.count), share)
    output.people.print(table)
    limits = output.table(output.text("fields.thresholds", wanted=f"{wanted:.1%}"), "kind", "least")
    key = f"{wanted:g}"
    for kind, rates in model.thresholds.items():
        limits.add_row(kind, f"{rates.get(key, 1 - wanted):.3f}")
    output.people.print(limits)
