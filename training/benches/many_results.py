"""A ledger with as many published documents as an office has in years, written in bulk; invented.

The ledger is made as always and then filled through its driver without waiting for the disk: one
dossier after the other, four documents each or so, every one in the search index. What is written
is what searches and lists look at: departments, dossiers, claims, documents, grants and the index.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa

from schemas.department import Department
from schemas.dossier import Role, Stage
from schemas.search_terms import as_one, marked_words, unmarked
from schemas.validators.text import usual_surnames, usual_syllables
from storage import Ledger
from storage.search import INTO_POSTGRESQL, INTO_SQLITE, number_mark
from storage.search_indexed import SearchText, narrow_words, packed, recent_words, words_of
from storage.search_tables import search_entry, search_key, search_number, search_word
from storage.tables import claim, document, dossier

UNITS = ("mot-cua", "tu-phap", "dat-dai", "xay-dung", "giao-duc", "y-te", "lao-dong", "thue")
"""Departments, all of them as busy as the others."""
SMALL = "luu-tru"
"""One with a dossier in a thousand."""
TYPES = ("ct01", "quyet_dinh", "giay_khai_sinh", "thong_bao", "trich_luc_khai_sinh", "cong_van")
ACTOR = "bench"
_CHUNK = 4_000
_BODIES = 600
_SURNAMES = {
    "Nguyễn": 380, "Trần": 110, "Lê": 95, "Phạm": 70, "Hoàng": 51, "Phan": 45, "Vũ": 39,
    "Đặng": 21, "Bùi": 20, "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10, "Lý": 5,
}  # fmt: skip
"""Of a thousand people; the others are one each."""
_FORM = (
    "cộng hòa xã hội chủ nghĩa việt nam độc lập tự do hạnh phúc kính gửi công an phường "
    "xã tờ khai họ chữ đệm và tên ngày tháng năm sinh giới tính số định danh cá nhân nơi "
    "thường trú nơi ở hiện tại nội dung đề nghị quyết định về việc căn cứ luật tổ chức "
    "chính quyền địa phương theo đề nghị của trưởng phòng ủy ban nhân dân nơi nhận lưu "
    "văn thư chủ tịch ký thay phó"
)
"""Words as forms have them."""


_TABLES = (dossier, claim, document, search_entry, search_number, search_word, None)
Made = dict[sa.Table | None, list[dict[str, Any]]]
"""Rows by table; None: the full text."""


class Person(NamedTuple):
    """Somebody invented."""

    name: str
    number: str
    street: str


def people(seed: int = 1) -> Iterator[Person]:
    """One invented person after the other, always the same ones; names as usual as in life."""
    dice = Random(seed)  # noqa: S311 - the same ones each time
    surnames = [*_SURNAMES, *(one for one in usual_surnames() if one not in _SURNAMES)]
    often = [*accumulate(_SURNAMES.get(one, 1) for one in surnames)]
    given = list(usual_syllables())
    dice.shuffle(given)
    so_often = [*accumulate(1 / (at + 10) for at in range(len(given)))]
    while True:
        surname = dice.choices(surnames, cum_weights=often)[0]
        middle = dice.choice([["Văn"], ["Thị"], [], [""], *[None] * 4])
        names = dice.choices(given, cum_weights=so_often, k=2)
        words = [surname, *(names[:1] if middle is None else middle), names[1]]
        birth = f"{dice.randrange(4)}{dice.randrange(100):02d}"
        yield Person(
            name=" ".join(one for one in words if one),
            number=f"0{dice.randrange(1, 97):02d}{birth}{dice.randrange(10**6):06d}",
            street=f"{dice.randrange(1, 400)} đường {names[0]} {given[dice.randrange(200)]}",
        )


def fill(
    address: str, dossiers: int, documents: int, say: Callable[[str], None], seed: int = 1
) -> None:
    """Write a ledger; one with documents is left as it is.

    Args:
        address: of a database.
        dossiers: of people, received over three years.
        documents: of these dossiers, all of them published and indexed.
        say: told how far it is.
        seed: of the series of rows.
    """
    with Ledger.open(address) as ledger:
        known = {one.id for one in ledger.departments()}
        for unit in (one for one in (*UNITS, SMALL) if one not in known):
            ledger.add_department(Department(id=unit, name=unit.replace("-", " ")), ACTOR)
    engine = sa.create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if connection.execute(sa.select(document.c.id).limit(1)).first() is not None:
            return
        if sqlite:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
        else:
            connection.exec_driver_sql("SET synchronous_commit = off")
            connection.exec_driver_sql("DROP INDEX search_text_words")
        key = bytes.fromhex(connection.execute(sa.select(search_key.c.key)).scalar_one())
        rows = _Rows(Random(seed), dossiers, documents, key, sqlite=sqlite)  # noqa: S311 - the same each time
        for first in range(1, dossiers + 1, _CHUNK):
            made = rows.of(range(first, min(dossiers, first + _CHUNK - 1) + 1))
            for table, values in made.items():
                if values:
                    connection.execute(_statement(table, sqlite=sqlite), values)
            connection.commit()
            say(f"{first}/{dossiers}")
        _put_in_order(connection, sqlite=sqlite)
        connection.commit()
    engine.dispose()
    say(f"{dossiers}/{dossiers}")


def _statement(table: sa.Table | None, *, sqlite: bool) -> sa.Executable:
    if table is not None:
        return sa.insert(table)
    return INTO_SQLITE if sqlite else INTO_POSTGRESQL


def _put_in_order(connection: sa.Connection, *, sqlite: bool) -> None:
    """As a database is after some time at work."""
    if sqlite:
        connection.exec_driver_sql("INSERT INTO search_text (search_text) VALUES ('optimize')")
        return
    connection.exec_driver_sql("CREATE INDEX search_text_words ON search_text USING gin (words)")
    for table in ("dossier", "document", "search_entry"):
        setting = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
        connection.exec_driver_sql(setting)
    connection.commit()
    connection.exec_driver_sql("ANALYZE")


class _Body(NamedTuple):
    """The text of a page that is the same in many documents."""

    text: str
    plain: list[str]
    marked: list[str]


@cache
def _bodies(seed: int) -> Sequence[_Body]:
    dice = Random(seed)  # noqa: S311
    syllables = usual_syllables()
    made = []
    for _ in range(_BODIES):
        begin = dice.randrange(len(_FORM.split()) - 40)
        text = " ".join((*_FORM.split()[begin : begin + 40], *dice.choices(syllables, k=20)))
        words = marked_words(text)
        made.append(_Body(text, unmarked(words), words))
    return made


class _Rows:
    """Rows of one dossier after the other."""

    def __init__(
        self, dice: Random, dossiers: int, documents: int, key: bytes, *, sqlite: bool
    ) -> None:
        self._dice, self._key, self._sqlite = dice, key, sqlite
        self._dossiers, self._documents = dossiers, documents
        self._people = people()
        self._now = datetime.now(UTC)
        self._number = 0
        self._words: set[str] = set()

    def of(self, numbers: range) -> Made:
        """The rows of these dossiers, by table in the order of their keys."""
        made: Made = {table: [] for table in _TABLES}
        for number in numbers:
            self._dossier(number, made)
        return made

    def _dossier(self, number: int, made: Made) -> None:
        age = timedelta(days=1000 * (1 - number / self._dossiers), hours=1)
        at = self._now - age
        unit = SMALL if number % 1000 == 0 else UNITS[number % len(UNITS)]
        code = f"H17-{at:%y%m%d}-{number % 10_000:04d}"
        made[dossier].append(
            {
                "id": number, "department": unit, "code": code, "provisional": False,
                "stage": Stage.published.value, "attempts": 0, "created_at": at, "updated_at": at,
                "warnings": [], "procedures": "1.004222" if number % 3 else "1.004194",
            }
        )  # fmt: skip
        made[claim].append(
            {"claim_id": f"c{number}", "dossier_id": number, "folder": code, "created_at": at,
             "closed_at": at}
        )  # fmt: skip
        person = next(self._people)
        upto = self._documents * number // self._dossiers
        for at_number in range(1, upto - self._number + 1):
            self._document(number, at_number, unit, code, at, person, made)

    def _document(
        self, of: int, number: int, unit: str, code: str, at: datetime, person: Person,
        made: Made,
    ) -> None:  # fmt: skip
        self._number += 1
        me, dice = self._number, self._dice
        kind = TYPES[dice.randrange(len(TYPES))]
        role = Role.result.value if number == 4 else Role.component.value
        source = f"{dice.getrandbits(256):064x}"
        made[document].append(
            {
                "id": me, "dossier_id": of, "number": number, "role": role, "name": f"{number}.pdf",
                "claim_id": f"c{of}", "relative": f"{number}.pdf", "source_sha256": source,
                "source_bytes": 400_000, "media_type": "application/pdf", "document_type": kind,
                "stage": Stage.published.value, "manifest_sha256": source, "pdfa_sha256": source,
                "signed_sha256": source, "pages": 2, "error_params": {}, "source_pages": [],
                "split": False, "created_at": at, "updated_at": at + timedelta(minutes=number),
            }
        )  # fmt: skip
        body = _bodies(1)[dice.randrange(_BODIES)]
        notation = f"{dice.randrange(1, 4000)}/QĐ-UBND"
        day = f"{at:%Y-%m-%d}"
        values = (
            ("full_name", person.name), ("doc_number", notation), ("issued_date", day),
            ("current_residence", person.street), ("personal_id", person.number),
        )  # fmt: skip
        marked, whole = [], []
        for _, value in values[:4]:
            words = marked_words(value)
            marked += words
            if 2 <= len(words) <= 7:
                whole.append(as_one(unmarked(words)))
        plain = [*unmarked(marked), *body.plain]
        plain += unmarked(marked_words(code))
        marked += [*body.marked, *marked_words(code)]
        made[search_entry].append(
            {"id": me, "document_id": me,
             "packed": packed(SearchText(values=values, pages=(body.text,)))}
        )  # fmt: skip
        made[search_number].append({"mark": number_mark(self._key, person.number), "entry_id": me})
        known = {one for one in (*plain, *whole) if one.replace("_", "").isalpha()} - self._words
        self._words |= known
        made[search_word] += [{"word": one} for one in known]
        whole += [*narrow_words(unit, kind, role, of), *recent_words(me)]
        told = words_of(marked, whole)
        made[None].append({"id": me, "words": " ".join(told) if self._sqlite else list(told)})
