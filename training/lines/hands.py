"""How lines are written: by strokes of people who wrote the Latin letters, or by open fonts.

The strokes are Omniglot's (B. Lake and others, MIT): 26 small letters by 20 people with a stylus;
``latin.zip`` is its Latin part. Capital letters, signs and the marks of Vietnamese are written in
the same manner after ``capitals.yaml``, figures after ``strokes.yaml``. Lengths are in heights of a
small x; y grows downwards, 0 is the line that is written on.
"""

import unicodedata
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import yaml
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from training.drawn_figures import smooth

Ink = NDArray[np.uint8]
"""Ink is 255, paper 0."""
Stroke = NDArray[np.float64]
"""Points, shape (n, 2)."""
Glyph = list[Stroke]

_TALL = frozenset("bdfhkl")
_BELOW = frozenset("gpqy")
_MARKS = {
    "\u0301": "acute", "\u0300": "grave", "\u0309": "hook", "\u0303": "tilde", "\u0323": "dot",
    "\u0302": "circumflex", "\u0306": "breve", "\u031b": "horn",
}  # fmt: skip
_SHAPES = frozenset({"circumflex", "breve", "horn"})
_SIGNS = {"'": ",", "–": "-", "+": "-", ":": ".", ";": ","}


class Letters(NamedTuple):
    """All that strokes are made of."""

    small: tuple[dict[str, Glyph], ...]
    """Per person, the small letters."""
    shapes: dict[str, list[Glyph]]
    """Capitals, signs, marks, figures: ways to write each, in a square."""


def letters(archive: Path) -> Letters:
    """The letters of ``latin.zip`` and of this project's own lists."""
    people: list[dict[str, Glyph]] = [{} for _ in range(20)]
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.namelist():
            if not entry.endswith(".txt") or "strokes/character" not in entry:
                continue
            letter = chr(ord("a") + int(entry.split("character")[1][:2]) - 1)
            person = int(entry.rsplit("_", 1)[1][:-4]) - 1
            people[person][letter] = _placed(_strokes(opened.read(entry).decode()), letter)
    shapes: dict[str, list[Glyph]] = {}
    for file in ("capitals.yaml", "../strokes.yaml"):
        text = files("training.lines").joinpath(file).read_text("utf-8")
        for key, ways in yaml.safe_load(text).items():
            made = [[smooth(np.array(stroke, float), 6) for stroke in way] for way in ways]
            shapes[str(key)] = made
    return Letters(tuple(people), shapes)


def _strokes(text: str) -> Glyph:
    parts: list[list[tuple[float, float]]] = [[]]
    for line in text.split():
        if line == "BREAK":
            parts.append([])
        elif line != "START":
            x, y, _ = line.split(",")
            parts[-1].append((float(x), -float(y)))
    return [np.array(part) for part in parts if part]


def _placed(glyph: Glyph, letter: str) -> Glyph:
    """A letter set on the line, as high as its kind of letter is."""
    points = np.vstack(glyph)
    low, high = points.min(axis=0), points.max(axis=0)
    top = -1.75 if letter in _TALL else -1.4 if letter in "tij" else -1.0
    foot = 0.75 if letter in _BELOW or letter == "j" else 0.0
    tall = max(high[1] - low[1], 1.0)
    scale = (foot - top) / tall
    wide = min(scale, 1.7 / max(high[0] - low[0], 1.0))
    return [(s - [low[0], low[1]]) * [wide, scale] + [0.0, top] for s in glyph]


class Hand(NamedTuple):
    """How somebody writes, drawn once a line."""

    slant: float
    shake: float
    gap: float
    space: float
    joins: float
    capital: float
    aside: float
    """How far marks stand to the right of their letter."""
    above: float
    stacked: bool
    """Whether a tone stands on the circumflex, not beside it."""
    marked: bool
    """Of fonts: whether marks are written by strokes."""
    astray: float
    """How far a mark stands from where the others do."""
    hurry: float
    """How much of a word's last letters is lost: they get flat and narrow."""
    wave: float
    narrow: float


