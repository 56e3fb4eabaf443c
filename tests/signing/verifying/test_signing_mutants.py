"""Signed files damaged at random: a verdict always, a good one never where signed bytes changed.

The first of two thousand that were looked at; see docs/benchmarks.md.
"""

from collections.abc import Callable

from pdf_signing import identity, sign
from signed_mutants import mutant

from schemas.verdict import FileVerdict, Verdict
from signing import Pki

GOOD = {Verdict.valid, Verdict.valid_weak, Verdict.intact_untrusted}
SEED, COUNT = 7, 66


def test_damaged_files_are_never_taken_for_good(
    sealed_bytes: bytes, open_paper: bytes, pki: Pki, judge: Callable[[bytes], FileVerdict]
) -> None:
    twice = sign(sign(open_paper, identity(pki)), identity(pki, "leader"), field="Second")
    good = 0
    for number in range(COUNT):
        made = mutant([sealed_bytes, twice], SEED, number)
        verdict = judge(made.content).verdict
        if made.signed_changed or "revision" in made.recipe:
            assert verdict not in GOOD, (number, made.recipe)
        good += verdict in GOOD
    assert good < COUNT // 4
