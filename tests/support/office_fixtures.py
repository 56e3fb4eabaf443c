"""Shared by tests that read and sign: a reading process, and an office's keys."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ocr import ReaderPool, ReadingOptions
from signing import Pki, Signer, SigningOptions, Trust, trust_store

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ"


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    made = ReaderPool(ReadingOptions(), 1)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, Trust]:
    pki = Pki.ensure(tmp_path_factory.mktemp("keys") / "pki", AGENCY, lambda: datetime.now(UTC))
    return Signer(pki, SigningOptions(agency=AGENCY)), trust_store(pki)
