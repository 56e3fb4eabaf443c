"""Dossiers, their documents, and the stages both pass through."""

import re
import secrets
import unicodedata
from datetime import date
from enum import StrEnum

DOSSIER_CODE = re.compile(
    r"^(\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}|[A-Y]\d{2}(\.[0-9A-Z]+)*)-\d{6}-[0-9A-Z]{4,}$"
)
"""Official codes, old and new: ``000.00.01.H17-230101-0001``, ``H17.9.3-250701-AB0001``."""

PROVISIONAL_CODE = re.compile(r"^TAM-\d{6}-[0-9A-Z]{8}$")
"""Codes Sohoa gives until the office knows the real one (*tạm*: provisional)."""

DEPARTMENT_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,62}$")

MAX_CODE_LENGTH = 80
"""Longest dossier code taken as it is; agency codes end at 35 characters (QĐ 20/2020/QĐ-TTg)."""

COVER_SHEET = "phieu_bia"
"""The document type of the sheet that `sohoa coversheet` draws."""

INSIDE = ".dinh-kem"
"""What is added to a file's name for the folder of the files that were in it (*đính kèm*)."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Stage(StrEnum):
    """Where a document, or the least advanced document of a dossier, stands."""

    received = "received"
    digitised = "digitised"
    in_review = "in_review"
    awaiting_approval = "awaiting_approval"
    """Nothing is doubtful any more; a signer must say that it may be signed."""
    ready_to_sign = "ready_to_sign"
    split_up = "split"
    """A scan whose documents became documents of their own; it is kept, and never signed."""
    signed = "signed"
    stored = "stored"
    published = "published"
    withdrawn = "withdrawn"
    """It was published and counts no longer; what is stored of it stays under lock."""
    rejected = "rejected"
    failed = "failed"

    @property
    def settled(self) -> bool:
        """Nothing moves on from here by itself."""
        return self in _SETTLED

    @property
    def through(self) -> bool:
        """Nothing more happens to its file: it may leave the claim."""
        return self in {Stage.published, Stage.withdrawn, Stage.rejected}

    @property
    def waits_for_person(self) -> bool:
        """Somebody must do something before it goes on."""
        return self in {Stage.in_review, Stage.awaiting_approval, Stage.failed}


_SETTLED = {
    Stage.in_review,
    Stage.awaiting_approval,
    Stage.published,
    Stage.withdrawn,
    Stage.rejected,
    Stage.failed,
}


NEXT: dict[Stage, frozenset[Stage]] = {
    Stage.received: frozenset({Stage.digitised, Stage.split_up, Stage.rejected, Stage.failed}),
    Stage.digitised: frozenset(
        {Stage.in_review, Stage.awaiting_approval, Stage.ready_to_sign, Stage.failed}
    ),
    Stage.in_review: frozenset(
        {Stage.awaiting_approval, Stage.ready_to_sign, Stage.split_up, Stage.rejected}
    ),
    Stage.awaiting_approval: frozenset({Stage.ready_to_sign, Stage.in_review}),
    Stage.split_up: frozenset({Stage.stored, Stage.failed}),
    Stage.ready_to_sign: frozenset({Stage.signed, Stage.in_review, Stage.failed}),
    Stage.signed: frozenset({Stage.stored, Stage.failed}),
    Stage.stored: frozenset({Stage.published, Stage.failed}),
    Stage.published: frozenset({Stage.withdrawn}),
    Stage.withdrawn: frozenset(),
    Stage.rejected: frozenset(),
    Stage.failed: frozenset(
        {
            Stage.received,
            Stage.digitised,
            Stage.ready_to_sign,
            Stage.split_up,
            Stage.signed,
            Stage.stored,
        }
    ),
}
"""The moves the ledger allows; a failed document goes back to the stage it failed in."""


def dossier_stage(stages: list[Stage]) -> Stage:
    """The stage of a dossier from those of its documents.

    Documents that failed, or wait for a review or an approval, are shown first, because they wait
    for a person; rejected ones count only when nothing else is left. A dossier's stage hides those
    of its other documents: who works on documents asks for theirs (``storage.queueing``).
    """
    alive = [stage for stage in stages if stage is not Stage.rejected]
    if not alive:
        return Stage.rejected if stages else Stage.received
    for waiting in (Stage.failed, Stage.in_review, Stage.awaiting_approval):
        if waiting in alive:
            return waiting
    order = list(Stage)
    return min(alive, key=order.index)


class Role(StrEnum):
    """What a document is in its dossier."""

    component = "component"
    result = "result"


def is_dossier_code(text: str) -> bool:
    """Whether ``text`` is an official dossier code (``procedures.md``: QĐ 20/2020 and portals)."""
    return len(text) <= MAX_CODE_LENGTH and DOSSIER_CODE.fullmatch(text) is not None


def is_code(text: str) -> bool:
    """Whether ``text`` is an official or a provisional dossier code."""
    return is_dossier_code(text) or PROVISIONAL_CODE.fullmatch(text) is not None


def provisional_code(day: date) -> str:
    """A new provisional code, 40 random bits: ``TAM-261123-7F3K2A9Q``."""
    return f"TAM-{day:%y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def department_id(name: str) -> str:
    """A department's identifier from what a folder is called: ``Một cửa`` gives ``mot-cua``.

    Lower-case ASCII letters, digits, ``.``, ``_`` and ``-``, at most 63 characters; ``chung``
    (*common*) where nothing is left.
    """
    return _slug(name) or "chung"


def department_key(name: str) -> str | None:
    """:func:`department_id` of a name that can be spelled whole; ``None`` for any other.

    Dashes, dots and blanks between words are one.
    What a clerk called a folder is compared by it, so nothing may be dropped on the way: a letter
    of another script, a byte that is not UTF-8 or its replacement make it nobody's name.
    """
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    for sign in plain:
        known = sign.isascii() or unicodedata.combining(sign)
        if not known and (sign.isalnum() or unicodedata.category(sign) in {"Cs", "Co", "So"}):
            return None
    slug = _slug(name)
    return None if slug is None else re.sub(r"[-._]+", "-", slug)


def _slug(name: str) -> str | None:
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9._-]+", "-", ascii_only).strip("-._")[:63].rstrip("-._")
    return slug if DEPARTMENT_ID.fullmatch(slug) else None
