"""Whether guesses at the public page are told apart: by what is answered, or by how long it takes.

Requests of several kinds come in random order, each from an address of its own, to the application
itself: without sockets there is less noise for a difference to hide in. The times of two kinds are
compared by Mann and Whitney's test, which asks of no distribution.
"""

import asyncio
import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
from fastapi import FastAPI
from pydantic import Field

from portal.app import make_app
from portal.options import PortalOptions
from schemas.dossier import Role, Stage
from schemas.page import Frozen
from schemas.public_code import new_code
from storage import Ledger, NewClaim, NewFile
from training.benches.desk_served import rooms_of

BAR_P = 0.01
_FIRST = 50
"""Answers that are not counted: templates are compiled, connections opened."""
_TRIES = 4
"""Wrong figures that a code takes before its next try must wait."""
FIGURES = "004217"


class PairOfKinds(Frozen):
    """Two kinds of requests that nothing is found for."""

    first: str
    second: str
    asked: int = Field(description="of each")
    medians_ms: tuple[float, float]
    p: float = Field(description="of Mann and Whitney's test, two-sided")


class CheckReport(Frozen):
    """What guesses learned."""

    documents: int
    guesses: int
    hits: int
    answers: int = Field(description="different ones, headers included; 1 is what should be")
    pairs: tuple[PairOfKinds, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was hit, and nothing told kinds apart."""
        return not self.hits and self.answers == 1 and all(one.p > BAR_P for one in self.pairs)


class _Asked(NamedTuple):
    kind: str
    method: str
    path: str
    said: dict[str, str] | None


def public_check(
    folder: Path, documents: int, guesses: int, say: Callable[[str], None]
) -> CheckReport:
    """Guess at a page over a ledger of ``documents`` with public codes.

    Args:
        folder: where the ledger goes.
        documents: how many have a code.
        guesses: at codes; half as many again are no codes at all.
        say: told what is done.
    """
    with Ledger.open(f"sqlite:///{folder}/ledger.sqlite") as ledger:
        say(f"{documents} documents")
        codes = list(_published(ledger, documents))
        app = make_app(rooms_of(ledger, folder / "work"), PortalOptions())
        say(f"{guesses} guesses")
        order = [*_guesses(guesses), *_papers(codes)]
        random.shuffle(order)
        seen, times = asyncio.run(_answers(app, order))
    hits = sum(status != httpx.codes.NOT_FOUND for status, _ in seen)
    pairs = (
        ("code: unknown", "code: malformed"),
        ("paper: unknown", "paper: malformed"),
        ("paper: unknown", "paper: other figures"),
    )
    return CheckReport(
        documents=documents,
        guesses=guesses,
        hits=hits,
        answers=len(set(seen)),
        pairs=tuple(_compared(one, other, times) for one, other in pairs),
    )


def _published(ledger: Ledger, documents: int) -> Iterator[str]:
    """The codes of documents that were published; rows alone, without files."""
    way: tuple[tuple[Stage, dict[str, Any]], ...] = (
        (Stage.digitised, {"manifest_sha256": "a" * 64, "pdfa_sha256": "b" * 64, "pages": 1}),
        (Stage.ready_to_sign, {}),
        (Stage.signed, {"signed_sha256": "c" * 64}),
        (Stage.stored, {}),
        (Stage.published, {}),
    )
    for number in range(documents):
        code = f"H17-261201-{number:04d}"
        paper = NewFile(
            relative="1.pdf", name="1.pdf", role=Role.result, bytes=1,
            sha256=hashlib.sha256(code.encode()).hexdigest(),
        )  # fmt: skip
        (document,) = ledger.register(
            NewClaim(
                claim_id=code, department="mot-cua", code=code, folder=code, files=(paper,),
                actor="bench",
            )
        ).documents  # fmt: skip
        made = ledger.public_codes.make(
            document.id, "bench", signer_title=None, figures={FIGURES, f"{number:06d}"}
        )
        stage = Stage.received
        for to, told in way:
            ledger.advance(document.id, stage, to, actor="bench", **told)
            stage = to
        yield made


def _guesses(count: int) -> Iterator[_Asked]:
    for number in range(count):
        yield _Asked("code: unknown", "GET", f"/check/{new_code()}", None)
        if number % 2:
            yield _Asked("code: malformed", "GET", f"/check/{_malformed()}", None)


def _malformed() -> str:
    """No code, as long as one: how long it takes to send more signs tells nothing of codes."""
    return f"-{new_code()[:-2]}U"


def _papers(codes: list[str]) -> Iterator[_Asked]:
    for code in codes:
        of_kind = {"unknown": new_code(), "malformed": _malformed(), "other figures": code}
        for turn in range(_TRIES):
            for kind, said in of_kind.items():
                form = {"code": said, "figures": f"9{turn:05d}"}
                yield _Asked(f"paper: {kind}", "POST", "/check/paper", form)


async def _answers(
    app: FastAPI, order: list[_Asked]
) -> tuple[list[tuple[int, bytes]], dict[str, list[float]]]:
    """Status and digest of every answer, and milliseconds by kind."""
    seen: list[tuple[int, bytes]] = []
    times: dict[str, list[float]] = {}
    for number, asked in enumerate([*order[:_FIRST], *order]):
        peer = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        transport = httpx.ASGITransport(app, client=(peer, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
            begun = time.perf_counter()
            answer = await browser.request(asked.method, asked.path, data=asked.said)
            took = 1000 * (time.perf_counter() - begun)
        if number >= _FIRST:
            told = repr(sorted(answer.headers.items())).encode() + answer.content
            seen.append((answer.status_code, hashlib.sha256(told).digest()))
            times.setdefault(asked.kind, []).append(took)
    return seen, times


def _compared(first: str, second: str, times: dict[str, list[float]]) -> PairOfKinds:
    one, other = np.array(times[first]), np.array(times[second])
    return PairOfKinds(
        first=first,
        second=second,
        asked=min(one.size, other.size),
        medians_ms=(float(np.median(one)), float(np.median(other))),
        p=mann_whitney(times[first], times[second]),
    )


def mann_whitney(one: list[float], other: list[float]) -> float:
    """How likely two samples are to differ so much where nothing tells them apart, two-sided.

    By the normal approximation with the correction for ties, good from some twenty values on
    (Mann and Whitney, 1947).
    """
    values = np.array([*one, *other])
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    m, n, total = len(one), len(other), values.size
    u = ranks[:m].sum() - m * (m + 1) / 2
    ties = float((count**3 - count).sum()) / (total * (total - 1))
    spread = math.sqrt(m * n / 12 * (total + 1 - ties))
    return math.erfc(abs(u - m * n / 2) / spread / math.sqrt(2)) if spread else 1.0
