"""Sharing (*chia sẻ*): what a department lets another one have, by those who may, with a reason.

A grant is of a procedure, a document type or one dossier, from day to day, and counts until the
moment in which it is ended. Who gives it may share in the department that gives; the other side
sees it. What the law makes mandatory is said by rules in the office's settings: what they ask for
is entered, and ends with them.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.department import Departments
from schemas.desk_views import Choice
from schemas.errors import Conflict, InputRejected, NotFound
from schemas.procedure import procedures
from schemas.sharing import Shared, SharingRule
from schemas.sharing_views import GrantView, RulesEntered, SharingPage
from storage import Grant, NewGrant
from usecases.called_fields import name_of
from usecases.caller import Caller, Right, permit
from usecases.dossiers import (
    department_named,
    find_dossier,
    known_department,
    own_departments,
)
from usecases.office_days import begins, ends
from usecases.rooms import Rooms
from usecases.type_names import type_choices, type_names

LONGEST = timedelta(days=5 * 366)
"""What a person gives ends; what a rule asks for need not."""
LONGEST_REASON = 500


def sharing(caller: Caller, rooms: Rooms, *, department: str | None = None) -> SharingPage:
    """What the caller's departments gave and got, and what they could give.

    Args:
        caller: who asks.
        rooms: the ledger, and the language of names.
        department: what this one gave and got alone; by identifier or as people call it.

    Raises:
        NotAllowed: they may share nothing.
    """
    mine = own_departments(caller, Right.share, rooms.ledger)
    unit = department_named(rooms.ledger, department)
    found = [
        one
        for one in rooms.ledger.grants.all(caller.where(Right.share))
        if unit in {None, one.giver, one.receiver}
    ]
    show = _Shown(caller, rooms)
    return SharingPage(
        grants=tuple(show.view(one) for one in reversed(found)),
        givers=mine,
        receivers=tuple(rooms.ledger.departments()),
        procedures=tuple(Choice(value=one, name=name) for one, name in show.procedures.items()),
        types=type_choices(rooms.types, rooms.language),
    )


def share(
    caller: Caller,
    rooms: Rooms,
    giver: str,
    receiver: str,
    kind: Shared,
    subject: str,
    first: date,
    last: date,
    reason: str,
    *,
    zone: ZoneInfo,
) -> GrantView:
    """Let a department have something of another's; the same again is the same grant.

    Args:
        caller: who may share in the department that gives.
        rooms: the ledger.
        giver: the department whose documents they are, by identifier or as people call it.
        receiver: the department that shall have them.
        kind: what ``subject`` names.
        subject: code of a procedure, a document type, or code of a dossier.
        first: the first day, in the office's zone.
        last: the last day.
        reason: why, in words that name nobody; no event has it.
        zone: the office's.

    Raises:
        NotAllowed: they may share nothing.
        NotFound: there is no such department or dossier, or it is not theirs to share.
        InputRejected: the days are over, in the wrong order or too many; no reason, or too long a
            one; the two departments are one; no such procedure or type.
    """
    ledger = rooms.ledger
    gives = known_department(caller, Right.share, ledger, giver)
    gets = Departments(ledger.departments()).of(receiver)
    if gets is None:
        raise NotFound("cli.no_department")
    if gets == gives:
        raise InputRejected("usecase.share_with_oneself")
    begin, end = _days(rooms, first, last, zone)
    name, dossier_id = _subject(caller, rooms, gives, kind, subject)
    new = NewGrant(
        giver=gives,
        receiver=gets,
        kind=kind,
        subject=name,
        dossier_id=dossier_id,
        begins_at=begin,
        ends_at=end,
        reason=_told(reason),
    )
    known = (one for one in ledger.grants.all({gives}) if one.ended_at is None and one.asks(new))
    made = next(known, None) or ledger.grants.add(new, caller.name)
    return _Shown(caller, rooms).view(made)


def end_sharing(caller: Caller, rooms: Rooms, number: int) -> GrantView:
    """A grant counts no more from now on; whoever reads next is told that there is nothing.

    Args:
        caller: who may share in the department that gave it.
        rooms: the ledger.
        number: of the grant.

    Raises:
        NotAllowed: they may share nothing.
        NotFound: ``storing.no_grant``, there is none of that number, or it is not theirs.
        Conflict: ``usecase.shared_by_rule``: it ends where the rule ends.
    """
    permit(caller, Right.share)
    for one in rooms.ledger.grants.all(caller.where(Right.share)):
        if one.id == number and caller.may(Right.share, one.giver):
            if one.rule is not None:
                raise Conflict("usecase.shared_by_rule", rule=one.rule)
            return _Shown(caller, rooms).view(rooms.ledger.grants.end(number, caller.name))
    raise NotFound("storing.no_grant")


def enter_rules(
    caller: Caller, rooms: Rooms, rules: Sequence[SharingRule], *, zone: ZoneInfo
) -> RulesEntered:
    """Enter what the rules of mandatory sharing ask for; end what none of them asks for any more.

    Repeating it changes nothing.

    Args:
        caller: who keeps the office running.
        rooms: the ledger.
        rules: of the office's settings.
        zone: the office's.

    Raises:
        NotAllowed: they do not keep the office running.
    """
    permit(caller, Right.operate)
    grants, known = rooms.ledger.grants, Departments(rooms.ledger.departments())
    named = {one: known.of(one) for rule in rules for one in (*rule.givers, *rule.receivers)}
    show = _Shown(caller, rooms)
    wanted = [
        one
        for one in _asked(rules, named, zone)
        if caller.may(Right.operate, one.giver) and show.name(one.kind, one.subject)
    ]
    left = [
        one
        for one in grants.all()
        if one.rule is not None and one.ended_at is None and caller.may(Right.operate, one.giver)
    ]
    kept: list[Grant] = []
    added: list[Grant] = []
    for new in wanted:
        there = next((one for one in left if one.asks(new)), None)
        if there is None:
            added.append(grants.add(new, caller.name))
        else:
            left.remove(there)
            kept.append(there)
    strangers = {name for name, unit in named.items() if unit is None}
    return RulesEntered(
        added=tuple(show.view(one) for one in added),
        ended=tuple(show.view(grants.end(one.id, caller.name)) for one in left),
        standing=len(kept) + len(added),
        unknown=tuple(sorted(show.unknown(rules) | strangers)),
    )


def _days(rooms: Rooms, first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of sharing, and the first one after it.

    Raises:
        InputRejected: ``usecase.sharing_days``.
    """
    begin, end = begins(first, zone), ends(last, zone)
    if first > last or end <= rooms.clock() or end - begin > LONGEST:
        raise InputRejected("usecase.sharing_days", most=LONGEST.days // 366)
    return begin, end


def _told(reason: str) -> str:
    """The reason on one line.

    Raises:
        InputRejected: there is none, or too long a one.
    """
    told = " ".join(reason.split())
    if not told:
        raise InputRejected("usecase.no_reason")
    if len(told) > LONGEST_REASON:
        raise InputRejected("usecase.long_reason", most=LONGEST_REASON)
    return told


def _asked(
    rules: Sequence[SharingRule], named: dict[str, str | None], zone: ZoneInfo
) -> Iterator[NewGrant]:
    """What the rules ask for, among departments that are known."""
    for rule in rules:
        pairs = [
            (named[giver], named[receiver]) for giver in rule.givers for receiver in rule.receivers
        ]
        for giver, receiver in dict.fromkeys(pairs):
            if giver is None or receiver is None or giver == receiver:
                continue
            for kind, subject in rule.subjects:
                yield NewGrant(
                    giver=giver,
                    receiver=receiver,
                    kind=kind,
                    subject=subject,
                    begins_at=begins(rule.first, zone),
                    ends_at=ends(rule.last, zone) if rule.last else None,
                    reason=rule.basis,
                    rule=rule.name,
                )


def _subject(
    caller: Caller, rooms: Rooms, giver: str, kind: Shared, subject: str
) -> tuple[str, int | None]:
    """What is shared as the ledger names it, and the dossier's id where it is one."""
    wanted = subject.strip()
    if kind is Shared.dossier:
        found = find_dossier(caller, Right.share, rooms.ledger, wanted.upper(), giver)
        return found.code, found.id
    if kind is Shared.procedure and wanted not in {one.code for one in procedures()}:
        raise InputRejected("usecase.no_procedure")
    if kind is Shared.document_type and wanted not in type_names(rooms.types, rooms.language):
        raise InputRejected("usecase.no_type")
    return wanted, None


class _Shown:
    """How grants are shown to somebody."""

    def __init__(self, caller: Caller, rooms: Rooms) -> None:
        self._caller, self._rooms = caller, rooms
        self._departments = {one.id: one.name for one in rooms.ledger.departments()}
        self._types = type_names(rooms.types, rooms.language)
        self.procedures = {one.code: name_of(one.names, rooms.language) for one in procedures()}

    def name(self, kind: Shared, subject: str) -> str | None:
        """What a procedure or type is called; None: nobody knows it."""
        return {Shared.procedure: self.procedures, Shared.document_type: self._types}[kind].get(
            subject
        )

    def unknown(self, rules: Sequence[SharingRule]) -> set[str]:
        """Procedures and types of rules that nobody knows."""
        named = {one for rule in rules for one in rule.subjects}
        return {subject for kind, subject in named if self.name(kind, subject) is None}

    def view(self, one: Grant) -> GrantView:
        """A grant, with the dossier's code as it is now."""
        now = self._rooms.clock()
        given = self._caller.may(Right.share, one.giver)
        over = one.ended_at is not None or (one.ends_at is not None and one.ends_at <= now)
        subject = one.subject
        if one.dossier_id is not None:
            subject = self._rooms.ledger.dossier_by_id(one.dossier_id).code
        return GrantView(
            number=one.id,
            giver=one.giver,
            giver_name=self._departments.get(one.giver, one.giver),
            receiver=one.receiver,
            receiver_name=self._departments.get(one.receiver, one.receiver),
            kind=one.kind,
            subject=subject,
            subject_name=None if one.kind is Shared.dossier else self.name(one.kind, subject),
            first=one.begins_at,
            last=None if one.ends_at is None else one.ends_at - timedelta(seconds=1),
            reason=one.reason,
            rule=one.rule,
            made_by=one.made_by,
            made_at=one.made_at,
            ended_by=one.ended_by,
            ended_at=one.ended_at,
            stands=one.stands(now),
            over=over,
            given=given,
            may_end=given and not over and one.rule is None,
        )