def hand(rng: Generator) -> Hand:
    """Somebody's way of writing."""
    hurry = float(rng.uniform(0.15, 0.6)) if rng.random() < 0.4 else 0.0
    return Hand(
        slant=float(rng.normal(0.08, 0.17)),
        shake=float(rng.uniform(0.01, 0.07)),
        gap=float(rng.uniform(0.05, 0.5)),
        space=float(rng.uniform(0.6, 1.8)),
        joins=0.9 if hurry else float(rng.choice([0.0, 0.3, 0.9])),
        capital=float(rng.uniform(1.4, 2.0)),
        aside=float(rng.normal(0.35, 0.35)),
        above=float(rng.normal(0.0, 0.12)),
        stacked=bool(rng.random() < 0.4),
        marked=bool(rng.random() < 0.65),
        astray=float(rng.uniform(0.08, 0.3)),
        hurry=hurry,
        wave=float(rng.uniform(0.0, 0.2)),
        narrow=float(rng.uniform(0.6, 1.15)),
    )


def by_strokes(text: str, known: Letters, height: float, rng: Generator) -> Ink:
    """A line by a person's strokes; ``height`` of a small x in pixels."""
    way = hand(rng)
    person = known.small[int(rng.integers(len(known.small)))]
    at, drawn = 0.0, list[Stroke]()
    before: Stroke | None = None
    phase = rng.uniform(0, 6)
    for place, character in enumerate(text):
        if character == " ":
            at += way.space * rng.uniform(0.7, 1.4)
            before = None
            continue
        glyph, wide = _written(character, person, known, way, rng)
        if character.isalpha() and before is not None:
            lost = way.hurry * _of_word(text, place)
            glyph = [stroke * [1.0 - 0.7 * lost, 1.0 - 0.6 * lost] for stroke in glyph]
            wide *= 1.0 - 0.7 * lost
        lift = way.wave * np.sin(at / 4 + phase) + rng.normal(0, 0.05)
        placed = [stroke + np.array([at, lift]) for stroke in glyph]
        if placed and before is not None and rng.random() < way.joins and character.isalpha():
            drawn.append(_joined(before, placed[0]))
        drawn += placed
        before = placed[0] if placed and character.isalpha() else None
        at += wide + way.gap * rng.uniform(0.5, 1.4)
    return _inked([s @ np.array([[1.0, 0.0], [-way.slant, 1.0]]) for s in drawn], height, rng)


def _of_word(text: str, place: int) -> float:
    """How much of its word lies before a place, 0 to 1."""
    start = text.rfind(" ", 0, place) + 1
    end = text.find(" ", place)
    return (place - start) / max((end if end >= 0 else len(text)) - start - 1, 1)


def _joined(before: Stroke, after: Stroke) -> Stroke:
    start, end = before[-1], after[0]
    middle = (start + end) / 2 + [0.0, 0.15]
    return smooth(np.array([start, middle, end]), 6)


