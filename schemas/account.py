"""Accounts of people and tokens of systems: what they are called, and what is shown of them."""

import re
import unicodedata
from datetime import datetime

from pydantic import Field

from schemas.errors import InputRejected
from schemas.page import Frozen

MOST_LETTERS = 40
_PERSONAL_NUMBER = re.compile(r"\d{9}")
_MARKS = frozenset("._-")


class AccountName(Frozen):
    """What an account or a token is called (*tên đăng nhập*)."""

    name: str = Field(description="as it was given, NFC")
    folded: str = Field(description="the same for all spellings of one name")


def account_name(text: str) -> AccountName:
    """The name of an account or a token.

    Latin letters with or without marks, the ten figures, and ``. _ -``: letters of other alphabets
    look like these, and would make two names of one.

    Raises:
        InputRejected: ``sign_in.bad_name``, other signs, none or more than 40; nine figures in a
            row, which are a person's number and would stand in the event log for ever.
    """
    name = unicodedata.normalize("NFC", text.strip())
    plain = all(
        sign in _MARKS
        or (sign.isascii() and sign.isalnum())
        or (sign.isalpha() and unicodedata.name(sign, "").startswith("LATIN "))
        for sign in name
    )
    if not plain or not 0 < len(name) <= MOST_LETTERS or _PERSONAL_NUMBER.search(name):
        raise InputRejected("sign_in.bad_name")
    return AccountName(name=name, folded=folded(name))


def folded(name: str) -> str:
    """The same text for all spellings of a name: NFC, without capitals."""
    once = unicodedata.normalize("NFC", name.strip()).casefold()
    return unicodedata.normalize("NFC", once)


class AccountView(Frozen):
    """An account as people see it."""

    name: str
    duties: tuple[str, ...]
    departments: tuple[str, ...] | None = Field(description="None: all of them")
    disabled: bool
    must_change: bool = Field(description="the password is a one-time one")
    created_at: datetime


class NewAccountView(AccountView):
    """An account that was just made or reset. ``password`` is shown once and kept nowhere."""

    password: str | None = Field(repr=False, description="one-time password, where one was made")


class DelegationView(Frozen):
    """That somebody approves in a signer's stead for some days."""

    number: int
    giver: str = Field(description="name of the signer's account")
    delegate: str = Field(description="name of the account that may approve")
    departments: tuple[str, ...] | None = Field(description="where it counts now; None: all")
    first: datetime = Field(description="the first moment of the first day")
    last: datetime = Field(description="the last second of the last day")
    reason: str = Field(repr=False)
    made_by: str
    made_at: datetime
    ended_by: str | None
    ended_at: datetime | None = Field(description="when it was ended early")
    stands: bool = Field(description="it counts now")
    over: bool = Field(description="it never counts again")


class TokenView(Frozen):
    """A token as people see it."""

    name: str
    duties: tuple[str, ...]
    departments: tuple[str, ...] | None = Field(description="None: all of them")
    created_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class NewTokenView(TokenView):
    """A token that was just made. ``token`` is shown once; the ledger has its hash alone."""

    token: str = Field(repr=False)


class PersonView(Frozen):
    """Who asks, as ``GET /api/v1/me`` says it."""

    name: str = Field(description="as events record it: user:lan, system:dvc")
    duties: tuple[str, ...]
    rights: tuple[str, ...]
    departments: tuple[str, ...] | None = Field(description="None: all of them")
