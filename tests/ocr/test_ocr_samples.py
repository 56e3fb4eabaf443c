"""Real scans, where they are: set ``SOHOA_SAMPLES`` to the folder of samples."""

import os
from collections import Counter
from pathlib import Path

import pdfplumber
import pytest
from pikepdf import pdfa
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ocr import ReadingOptions, annotations, compose, inspect, read_page
from schemas.page import PageKind

OPTIONS = ReadingOptions()
pytestmark = pytest.mark.skipif(
    "SOHOA_SAMPLES" not in os.environ, reason="SOHOA_SAMPLES is not set"
)


@pytest.fixture
def samples() -> Path:
    return Path(os.environ["SOHOA_SAMPLES"])


def test_two_pages_of_a_law_are_read_nearly_without_error(samples: Path) -> None:
    path = samples / "law_scans" / "luat_40_2013_QH13.pdf"
    truth = " ".join((samples / "law_scans" / "luat_40_2013_QH13.gt.txt").read_text().split())
    for number in (3, 4):
        words = read_page(path, number, OPTIONS).words
        lines = sorted({word.line for word in words})[1:-1]  # page number, a broken last line
        read = " ".join(word.text for word in words if word.line in lines)
        found = fuzz.partial_ratio_alignment(read, truth)
        assert found is not None
        stretch = truth[found.dest_start : found.dest_end]
        assert Levenshtein.distance(read, stretch) < 0.02 * len(read)


def test_a_garbage_layer_is_not_believed(samples: Path) -> None:
    path = next((samples / "law_scans").glob("677fc5*.pdf"))
    reading = read_page(path, 1, OPTIONS)
    assert reading.kind is PageKind.scan
    texts = [word.text for word in reading.words]
    assert {"CỘNG", "HOÀ", "NGHĨA", "VIỆT", "NAM"} <= set(texts)


def test_a_number_that_stands_only_in_a_stamp(samples: Path) -> None:
    path = samples / "administrative" / "vht507.signed.pdf"
    assert inspect(path, OPTIONS).signed
    assert {"542", "06"} <= {found.text for found in annotations(path)}


@pytest.mark.parametrize("name", ["11CT.pdf", "vht507.signed.pdf"])
def test_a_signed_document_becomes_a_searchable_archive(
    samples: Path, tmp_path: Path, name: str
) -> None:
    path, out = samples / "administrative" / name, tmp_path / "out.pdf"
    inspection = inspect(path, OPTIONS)
    readings = [read_page(path, n, OPTIONS) for n in range(1, inspection.pages + 1)]
    compose(path, inspection, readings, out, OPTIONS)
    assert pdfa.validate_written(out, "2b").passed
    with pdfplumber.open(out) as pdf:
        for reading, page in zip(readings, pdf.pages, strict=True):
            assert reading.rotation == 0
            found = Counter(page.extract_text().split())
            assert found == Counter(word.text for word in reading.words)
