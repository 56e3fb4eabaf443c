"""The engine alone: ``digitise``, ``sign``, ``verify``, ``schema``. None needs a service."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows.claims import clean_name
from ocr import ReaderPool
from schemas.durable import write_durably
from schemas.errors import Conflict, ExitCode, NotFound, SohoaError
from schemas.manifest import Manifest
from sohoa.cli.output import AsJson, Data, Output, Verbose, begin, plain, unwritable
from sohoa.keys import trust_of
from sohoa.settings import Settings
from usecases.digitise import (
    ReadFile,
    digitise_attached,
    digitise_parts,
    make_document,
    read_file,
    unopened,
)
from usecases.files import fingerprint, fit_name
from usecases.system_files import is_system_file

if TYPE_CHECKING:
    from signing import Trust

Paths = Annotated[
    list[Path], typer.Argument(help="Tệp hoặc thư mục. / Files or folders.", show_default=False)
]


@dataclass(frozen=True)
class _Job:
    """One input and its two outputs."""

    source: Path
    pdf: Path
    manifest: Path
    parts: Path | None = None
    """The folder for the documents in it, where it is to be split."""


def add_to(app: typer.Typer) -> None:
    """Register this module's command."""
    app.command("digitise")(digitise)


def digitise(
    paths: Paths,
    out: Annotated[Path, typer.Option(help="Thư mục kết quả. / Where results go.")],
    compact: Annotated[
        bool, typer.Option("--compact", help="Trang dạng lớp, tệp nhỏ. / Small layered pages.")
    ] = False,
    split: Annotated[
        bool, typer.Option("--split", help="Mỗi tài liệu một tệp. / A file a document, too.")
    ] = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
    data: Data = None,
) -> None:
    """Bản quét thành PDF/A có lớp chữ và tệp kê khai. / Scans to searchable PDF/A."""
    settings, output = begin(data, as_json, verbose)
    _make_writable(out)
    jobs = _plan(paths, out, split=split)
    if compact:
        reading = settings.reading.model_copy(update={"compact": True})
        settings = settings.model_copy(update={"reading": reading})
    entries = asyncio.run(_digitise_all(jobs, settings, output))
    output.emit({"files": entries})
    if not output.json:
        table = output.table(None, "file", "type", "pages", "doubts", "outcome")
        for entry in entries:
            table.add_row(
                plain(Path(entry["file"]).name),
                entry["document_type"] or "-",
                str(entry["pages"]),
                ", ".join([*entry["doubtful"], *(f"pages.{n}" for n in entry["unread"])]) or "-",
                plain(entry["error"]["sentence"] if entry["error"] else Path(entry["pdf"]).name),
            )
            for part in entry["parts"]:
                table.add_row(
                    "",
                    part["document_type"] or "-",
                    str(len(part["pages"])),
                    ", ".join(part["doubtful"]) or "-",
                    plain(str(Path(part["pdf"]).relative_to(out))),
                )
        output.people.print(table)
        for entry in entries:
            for reason in entry["reasons"]:
                name = Path(entry["file"]).name
                output.people.print(plain(f"{name}: {reason['sentence']}"))
    codes = {entry["error"]["exit_code"] for entry in entries if entry["error"]}
    if codes:
        raise typer.Exit(codes.pop() if len(codes) == 1 else ExitCode.bad_input)


def _make_writable(out: Path) -> None:
    """Make the folder for results, and see that files can be made in it.

    Raises:
        ConfigurationError: it cannot be made, or nothing can be written there.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as wrong:
        raise unwritable(wrong) from wrong


def _plan(paths: Sequence[Path], out: Path, *, split: bool) -> list[_Job]:
    """Inputs in order with the names of their outputs; a name that is taken gets a number.

    A path that does not exist is an input, too: it fails alone.

    Raises:
        Conflict: an output would overwrite an input.
    """
    sources: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = (item for item in sorted(path.rglob("*")) if not item.is_dir())
            sources += [
                item
                for item in below
                if not any(is_system_file(part) for part in item.relative_to(path).parts)
            ]
        else:
            sources.append(path)
    taken: set[str] = set()
    jobs = []
    for source in sources:
        name, number = _stem(source, ""), 1
        while name in taken:
            number += 1
            name = _stem(source, f"-{number}")
        taken.add(name)
        parts = out / name if split else None
        jobs.append(_Job(source, out / f"{name}.pdf", out / f"{name}.json", parts))
    inputs = {job.source.resolve() for job in jobs}
    folders = {job.parts.resolve() for job in jobs if job.parts}
    targets = {target.resolve() for job in jobs for target in (job.pdf, job.manifest)}
    if inputs & targets or folders & {path.parent for path in inputs}:
        raise Conflict("cli.would_overwrite")
    return jobs


def _stem(source: Path, ending: str) -> str:
    """The name of a source's outputs without ``.json``, which a file system must still take."""
    return fit_name(Path(clean_name(source.name)).stem, f"{ending}.json").removesuffix(".json")