def _written(
    character: str, person: dict[str, Glyph], known: Letters, way: Hand, rng: Generator
) -> tuple[Glyph, float]:
    """A character's strokes and how wide it is."""
    base, marks = _apart(character)
    small = base.lower()
    if base in person:
        drawn = [s.copy() for s in person[base]]
        if base in "ij" and any(mark != "dot" for mark in marks) and len(drawn) > 1:
            drawn = drawn[:1]
        scale = np.array([way.narrow, 1.0]) * rng.normal(1.0, 0.07, 2)
        top = -1.0
    else:
        ways = known.shapes.get(_SIGNS.get(base, base)) or known.shapes["-"]
        drawn = ways[int(rng.integers(len(ways)))]
        tall = way.capital * (0.85 if base.isdigit() else 1.0) * rng.uniform(0.9, 1.1)
        low = 0.0
        if base in ",.;:'":
            tall, low = 0.45, 0.3
        elif base in "-–+":
            tall, low = 0.3, -0.4
        wide = 0.25 if base in ",.;:'" else 0.65 * rng.uniform(0.75, 1.3)
        drawn = [s * [1.0, tall] + [0.0, low - tall] for s in drawn]
        if base == "1":
            wide *= 0.5
        scale = np.array([wide * way.capital * way.narrow if base.isalnum() else wide, 1.0])
        top = -tall
        if small in person and base not in known.shapes:
            drawn = person[small]
    drawn = [_bent(stroke * scale, way.shake, rng) for stroke in drawn]
    right = max((float(s[:, 0].max()) for s in drawn), default=0.5)
    return [*drawn, *_marked(marks, right / 2, right, top, known, way, rng)], right


def _apart(character: str) -> tuple[str, list[str]]:
    """A letter without its marks, and these, shapes before tones."""
    if character in "đĐ":
        return ("d" if character == "đ" else "D"), ["bar"]
    base, *marks = list(unicodedata.normalize("NFD", character))
    named = [_MARKS[mark] for mark in marks if mark in _MARKS]
    return base, sorted(named, key=lambda mark: mark not in _SHAPES)


def _bent(stroke: Stroke, shake: float, rng: Generator) -> Stroke:
    """A stroke as another day's hand makes it: its points moved a little, smoothly."""
    if len(stroke) < 2:
        return np.vstack([stroke, stroke + 0.05])
    knots = rng.normal(0, shake, (4, 2))
    t = np.linspace(0, 3, len(stroke))
    moved = np.stack([np.interp(t, range(4), knots[:, k]) for k in range(2)], axis=1)
    return np.asarray(stroke + moved, np.float64)


def _marked(
    marks: Sequence[str],
    middle: float,
    right: float,
    top: float,
    known: Letters,
    way: Hand,
    rng: Generator,
) -> Glyph:
    """The strokes of a letter's marks."""
    drawn: Glyph = []
    high = top - 0.15 + way.above
    shaped = any(mark in {"circumflex", "breve"} for mark in marks)
    for mark in marks:
        ways = known.shapes[mark]
        size = rng.uniform(0.75, 1.25) * (1.25 if top < -1.2 else 1.0)
        x = middle + way.aside + rng.normal(0, way.astray)
        y = high + rng.normal(0, 0.06)
        if mark == "bar":
            x, y = (right * 0.85, -1.4) if top > -1.2 else (right * 0.15, top / 2)
        elif mark == "horn":
            x, y = right, top + 0.1
        elif mark == "dot":
            x, y = middle + rng.normal(0, 0.15), 0.1 + abs(rng.normal(0, 0.12))
        elif mark not in _SHAPES and shaped:
            x, y = (x, y - 0.3) if way.stacked else (x + 0.4, y - 0.1)
        drawn += [
            _bent(s * size + [x, y], way.shake * 0.6, rng)
            for s in ways[int(rng.integers(len(ways)))]
        ]
    return drawn


def _inked(strokes: Sequence[Stroke], height: float, rng: Generator) -> Ink:
    """Strokes drawn by a pen on a canvas with a margin of one x around them."""
    every = np.vstack([*strokes, np.zeros((1, 2))])
    low, high = every.min(axis=0) - 1.0, every.max(axis=0) + 1.0
    size = np.ceil((high - low) * height).astype(int)
    canvas = np.zeros((int(size[1]), int(size[0])), np.uint8)
    thick = max(1.0, rng.uniform(0.05, 0.16) * height)
    for stroke in strokes:
        path = np.round((stroke - low) * height * 8).astype(np.int32)
        pen = max(1, round(thick * rng.uniform(0.85, 1.15)))
        cv2.polylines(canvas, [path], False, (255,), pen, cv2.LINE_AA, 3)
    return canvas


