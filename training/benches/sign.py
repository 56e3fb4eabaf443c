"""Signing side by side with ``pyhanko sign addsig``, one start a file, in one run.

Both sides sign the same files with the same key, and ask the same local authority for time stamps.
Ours draws the copy signature too; pyHanko's is invisible. The rounds alternate, so that a busy
machine is busy for both. CPU of the authority counts for neither.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psutil
from pydantic import Field

from schemas.errors import MissingDependency, ServiceUnavailable
from schemas.page import Frozen
from signing import (
    Level,
    Pki,
    Signer,
    SignerRole,
    SigningOptions,
    TimeStampService,
    trust_store,
    verify,
)
from training.benches.authority import AGENCY
from usecases.context import now
from usecases.results import draw, shipped_templates

LEVELS = (Level.b_b, Level.b_lta)
_MB = 1 << 20


class Side(Frozen):
    """One program at one level."""

    program: str
    level: Level
    files: int
    cpu_ms: float = Field(description="CPU of a file, milliseconds")
    per_minute: float = Field(description="files a minute, one after the other")


class SignReport(Frozen):
    """What was measured."""

    sides: tuple[Side, ...]
    cpu_times: float | None = Field(description="how many times less CPU at B-B")
    rate_times: float | None = Field(description="how many times more files a minute at B-LTA")
    many: int = Field(description="files signed in one process to look at its memory")
    early_mb: float = Field(description="memory after a tenth of them")
    late_mb: float = Field(description="memory after all of them")
    large_mb: float = Field(description="size of the large file")
    large_peak_mb: float = Field(description="peak memory of a process that signs it at B-LTA")


def sign(
    files: int, many: int, say: Callable[[str], None], *, program: Path | None = None
) -> SignReport:
    """Measure; ``program`` is pyHanko's command line, None: ours alone.

    Raises:
        MissingDependency: ``program`` is not there.
        ServiceUnavailable: a file was not signed as it should be.
    """
    if program is not None and shutil.which(program) is None:
        raise MissingDependency("signing.bench_no_pyhanko")
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        paper = _paper(folder / "paper.pdf")
        with _authority(folder) as address:
            pki = Pki(folder / "pki", now)
            sides: list[Side] = []
            for level in LEVELS:
                say(f"{level.value}: {files}")
                sides.append(_ours(folder, pki, address, paper, level, files))
                if program is not None:
                    theirs = max(3, files // 10)
                    sides.append(_theirs(folder, address, paper, level, theirs, program))
            say(f"memory: {many}")
            early, late = _memory(folder, pki, address, paper, many)
        say("large")
        size, peak = _large(folder)
    return SignReport(
        sides=tuple(sides),
        cpu_times=_times(sides, Level.b_b, lambda ours, theirs: theirs.cpu_ms / ours.cpu_ms),
        rate_times=_times(
            sides, Level.b_lta, lambda ours, theirs: ours.per_minute / theirs.per_minute
        ),
        many=many,
        early_mb=early,
        late_mb=late,
        large_mb=size,
        large_peak_mb=peak,
    )


def _times(sides: list[Side], level: Level, ratio: Callable[[Side, Side], float]) -> float | None:
    pair = [side for side in sides if side.level is level]
    return ratio(pair[0], pair[1]) if len(pair) == 2 else None


@contextmanager
def _authority(folder: Path) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "training.benches.authority", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        address = child.stdout.readline().strip() if child.stdout else ""
        if not address:
            raise ServiceUnavailable("signing.bench_failed")
        yield address
        if child.stdin:
            child.stdin.close()
        child.wait(20)


def _options(address: str, level: Level) -> SigningOptions:
    return SigningOptions(
        agency=AGENCY, level=level, time_stamps=TimeStampService(address=f"{address}/tsa")
    )


def _ours(folder: Path, pki: Pki, address: str, paper: Path, level: Level, files: int) -> Side:
    signer = Signer(pki, _options(address, level))
    out = folder / f"ours-{level.value}"
    out.mkdir()
    signer.sign(paper, out / "warm.pdf", role=SignerRole.seal)
    cpu, start = time.process_time(), time.monotonic()
    for number in range(files):
        signer.sign(paper, out / f"{number}.pdf", role=SignerRole.seal)
    cpu, wall = time.process_time() - cpu, time.monotonic() - start
    signer.close()
    _check(out / "0.pdf", pki, level)
    shutil.rmtree(out)
    return Side(
        program="sohoa",
        level=level,
        files=files,
        cpu_ms=1000 * cpu / files,
        per_minute=60 * files / wall,
    )


def _theirs(
    folder: Path, address: str, paper: Path, level: Level, files: int, program: Path
) -> Side:
    keys = folder / "pki"
    config = folder / "pyhanko.yml"
    config.write_text(
        "validation-contexts:\n  bench:\n"
        f"    trust: {keys / 'root.pem'}\n    other-certs: {keys / 'issuing.pem'}\n"
    )
    out = folder / f"theirs-{level.value}"
    out.mkdir()
    command = [str(program), "--config", str(config), "sign", "addsig", "--field", "Sig1"]
    command += ["--use-pades"]
    if level is Level.b_lta:
        command += ["--timestamp-url", f"{address}/tsa", "--with-validation-info"]
        command += ["--validation-context", "bench", "--use-pades-lta"]
    command += ["pemder", "--no-pass", "--key", str(keys / "seal.key.pem")]
    command += ["--cert", str(keys / "seal.pem"), "--chain", str(keys / "issuing.pem")]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    for number in range(files):
        done = subprocess.run(
            [*command, str(paper), str(out / f"{number}.pdf")], capture_output=True, check=False
        )
        if done.returncode:
            raise ServiceUnavailable("signing.bench_failed")
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    _check(out / "0.pdf", Pki(keys, now), level)
    shutil.rmtree(out)
    return Side(
        program="pyhanko",
        level=level,
        files=files,
        cpu_ms=1000 * cpu / files,
        per_minute=60 * files / wall,
    )


def _check(path: Path, pki: Pki, level: Level) -> None:
    """Both sides made what they were asked for."""
    (report,) = verify(path, trust_store(pki)).signatures
    if not (report.intact and report.trusted and report.level == level.value):
        raise ServiceUnavailable("signing.bench_failed")


def _memory(folder: Path, pki: Pki, address: str, paper: Path, many: int) -> tuple[float, float]:
    """Memory of this process after a tenth of the files and after all, in MB."""
    signer = Signer(pki, _options(address, Level.b_lta))
    process, early, late = psutil.Process(), 0.0, 0.0
    for number in range(many):
        out = folder / "many.pdf"
        signer.sign(paper, out, role=SignerRole.seal)
        out.unlink()
        late = process.memory_info().rss / _MB
        if number + 1 == max(1, many // 10):
            early = late
    signer.close()
    return early, late


def _large(folder: Path) -> tuple[float, float]:
    """Size of a large file in MB, and the peak memory of a process that signs it."""
    import pikepdf  # noqa: PLC0415

    path = folder / "large.pdf"
    with pikepdf.new() as document:
        noise = (folder / "paper.pdf").read_bytes()
        for number in range(25):
            page = document.add_blank_page(page_size=(595, 842))
            block = bytes((number + index) % 251 for index in range(1 << 12)) + noise
            content = (block * (4 * _MB // len(block) + 1))[: 4 * _MB]
            image = pikepdf.Stream(document, content)
            image.update(
                {
                    "/Type": pikepdf.Name.XObject,
                    "/Subtype": pikepdf.Name.Image,
                    "/Width": 2048,
                    "/Height": 2048,
                    "/BitsPerComponent": 8,
                    "/ColorSpace": pikepdf.Name.DeviceGray,
                }
            )
            page.obj.Resources = pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(Im=document.make_indirect(image))
            )
            page.obj.Contents = pikepdf.Stream(document, b"q 300 0 0 300 50 50 cm /Im Do Q")
        document.save(path, compress_streams=False)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "training.benches.signing_once",
            str(folder / "pki"),
            str(path),
            str(folder / "large-signed.pdf"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServiceUnavailable("signing.bench_failed")
    return path.stat().st_size / _MB, int(done.stdout) / 1024


def _paper(path: Path) -> Path:
    """A decision without force, of a ward that is not there."""
    values = {
        "issuer": {"name": AGENCY, "place": "Ví Dụ"},
        "number": "1/QĐ-UBND",
        "day": date.today(),
        "subject": "Về việc đo tốc độ ký số",
        "authority": "CHỦ TỊCH " + AGENCY,
        "grounds": ["Căn cứ nhu cầu đo lường"],
        "articles": [{"text": "Quyết định này không có giá trị pháp lý"}],
        "signer": {"title": "CHỦ TỊCH", "name": "Nguyễn Văn Ví"},
    }
    draw(shipped_templates()["decision"], values, path)
    return path
