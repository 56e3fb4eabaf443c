"""A person settles the doubts of a dossier; the flow then goes on by itself."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from schemas.dossier import Stage
from schemas.errors import Conflict, InputRejected
from schemas.manifest import Manifest
from schemas.work import DEFAULT_APPROVAL, ApprovalOptions, DecisionKind
from storage import Decision, Document, Dossier, Ledger, NewDecision, Settlement
from usecases.attachments import cover_alone
from usecases.audit_sample import is_picked, outcomes
from usecases.caller import Caller, Right
from usecases.composing import PARTS, composed, doubts_of, expect_decidable
from usecases.dossiers import permit_dossier, reached
from usecases.double_entry import expect_settling
from usecases.unreadable import expect_no_rescan
from usecases.workspace import Workspace, load_manifest


@dataclass(frozen=True)
class Assignment:
    """``--set 2/full_name=…``: a value for a field; ``number`` None where only one has it."""

    number: int | None
    path: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Assignment":
        """From ``FIELD=VALUE`` or ``NUMBER/FIELD=VALUE``.

        Raises:
            InputRejected: it is not written like that.
        """
        target, equals, value = text.partition("=")
        number, slash, path = target.strip().rpartition("/")
        if not equals or not path or (slash and not number.isdecimal()):
            raise InputRejected("flow.bad_assignment")
        return cls(int(number) if slash else None, path, " ".join(value.split()))


@dataclass(frozen=True)
class Doubt:
    """A document under review and its manifest."""

    document: Document
    manifest: Manifest


def doubts(ledger: Ledger, work: Path, dossier: Dossier, number: int | None = None) -> list[Doubt]:
    """The documents of ``dossier`` that wait for a person, or the one with that ``number``."""
    return [
        Doubt(document, load_manifest(Workspace(work / str(document.id)), document, ledger))
        for document in ledger.documents(dossier.id)
        if document.stage is Stage.in_review
        and document.duplicate_of is None
        and number in {None, document.number}
    ]


def settle(
    caller: Caller,
    ledger: Ledger,
    work: Path,
    dossier: Dossier,
    assignments: Sequence[Assignment],
    *,
    accept: bool,
    number: int | None = None,
    keep_together: bool = False,
    types: Path | None = None,
    pass_unseen: Collection[str] = (),
    approval: ApprovalOptions = DEFAULT_APPROVAL,
    seen: str = "",
) -> list[Document]:
    """Apply what a person decided, finish the reviews, and send the documents on.

    Nothing is changed unless every doubt of every document is settled: by an assignment, by a
    decision that stands already, or all others by ``accept``. The reading as it was stays in the
    field's ``readers`` and ``raw``. Whether a file is one document is settled by
    ``keep_together`` alone, or by :func:`usecases.splitting.split_by_person`.

    Args:
        caller: who decides.
        ledger: where it is noted.
        work: the folder of the documents' workspaces.
        dossier: whose documents.
        assignments: values of fields.
        accept: whether all that is left is as it was read.
        number: that of the one document to settle; None: all of them.
        keep_together: whether what seems to be several documents is one.
        types: the folder of the office's own document types.
        pass_unseen: as for :meth:`Manifest.asks`.
        approval: who approves what in this office.
        seen: as for :func:`see_the_same`.

    Raises:
        Conflict: nothing is under review, doubts would remain, or somebody else decided first;
            ``usecase.rescan_waits``, something of it is to be scanned again.
        NotFound: the dossier is not theirs.
        InputRejected: an assignment names no field, or one of several documents, or its value
            cannot be one of that field.
        NotAllowed: the caller may not review.
    """
    permit_dossier(caller, Right.review, dossier)
    waiting = _what_waits(ledger, work, dossier, number, seen)
    changes = _by_document(waiting, assignments)
    reviews = [_Review(ledger, one, pass_unseen) for one in waiting]
    if not keep_together:
        _expect_one_document_each(reviews, dossier)
    for one in reviews:
        expect_no_rescan(ledger, one.document)
        one.assign(changes[one.document.id])
        one.pass_all(accept=accept)
        expect_settling(caller, ledger, one.document, one.manifest, types, one.said)
        one.compose(types)
    _expect_all_settled(reviews)
    return _sent_on(ledger, work, reviews, approval, caller.name)


def save_decision(
    caller: Caller,
    ledger: Ledger,
    work: Path,
    document_id: int,
    new: NewDecision,
    *,
    seen: str,
    types: Path | None = None,
) -> Decision:
    """Save what a person says of one doubt, at once; the decision that stands for it.

    Sent again (by its ``key``, or the same word on the same path) it changes nothing. To say
    otherwise, ``new.replaces`` names the decision that was seen.

    Args:
        caller: who decides.
        ledger: where it is kept.
        work: the folder of the documents' workspaces.
        document_id: which document.
        new: what is said.
        seen: hash of the manifest that was shown.
        types: the folder of the office's own document types.

    Raises:
        Conflict: the document is not under review, with that manifest, any more; or somebody else
            decided otherwise meanwhile (``storing.field_decided``).
        InputRejected: the reading has no such path, or the value cannot be one of that field.
        NotAllowed, NotFound: the caller may not.
    """
    _, document = reached(caller, Right.review, ledger, document_id)
    if document.stage is Stage.in_review and document.duplicate_of is None:
        manifest = load_manifest(Workspace(work / str(document.id)), document, ledger)
        expect_decidable(manifest, new, types)
        expect_settling(caller, ledger, document, manifest, types, [new])
    (saved,) = ledger.decide(document.id, [new], caller.name, based_on=seen)
    return saved


def undo_decisions(
    caller: Caller, ledger: Ledger, document_id: int, ids: Sequence[int]
) -> list[Decision]:
    """Take decisions back, all or none, until the document is approved.

    Raises:
        Conflict: the document went on, or was approved by somebody.
        NotAllowed, NotFound: the caller may not, or there is no such decision.
    """
    _, document = reached(caller, Right.review, ledger, document_id)
    return ledger.undo(document.id, ids, caller.name)


def finish_review(
    caller: Caller,
    ledger: Ledger,
    work: Path,
    document_id: int,
    *,
    seen: str,
    accept: bool = False,
    types: Path | None = None,
    pass_unseen: Collection[str] = (),
    approval: ApprovalOptions = DEFAULT_APPROVAL,
) -> Document:
    """The review of one document is done: what was decided becomes its manifest, and it goes on.

    Raises:
        Conflict: doubts are left, the document is not under review, or somebody decided meanwhile.
        NotAllowed, NotFound: the caller may not.
    """
    dossier, document = reached(caller, Right.review, ledger, document_id)
    (settled,) = settle(
        caller,
        ledger,
        work,
        dossier,
        (),
        accept=accept,
        number=document.number,
        types=types,
        pass_unseen=pass_unseen,
        approval=approval,
        seen=seen,
    )
    return settled


class _Review:
    """A document under review, what stands decided of it, and what is decided now."""

    def __init__(self, ledger: Ledger, doubt: Doubt, pass_unseen: Collection[str]) -> None:
        self.document, self.manifest = doubt.document, doubt.manifest
        self.reviewed = doubt.manifest
        self._set: list[JsonValue] = []
        self._standing = {one.path: one for one in ledger.standing_decisions(doubt.document)}
        self._new: dict[str, NewDecision] = {}
        asked = doubts_of(doubt.manifest, pass_unseen)
        self.left = [path for path in asked if path not in self._standing]

    def assign(self, changes: Mapping[str, str]) -> None:
        """A person typed these values; an empty one says that nothing stands there."""
        self._set = list[JsonValue](sorted(changes))
        for path, value in changes.items():
            kind = DecisionKind.value if value else DecisionKind.missing
            self._say(path, kind, value or None)

    def pass_all(self, *, accept: bool) -> None:
        """What is left is as it was read, where that is said; that it is one file, in any case."""
        fields = dict(self.manifest.walk())
        for path in list(self.left):
            if path == PARTS:
                self._say(path, DecisionKind.together)
            elif accept and path not in fields:
                self._say(path, DecisionKind.seen)
            elif accept:
                picked = is_picked(fields[path])  # nobody has looked at it to accept all
                self._say(path, DecisionKind.passed if picked else DecisionKind.confirmed)

    def _say(self, path: str, kind: DecisionKind, value: str | None = None) -> None:
        before = self._standing.get(path)
        replaces = before.id if before is not None else None
        self._new[path] = NewDecision(path=path, kind=kind, value=value, replaces=replaces)
        self.left = [one for one in self.left if one != path]

    @property
    def decided(self) -> list[Decision | NewDecision]:
        """What stands, and what is said now."""
        return [*self._standing.values(), *self._new.values()]

    @property
    def said(self) -> Collection[NewDecision]:
        """What is decided now."""
        return self._new.values()

    @property
    def names_left(self) -> list[str]:
        """What is not settled, as people name it: ``2/full_name``, ``2/unknown_type``."""
        asked = set(self.manifest.asks())
        names = [one.partition(".")[2] if one in asked else one for one in self.left]
        return [f"{self.document.number}/{name}" for name in names]

    def compose(self, types: Path | None) -> None:
        """Put the manifest together from the reading and all that is decided."""
        self.reviewed = composed(self.manifest, self.decided, types)

    def settlement(self, work: Path, approval: ApprovalOptions) -> Settlement:
        """What the ledger is told."""
        more: dict[str, JsonValue] = {}
        if PARTS in {one.path for one in self.decided}:
            more["kept_together"] = True
        if picked := outcomes(self.manifest, self.reviewed):
            more["audited"] = dict(picked)
        return Settlement(
            document_id=self.document.id,
            to=approval.gate(self.document.role),
            manifest=Workspace(work / str(self.document.id)).keep_manifest(self.reviewed),
            based_on=self.document.manifest_sha256 or "",
            decisions=tuple(self._new.values()),
            standing=tuple(one.id for one in self._standing.values()),
            data={"set": self._set, "decision": secrets.token_hex(8), **more},
        )


def _what_waits(
    ledger: Ledger, work: Path, dossier: Dossier, number: int | None, seen: str
) -> list[Doubt]:
    """The doubts that a person may decide on: at least one, and as they were seen."""
    waiting = doubts(ledger, work, dossier, number)
    if not waiting:
        raise nothing_waits(ledger, dossier, number)
    see_the_same(waiting, seen)
    return waiting


def _expect_one_document_each(reviews: Sequence[_Review], dossier: Dossier) -> None:
    """See that no file is left that seems to be several documents.

    Raises:
        Conflict: ``flow.split_undecided``.
    """
    several = [one.document for one in reviews if PARTS in one.left]
    if several:
        example = f"{dossier.code}/{several[0].number}"
        raise Conflict("flow.split_undecided", count=len(several), document=example)


def _expect_all_settled(reviews: Sequence[_Review]) -> None:
    """See that no doubt is left.

    Raises:
        Conflict: ``flow.still_doubtful``, which names them.
    """
    left = [name for one in reviews for name in one.names_left]
    if left:
        raise Conflict("flow.still_doubtful", count=len(left), fields=", ".join(left))


def _sent_on(
    ledger: Ledger, work: Path, reviews: Sequence[_Review], approval: ApprovalOptions, actor: str
) -> list[Document]:
    """Put the decisions into the ledger, all at once; covers of portfolios are stored as such."""
    covers = [one for one in reviews if cover_alone(one.reviewed)]
    settled = ledger.settle_all(
        [one.settlement(work, approval) for one in reviews if one not in covers], actor
    )
    return settled + [
        _kept_unsigned(ledger, work, one.document, one.reviewed, actor) for one in covers
    ]


def _kept_unsigned(
    ledger: Ledger, work: Path, document: Document, manifest: Manifest, actor: str
) -> Document:
    """A portfolio whose page is a cover is stored as it is: its papers are documents already."""
    ledger.split(
        document.id,
        (),
        actor,
        manifest=Workspace(work / str(document.id)).keep_manifest(manifest),
        based_on=document.manifest_sha256,
        decision=secrets.token_hex(8),
        media_type=manifest.source.media_type,
        pages=len(manifest.pages),
        left_out=document.source_pages or tuple(range(1, len(manifest.pages) + 1)),
    )
    return ledger.document(document.id)


def see_the_same(waiting: Sequence[Doubt], seen: str) -> None:
    """See that documents are what the person saw, where they said it.

    Args:
        waiting: the documents that are decided on.
        seen: how the hash of the manifest began that was shown to them.

    Raises:
        Conflict: ``storing.decided_before``.
    """
    for one in waiting:
        if not (one.document.manifest_sha256 or "").startswith(seen.lower()):
            raise Conflict("storing.decided_before", document=one.document.label)


def nothing_waits(ledger: Ledger, dossier: Dossier, number: int | None) -> Conflict:
    """Why nothing is under review: somebody else decided, or nothing ever was in doubt."""
    decided = {one.document_id for one in ledger.events(dossier.id) if one.kind == "reviewed"}
    for document in ledger.documents(dossier.id):
        if number in {None, document.number} and (document.id in decided or document.split):
            return Conflict("flow.decided_already", document=f"{dossier.code}/{document.number}")
    return Conflict("flow.not_in_review", dossier=dossier.code)


def _by_document(
    waiting: Sequence[Doubt], assignments: Sequence[Assignment]
) -> dict[int, dict[str, str]]:
    """Document id → path → value."""
    known = {doubt.document.id: {path for path, _ in doubt.manifest.walk()} for doubt in waiting}
    changes: dict[int, dict[str, str]] = {document_id: {} for document_id in known}
    for one in assignments:
        matching = [
            doubt.document
            for doubt in waiting
            if one.path in known[doubt.document.id] and one.number in {None, doubt.document.number}
        ]
        if not matching:
            names = ", ".join(sorted(set().union(*known.values())))
            raise InputRejected("flow.unknown_field", field=one.path, known=names)
        if len(matching) > 1:
            example = f"{matching[0].number}/{one.path}"
            raise InputRejected("flow.ambiguous_field", field=one.path, example=example)
        changes[matching[0].id][one.path] = one.value
    return changes