def _make_way(job: _Job) -> None:
    """See that the outputs replace nothing but earlier outputs of the same scan.

    Raises:
        Conflict: something else stands there.
    """
    if not (job.pdf.exists() or job.manifest.exists()):
        return
    try:
        before = Manifest.model_validate_json(job.manifest.read_bytes()).source.sha256
    except (OSError, ValidationError):
        before = ""
    if before != fingerprint(job.source)[0]:
        raise Conflict("cli.output_taken")


async def _digitise_all(
    jobs: Sequence[_Job], settings: Settings, output: Output
) -> list[dict[str, Any]]:
    trust = trust_of(settings)
    together = asyncio.Semaphore(settings.workers)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Output(json=True).people
    unseen = not console.is_terminal  # it would draw ten times a second for nobody
    with Progress(*columns, console=console, transient=True, disable=unseen) as bars:
        async with ReaderPool(settings.reading, settings.workers, as_needed=True) as pool:

            async def one(job: _Job) -> dict[str, Any]:
                async with together:
                    bar = bars.add_task(clean_name(job.source.name), total=None)

                    def progress(done: int, total: int) -> None:
                        bars.update(bar, completed=done, total=total)

                    try:
                        if not job.source.exists():
                            raise NotFound("cli.no_such_path")
                        await asyncio.to_thread(_make_way, job)
                        with _under_clean_name(job.source) as source:
                            read = await read_file(source, pool=pool, progress=progress)
                            manifest, parts = await _make(job, read, pool, trust)
                        passing = settings.reading.pass_unseen
                        return _entry(job, manifest, parts, None, output, passing)
                    except SohoaError as error:
                        return _entry(job, None, {}, error, output)
                    except OSError as wrong:
                        return _entry(job, None, {}, unwritable(wrong), output)
                    finally:
                        bars.remove_task(bar)

            return await asyncio.gather(*(one(job) for job in jobs))


async def _make(
    job: _Job, read: ReadFile, pool: ReaderPool, trust: "Trust"
) -> tuple[Manifest, dict[str, Manifest]]:
    """The manifest of a file that was read, and those of documents in it by their names."""
    attached: dict[str, Manifest] = {}
    if job.parts:
        notes, attached = await digitise_attached(read, job.parts, pool=pool, trust=trust)
    else:
        notes = await unopened(read, pool)
    manifest = await make_document(read, job.pdf, pool=pool, trust=trust, notes=notes)
    written = manifest.model_dump_json(indent=2).encode()
    await asyncio.to_thread(write_durably, job.manifest, written)
    if not job.parts:
        return manifest, attached
    cut = await digitise_parts(read, job.parts, pool=pool, trust=trust)
    return manifest, {str(at): part for at, part in enumerate(cut, start=1)} | attached


@contextlib.contextmanager
def _under_clean_name(source: Path) -> Iterator[Path]:
    """The file under a name that decoders and manifests can write; a link where its own is none."""
    clean = clean_name(source.name)
    if os.fsencode(source).decode("utf-8", "replace") == str(source) and clean == source.name:
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        link = Path(folder) / clean
        link.symlink_to(source.absolute())
        yield link


def _entry(
    job: _Job,
    manifest: Manifest | None,
    parts: Mapping[str, Manifest],
    error: SohoaError | None,
    output: Output,
    pass_unseen: Sequence[str] = (),
) -> dict[str, Any]:
    asks = manifest.asks(pass_unseen) if manifest else ()
    return {
        "file": str(job.source),
        "pdf": str(job.pdf) if manifest else None,
        "manifest": str(job.manifest) if manifest else None,
        "document_type": manifest.document_type if manifest else None,
        "pages": len(manifest.pages) if manifest else 0,
        "doubtful": list(manifest.doubtful()) if manifest else [],
        "unread": list(manifest.unread()) if manifest else [],
        "warnings": list(manifest.warnings) if manifest else [],
        "needs_person": bool(manifest and manifest.needs_person(pass_unseen)),
        "reasons": [{"code": code, "sentence": output.text(code)} for code in asks],
        "parts": [
            {
                "pdf": str(job.parts / f"{name}.pdf"),
                "manifest": str(job.parts / f"{name}.json"),
                "document_type": part.document_type,
                "inside": part.source.inside is not None,
                "pages": list(part.source.pages or range(1, len(part.pages) + 1)),
                "doubtful": list(part.doubtful()),
            }
            for name, part in parts.items()
            if job.parts
        ],
        "error": output.described(error) if error else None,
    }
