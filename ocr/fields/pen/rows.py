"""Rows of figures: a telephone number, a day, the cells of a personal number.

How many figures there are is mostly known. Ink that hangs together is one figure, part of one, or
several; of all ways to cut and join it into that many figures the likeliest is taken. Two readers
then look at each figure, neither knowing what the other says.
"""

from collections.abc import Iterator, Sequence
from heapq import nlargest
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.fields.binarisation import ink_of
from ocr.fields.pen.apart import NO_FIGURE, NONE, SLASH, cuts
from ocr.fields.pen.hand_figures import KINDS, Array, look_at_hands
from ocr.fields.pen.pen_figures import look_at_figures
from ocr.fields.zone_reader import Image

SPECK = 0.18
"""Pieces lower than this part of the tallest are dirt."""

STROKE, LEAST = 0.45, 0.28
"""Lower ones may be part of a figure, the top of a 5, the end of one that a leader broke; under the
second they are no figure."""

RARER = -3.0
"""The logarithm of how much rarer a count of figures is than the one before it."""

LEFT_OUT = 0.02
"""How likely a piece of ink is none of the row: a remains of the print, a comma."""

WIDE = 0.62
"""Wider than this part of the tallest a piece may be two figures."""

NEAR = 0.3
"""Pieces of one figure are no further apart, in parts of the tallest."""

CERTAIN = 0.94
"""A figure that looks like one at first sight is not looked at in other views."""

ERR, STEEP = 0.3, 1.35
"""How often a figure is wrong: the first, times what is missing to a share of 1 to the second."""

NARROWED = 4
"""So many kinds of each figure are weighed in :func:`likeliest`."""


class Row(NamedTuple):
    """How likely each figure of a row is each of :data:`KINDS`, by both readers."""

    hands: Array
    pens: Array
    parts: tuple[int, ...]
    """How many figures each of the pictures holds, that were given."""

    def together(self) -> Array:
        """Both readers' shares multiplied, each figure's adding up to 1."""
        joint = np.sqrt((self.hands + 1e-4) * (self.pens + 1e-4))
        return np.asarray(joint / joint.sum(axis=1, keepdims=True), np.float32)


class Cut(NamedTuple):
    """Figures cut out of a line, left to right."""

    figures: tuple[Image, ...]
    score: float
    """The logarithm of how likely all of them are figures."""


class _Piece(NamedTuple):
    """Ink that hangs together, or stands above one another."""

    x0: int
    x1: int
    tall: int
    labels: tuple[int, ...]


def looked_at(parts: Sequence[Sequence[Image]]) -> Row:
    """Figures that were cut apart, as both readers see them."""
    every = [image for part in parts for image in part]
    hands = look_at_hands(every, thorough=False)
    doubtful = [k for k, row in enumerate(hands) if float(row.max()) < CERTAIN]
    if doubtful:
        hands[doubtful] = look_at_hands([every[k] for k in doubtful])
    return Row(hands, look_at_figures(every), tuple(len(part) for part in parts))


def figures_of(line: Image, counts: Sequence[int]) -> list[Image]:
    """The figures of a line, left to right; empty where it cannot be cut into so many.

    Args:
        line: grey, paper bright, nothing else written in it.
        counts: how many figures there may be, the likeliest first; empty: as many as there are.
    """
    found = cuts_of(line, counts)
    rank = {count: RARER * at for at, count in enumerate(counts)}
    likely = [(cut.score + rank.get(len(cut.figures), 0.0), cut.figures) for cut in found]
    return list(max(likely, key=lambda one: one[0])[1]) if likely else []


def cuts_of(line: Image, counts: Sequence[int]) -> list[Cut]:
    """The likeliest way to cut a line into each of ``counts``, or any count where that is empty;
    one way where its pieces are as many as they must be."""
    ink = ink_of(line)
    _, found, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    labels = np.asarray(found, np.int32)
    pieces = _pieces(np.asarray(stats, np.int64))
    if not pieces:
        return []
    tallest = max(piece.tall for piece in pieces)
    whole = [piece for piece in pieces if piece.tall >= STROKE * tallest]
    narrow = all(piece.x1 - piece.x0 <= WIDE * tallest for piece in pieces)
    if narrow and len(whole) == len(pieces) and (not counts or len(whole) in counts):
        return [Cut(tuple(_alone(line, labels, [piece]) for piece in whole), 0.0)]
    return _likeliest_cuts(line, labels, pieces, tallest, counts)


def _pieces(stats: NDArray[np.int64]) -> list[_Piece]:
    """Ink left to right; what stands above one another is one piece."""
    tallest = max((int(stat[3]) for stat in stats[1:]), default=0)
    found: list[_Piece] = []
    order = sorted(range(1, len(stats)), key=lambda k: int(stats[k][0]))
    for k in order:
        x, _, wide, tall, area = (int(v) for v in stats[k])
        if area < 12 or tall < SPECK * tallest:
            continue
        if found:
            last = found[-1]
            shared = min(last.x1, x + wide) - max(last.x0, x)
            if shared > 0.4 * min(last.x1 - last.x0, wide):
                labels = (*last.labels, k)
                top = min(int(stats[label][1]) for label in labels)
                foot = max(int(stats[label][1] + stats[label][3]) for label in labels)
                found[-1] = _Piece(last.x0, max(last.x1, x + wide), foot - top, labels)
                continue
        found.append(_Piece(x, x + wide, tall, (k,)))
    return found


