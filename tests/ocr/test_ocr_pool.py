"""Workers that die, hang and eat memory, and a parent that is never held up by them."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from drawn_pages import draw_page, saved
from pool_calls import (
    collects,
    crash,
    crash_first,
    hog,
    nap,
    odd,
    pid,
    reject,
    thread_limit,
)

from ocr import ReaderPool, ReadingOptions
from ocr.pool import _PRELOADED
from schemas.errors import InputRejected

SUPPORT = Path(__file__).parent.parent / "support"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pool() -> AsyncIterator[ReaderPool]:
    async with ReaderPool(ReadingOptions(memory_mb=1_024, seconds_per_page=40), 2) as running:
        yield running


pytestmark = pytest.mark.asyncio(loop_scope="module")


def fork_server() -> psutil.Process:
    """The process from which workers are forked."""
    (server,) = [
        child
        for child in psutil.Process().children()
        if "multiprocessing.forkserver" in " ".join(child.cmdline())
    ]
    return server


def workers() -> list[psutil.Process]:
    return fork_server().children()


async def test_the_whole_way_of_a_file(pool: ReaderPool, tmp_path: Path) -> None:
    page = draw_page(("Một trang đọc trong tiến trình khác", "Dòng thứ hai của trang này"))
    path = saved(page.image, tmp_path / "tên riêng.png")
    inspection = await pool.inspect(path)
    reading = await pool.read_page(path, 1)
    assert " ".join(word.text for word in reading.words) == page.text
    out = tmp_path / "out.pdf"
    assert (await pool.compose(path, inspection, [reading], out)).warnings == ()
    assert out.exists()
    for worker in workers():
        assert "tên" not in " ".join(worker.cmdline())


async def test_workers_stay_and_have_one_thread_for_tesseract(pool: ReaderPool) -> None:
    first = {await pool.run(pid, timeout=120) for _ in range(6)}
    assert os.getpid() not in first
    assert len(first) <= 2
    assert await pool.run(thread_limit, timeout=120) == "1"


async def test_our_errors_come_through_whole(pool: ReaderPool, tmp_path: Path) -> None:
    with pytest.raises(InputRejected) as caught:
        await pool.run(reject, timeout=120)
    assert caught.value.params == {"kind": "PDF"}
    path = tmp_path / "x.pdf"
    path.touch()
    with pytest.raises(InputRejected) as caught:
        await pool.inspect(path)
    assert caught.value.code == "reading.empty_file"


async def test_any_other_error_on_a_file_is_an_outcome(pool: ReaderPool) -> None:
    with pytest.raises(InputRejected) as caught:
        await pool._file_call(odd)
    assert caught.value.code == "reading.not_readable"
    assert "name that" not in str(caught.value)


async def test_a_call_that_hangs_is_ended_twice_and_then_said(pool: ReaderPool) -> None:
    started = time.monotonic()
    with pytest.raises(InputRejected) as caught:
        await pool.run(nap, 60, timeout=0.5)
    assert caught.value.code == "reading.page_timeout"
    assert time.monotonic() - started < 60
    assert await pool.run(nap, 0, timeout=120)


async def test_a_call_that_crashes_once_is_done_the_second_time(
    pool: ReaderPool, tmp_path: Path
) -> None:
    assert await pool.run(crash_first, tmp_path / "marker", timeout=120) == "second time"


async def test_a_call_that_always_crashes_is_said(pool: ReaderPool) -> None:
    with pytest.raises(InputRejected) as caught:
        await pool.run(crash, timeout=120)
    assert caught.value.code == "reading.worker_died"


async def test_memory_is_limited(pool: ReaderPool) -> None:
    assert await pool.run(hog, 64, timeout=120) == 64 << 17
    with pytest.raises((InputRejected, MemoryError)):
        await pool.run(hog, 4_096, timeout=120)


async def test_killing_busy_workers_loses_nothing(pool: ReaderPool) -> None:
    calls = [asyncio.create_task(pool.run(nap, 0.8, timeout=120)) for _ in range(4)]
    await asyncio.sleep(0.5)
    for worker in workers():
        worker.kill()
    assert all(await asyncio.wait_for(asyncio.gather(*calls), 240))


async def test_killing_idle_workers_breaks_nothing(pool: ReaderPool) -> None:
    await pool.run(nap, 0, timeout=120)
    await asyncio.sleep(0.5)
    for worker in workers():
        worker.kill()
    await asyncio.sleep(0.5)
    assert await asyncio.wait_for(pool.run(pid, timeout=120), 240)


async def test_killing_the_server_of_the_workers_loses_nothing(pool: ReaderPool) -> None:
    calls = [asyncio.create_task(pool.run(nap, 0.8, timeout=120)) for _ in range(4)]
    await asyncio.sleep(0.5)
    before, killed = workers(), fork_server()
    killed.kill()
    assert all(await asyncio.wait_for(asyncio.gather(*calls), 240))
    assert fork_server() != killed
    assert not any(worker.is_running() for worker in before)


async def test_what_the_server_imports_is_there_and_no_more_than_a_page_needs() -> None:
    """It passes over in silence what it cannot import."""
    program = f"import gc, sys, {', '.join(_PRELOADED)}; print(gc.isenabled(), *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    collects, *modules = done.stdout.split()
    assert collects == "False"
    assert {"ocr.pipeline", "ocr.fields", "ocr.pdfa.compose", "cv2"} <= set(modules)
    assert not {"fontTools.subset", "onnxruntime", "tesserocr", "scipy"}.intersection(modules)
    assert not any(name.partition(".")[0] in {"signing", "storage"} for name in modules)


async def test_a_worker_collects_its_garbage(pool: ReaderPool) -> None:
    assert await pool.run(collects, timeout=120)


async def test_workers_as_needed_are_started_when_calls_wait() -> None:
    async with ReaderPool(ReadingOptions(), 2, as_needed=True) as one:
        before = {await one.run(pid, timeout=120) for _ in range(8)}
        assert len(before) == 1
        both = await asyncio.gather(*(one.run(nap, 1, timeout=120) for _ in range(6)))
        assert len(set(both)) == 2


async def test_a_cancelled_call_frees_its_worker(pool: ReaderPool) -> None:
    call = asyncio.create_task(pool.run(nap, 120, timeout=200))
    await asyncio.sleep(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    both = (pool.run(nap, 0.1, timeout=120), pool.run(nap, 0.1, timeout=120))
    assert all(await asyncio.wait_for(asyncio.gather(*both), 240))


async def test_a_stuck_pool_is_replaced() -> None:
    """As when a worker dies while it holds the lock of pebble's channel."""
    async with ReaderPool(ReadingOptions(), 1) as stuck:
        assert await stuck.run(pid, timeout=120)
        channel = stuck._home._pool._pool_manager.worker_manager.workers_channel
        assert channel.mutex.acquire(timeout=5)
        stuck._stall = 2.0
        assert await asyncio.wait_for(stuck.run(pid, timeout=120), 240)


async def test_closing_twice_and_reading_again() -> None:
    again = ReaderPool(ReadingOptions(), 1)
    again.close()
    again.start()
    assert await again.run(pid, timeout=120)
    again.close()
    again.close()


async def test_workers_die_with_a_killed_parent(tmp_path: Path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import asyncio, sys
            sys.path[:0] = {[str(SUPPORT), *sys.path]!r}
            from ocr import ReaderPool, ReadingOptions
            from pool_calls import nap, pid

            async def main():
                async with ReaderPool(ReadingOptions(), 2) as pool:
                    found = await asyncio.gather(*(pool.run(nap, 0.3, timeout=120) for _ in "ab"))
                    print(*found, flush=True)
                    await pool.run(nap, 600, timeout=900)

            if __name__ == "__main__":
                asyncio.run(main())
            """
        )
    )
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = [int(number) for number in (await asyncio.to_thread(parent.stdout.readline)).split()]
    assert children
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while any(psutil.pid_exists(child) for child in children) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    assert not any(psutil.pid_exists(child) for child in children)
