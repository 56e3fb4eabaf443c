"""Whatever is done to a ledger in whatever order, what it says stays consistent."""

import itertools
import tempfile
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from ledger_steps import NOW, a_file, register, sha

from schemas.dossier import NEXT, Role, Stage, dossier_stage
from schemas.errors import Conflict
from storage import Document, Ledger, NewPart

MIRRORED = ("stage", "failed_from", "pdfa_sha256", "signed_sha256", "error_code")


class Moves(RuleBasedStateMachine):
    """Claims, moves, failures and retries at random; rules of the ledger after each."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="sohoa-moves-")
        self.ledger = Ledger.open(f"sqlite:///{self.folder.name}/ledger.sqlite")
        self.claims = itertools.count()
        self.documents: list[int] = []

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    def pick(self, number: int) -> Document | None:
        if not self.documents:
            return None
        return self.ledger.document(self.documents[number % len(self.documents)])

    @rule(
        code=st.integers(1, 3),
        contents=st.lists(st.sampled_from("abc"), max_size=3),
        role=st.sampled_from(Role),
    )
    def claim(self, code: int, contents: list[str], role: Role) -> None:
        done = register(
            self.ledger,
            f"c{next(self.claims)}",
            code=f"H17-251103-000{code}",
            files=tuple(a_file(content, role) for content in contents) or (a_file("d", role),),
        )
        self.documents += [document.id for document in done.documents]

    @rule(number=st.integers(0, 50), expect=st.sampled_from(Stage), to=st.sampled_from(Stage))
    def any_move(self, number: int, expect: Stage, to: Stage) -> None:
        document = self.pick(number)
        if document is None:
            return
        legal = (
            document.duplicate_of is None
            and to in NEXT[expect]
            and to not in {Stage.failed, Stage.rejected, Stage.split_up}
            and expect is not Stage.failed
            and document.stage in {expect, to}
        )
        try:
            self.ledger.advance(document.id, expect, to, actor="any")
            assert legal
        except Conflict:
            assert not legal

    @rule(number=st.integers(0, 50), how=st.sampled_from(["next", "fail", "reject", "settle"]))
    def right_move(self, number: int, how: str) -> None:
        document = self.pick(number)
        if document is None or document.duplicate_of is not None:
            return
        ways = sorted(NEXT[document.stage] - {Stage.failed, Stage.rejected, Stage.split_up})
        if how == "next" and ways and document.stage is not Stage.failed:
            to = ways[number % len(ways)]
            columns = {"signed_sha256": sha(f"s{number}")} if to is Stage.signed else {}
            self.ledger.advance(document.id, document.stage, to, actor="flow", **columns)
        if how == "fail" and Stage.failed in NEXT[document.stage]:
            self.ledger.fail(document.id, "signing.no_key", {}, "flow")
        if how == "reject" and Stage.rejected in NEXT[document.stage]:
            self.ledger.reject(document.id, "reading.empty_file", {}, "flow")
        if how == "settle" and document.stage is Stage.in_review:
            based_on = document.manifest_sha256 or ""
            self.ledger.settle(document.id, sha(f"m{number}"), "person", based_on=based_on)

    @rule(
        number=st.integers(0, 50),
        codes=st.lists(st.sampled_from([None, 1, 3, 4]), min_size=1, max_size=3),
    )
    def split(self, number: int, codes: list[int | None]) -> None:
        scan = self.pick(number)
        if scan is None or scan.stage not in {Stage.received, Stage.in_review}:
            return
        every = scan.source_pages or tuple(range(1, len(codes) + 1))
        parts = [
            NewPart(pages=(at,), code=code and f"H17-251103-000{code}")
            for at, code in zip(every, codes, strict=False)
        ]
        shown: dict[str, Any] = {
            "manifest_sha256": sha("m"),
            "media_type": "application/pdf",
            "pages": len(every),
            "left_out": every[len(parts) :],
            "based_on": scan.manifest_sha256,
        }
        before = self.ledger.verify_chain().events
        try:
            made = self.ledger.split(scan.id, parts, "flow", **shown)
        except Conflict:
            assert scan.duplicate_of is not None
            assert self.ledger.verify_chain().events == before
            return
        assert [one.source_pages for one in made] == [part.pages for part in parts]
        assert {one.source_sha256 for one in made} == {scan.source_sha256}
        events = self.ledger.verify_chain().events
        if not scan.part_of:
            assert self.ledger.split(scan.id, parts, "flow", **shown) == made
        assert self.ledger.verify_chain().events == events
        self.documents += [document.id for document in made]

    @rule(number=st.integers(0, 50))
    def retry(self, number: int) -> None:
        document = self.pick(number)
        if document is not None:
            self.ledger.retry(document.dossier_id, "person")
            assert self.ledger.document(document.id).stage is not Stage.failed

    @invariant()
    def consistent(self) -> None:
        assert self.ledger.verify_chain().intact
        waiting = set()
        for dossier in self.ledger.dossiers():
            documents = self.ledger.documents(dossier.id)
            assert dossier.stage is dossier_stage([document.stage for document in documents])
            assert [document.number for document in documents] == list(range(1, len(documents) + 1))
            for document in documents:
                if document.duplicate_of is None:
                    if not document.stage.settled:
                        waiting.add(dossier.id)
                    continue
                first = self.ledger.document(document.duplicate_of)
                assert first.duplicate_of is None
                assert (first.source_sha256, first.role) == (document.source_sha256, document.role)
                for name in MIRRORED:
                    assert getattr(first, name) == getattr(document, name)
        assert waiting <= {dossier.id for dossier in self.ledger.pending(NOW, 100)}


TestMoves = Moves.TestCase
TestMoves.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