class Face(NamedTuple):
    """A font's files by the letters they hold."""

    files: tuple[Path, ...]
    covers: tuple[frozenset[int], ...]

    def file_of(self, character: str) -> Path | None:
        """The file that draws a character; None where none does."""
        at = (k for k, held in enumerate(self.covers) if ord(character) in held)
        found = next(at, None)
        return None if found is None else self.files[found]


def faces(folder: Path) -> tuple[Face, ...]:
    """The fonts below a folder with all letters of Vietnamese, each from packages ``@fontsource``:
    ``NAME/files/NAME-{latin,vietnamese}-400-normal.woff``."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415  # training's own need

    found = []
    for one in sorted(folder.iterdir()):
        parts = [one / "files" / f"{one.name}-{k}-400-normal.woff" for k in ("latin", "vietnamese")]
        if not all(part.is_file() for part in parts):
            continue
        covers = tuple(frozenset(TTFont(str(part)).getBestCmap()) for part in parts)
        face = Face(tuple(parts), covers)
        if all(face.file_of(c) is not None for c in "aăâđêôơưĂÂĐÊÔƠƯẾỗựỹ0123456789,/"):
            found.append(face)
    return tuple(found)


@lru_cache(maxsize=512)
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size)


def by_font(
    text: str, face: Face, known: Letters, height: float, rng: Generator, *, printed: bool = False
) -> Ink:
    """A line in a font, letter by letter, marks in part by strokes; nothing moved if printed."""
    way = hand(rng)
    if printed:
        way = way._replace(slant=0.0, marked=False, wave=0.0, space=0.0)
    latin = face.files[0]
    x_of = max(0.2, -_font(latin, 100).getbbox("x", anchor="ls")[1] / 100)
    size = max(8, round(height / x_of))
    canvas = Pictures.new("L", (int(len(text) * size * 1.1 + 4 * size), int(size * 3.2)), 0)
    pen = ImageDraw.Draw(canvas)
    at, line = float(size), size * 1.8
    marks = list[Stroke]()
    spread = 0.0 if printed else rng.uniform(-0.02, 0.06) * size
    for character in text:
        base, named = _apart(character)
        by_hand = way.marked and bool(named) and named != ["bar"] and base not in "ij"
        shown = base if by_hand else character
        file = face.file_of(shown) or latin
        font = _font(file, size)
        lift = way.wave * 0.3 * height * np.sin(at / (4 * height)) + rng.normal(
            0, 0.02
        ) * height * (not printed)
        pen.text((at, line + lift), shown, fill=255, font=font, anchor="ls")
        if by_hand:
            box = font.getbbox(shown, anchor="ls")
            middle, right, top = ((box[0] + box[2]) / 2, box[2], box[1])
            drawn = _marked(
                named, middle / height, right / height, top / height, known, way, rng
            )  # fmt: skip
            marks += [s * height + [at, line + lift] for s in drawn]
        at += font.getlength(shown) + spread
        if character == " ":
            at += way.space * 0.15 * height
    ink = np.asarray(canvas, np.uint8).copy()
    thick = max(1, round(rng.uniform(0.06, 0.16) * height))
    for stroke in marks:
        path = np.round(stroke * 8).astype(np.int32)
        cv2.polylines(ink, [path], False, (255,), thick, cv2.LINE_AA, 3)
    return _sheared(ink[:, : int(at + size)], way.slant * 0.6)


def _sheared(ink: Ink, slant: float) -> Ink:
    height, width = ink.shape
    away = abs(slant) * height
    turn = np.array([[1.0, -slant, away if slant > 0 else 0.0], [0.0, 1.0, 0.0]])
    turn[0, 2] = slant * height if slant > 0 else 0.0
    return np.asarray(cv2.warpAffine(ink, turn, (int(width + away), height)), np.uint8)
