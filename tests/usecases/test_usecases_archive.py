"""Renewing what is stored: which files stand for the others, and what an index still lacks."""

import pytest

from storage import KeptObject, ObjectKind, newest
from usecases.archive import unlisted


def _kept(*said: str) -> list[KeptObject]:
    """``signed 1``: an object of that kind, of that document; ``index`` is the dossier's."""
    made = []
    for number, one in enumerate(said):
        kind, _, document = one.partition(" ")
        made.append(
            KeptObject(
                bucket="b",
                key=f"{number}",
                version_id=None,
                sha256="0" * 64,
                bytes=1,
                retain_until=None,
                kind=ObjectKind(kind),
                dossier_id=1,
                document_id=int(document) if document else None,
            )
        )
    return made


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ((), False),
        (("signed 1", "manifest 1"), False),
        (("signed 1", "index"), False),
        (("signed 1", "index", "renewed 1"), True),
        (("signed 1", "index", "renewed 1", "index", "signed 2"), False),
        (("signed 1", "index", "renewed 1", "index", "renewed 1"), True),
    ],
)
def test_a_run_that_was_cut_off_leaves_an_index_to_be_made(
    said: tuple[str, ...], missing: bool
) -> None:
    assert unlisted(_kept(*said)) is missing


def test_the_newest_stands_for_the_others() -> None:
    kept = _kept("original 1", "signed 1", "signed 2", "index", "renewed 1", "renewed 1", "index")
    assert [one.key for one in newest(kept)] == ["0", "2", "3", "5", "6"]
    assert newest(kept[:4]) == kept[:4]