def _alone(line: Image, labels: NDArray[np.int32], pieces: Sequence[_Piece]) -> Image:
    """The picture of some pieces without all other ink."""
    own = [label for piece in pieces for label in piece.labels]
    mask = np.isin(labels, own).astype(np.uint8)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0
    alone = np.where(near, line, int(np.percentile(line, 90))).astype(np.uint8)
    top, left = max(int(rows[0]) - 2, 0), max(int(columns[0]) - 2, 0)
    return np.asarray(alone[top : int(rows[-1]) + 3, left : int(columns[-1]) + 3], np.uint8)


class _Edge(NamedTuple):
    """From one place between pieces to another: the figures there, none where ink is left out."""

    start: int
    end: int
    figures: tuple[Image, ...]


def _edges(
    line: Image, labels: NDArray[np.int32], pieces: Sequence[_Piece], tallest: int
) -> Iterator[_Edge]:
    for k, piece in enumerate(pieces):
        picture = _alone(line, labels, [piece])
        wide = piece.x1 - piece.x0
        if piece.tall >= LEAST * tallest:
            yield _Edge(k, k + 1, (picture,))
        if piece.tall < STROKE * tallest:
            yield _Edge(k, k + 1, ())
        if wide > WIDE * tallest:
            for first, second in cuts(picture):
                yield _Edge(k, k + 1, (first, second))
                if wide > 2 * WIDE * tallest:
                    for third, fourth in cuts(second, 1):
                        yield _Edge(k, k + 1, (first, third, fourth))
        if k + 1 < len(pieces):
            other = pieces[k + 1]
            close = other.x0 - piece.x1 <= NEAR * tallest
            if close and max(other.x1, piece.x1) - piece.x0 <= 1.1 * tallest:
                yield _Edge(k, k + 2, (_alone(line, labels, [piece, other]),))


def _likeliest_cuts(
    line: Image,
    labels: NDArray[np.int32],
    pieces: Sequence[_Piece],
    tallest: int,
    counts: Sequence[int],
) -> list[Cut]:
    """The likeliest way through the pieces for each of the counts of figures."""
    edges = list(_edges(line, labels, pieces, tallest))
    shares = look_at_hands([image for edge in edges for image in edge.figures], thorough=False)
    sure = iter(shares[:, :10].max(axis=1) if len(shares) else ())
    most = max(counts, default=2 * len(pieces))
    best: dict[tuple[int, int], Cut] = {(0, 0): Cut((), 0.0)}
    scores = [
        sum(float(np.log(next(sure) + 1e-6)) for _ in edge.figures)
        if edge.figures
        else float(np.log(LEFT_OUT))
        for edge in edges
    ]
    for place in range(len(pieces)):
        for (at, count), cut in [item for item in best.items() if item[0][0] == place]:
            for edge, more in zip(edges, scores, strict=True):
                key = (edge.end, count + len(edge.figures))
                if edge.start != at or key[1] > most:
                    continue
                if key not in best or best[key].score < cut.score + more:
                    best[key] = Cut((*cut.figures, *edge.figures), cut.score + more)
    ended = {count: cut for (at, count), cut in best.items() if at == len(pieces) and count}
    if counts:
        return [cut for count, cut in ended.items() if count in counts]
    return [max(ended.values(), key=lambda cut: cut.score)] if ended else []


def torn(row: Row) -> bool:
    """Whether a reader takes one of the figures for none."""
    return bool((row.hands[:, NONE] >= NO_FIGURE).any())


def without_slashes(shares: Array) -> Array:
    """Shares of 0 to 9 alone, what else it may be left out."""
    held = shares[:, :SLASH]
    return np.asarray(held / np.maximum(held.sum(axis=1, keepdims=True), 1e-6), np.float32)


def text_of(shares: Array, *, slash: bool = False) -> tuple[str, float]:
    """The first choice of each figure, and how sure the least sure of them is."""
    held = shares[:, : SLASH + 1] if slash else shares[:, :SLASH]
    text = "".join(KINDS[int(k)] for k in held.argmax(axis=1))
    return text, float(held.max(axis=1).min(initial=1.0))


def whole_row(shares: Array, text: str) -> float:
    """How likely every figure of a row is what ``text`` says.

    A share is no probability: a network that is never quite certain gives 0.98 to what is wrong
    once in two thousand. :data:`ERR` and :data:`STEEP` were fitted on 4,000 drawn figures of real
    hands: wrong were 0.05 % of those from 0.98 on, 0.1 % from 0.95, 1.2 % from 0.9, 1.7 % from
    0.8, 4 % from 0.6, a fifth under that.
    """
    own = np.array([row[KINDS.index(c)] for row, c in zip(shares, text, strict=True)])
    wrong = np.minimum(ERR * (1 - own) ** STEEP, 1.0)
    return float(np.prod(1 - wrong))


def likeliest(shares: Array, starts: Sequence[str], best: int = 8) -> list[tuple[str, float]]:
    """The likeliest texts that begin with one of ``starts``, with their probabilities.

    Args:
        shares: of 0 to 9, a row for each figure.
        starts: all as long as one another; empty: any.
        best: how many are given.
    """
    rows = [{str(k): float(row[k]) for k in range(10)} for row in shares]
    head = len(starts[0]) if starts else 0
    heads = [(text, float(np.prod([rows[i][c] for i, c in enumerate(text)]))) for text in starts]
    found = nlargest(best, heads, key=lambda one: one[1]) if starts else [("", 1.0)]
    for row in rows[head:]:
        kinds = nlargest(NARROWED, row.items(), key=lambda one: one[1])
        longer = [(text + c, p * q) for (text, p), (c, q) in product(found, kinds)]
        found = nlargest(best, longer, key=lambda one: one[1])
    return found
