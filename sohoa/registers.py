"""The population register: a local table for trials, or a service over mutual TLS. Neither keeps an
answer.

The service is asked ``POST <url>`` with ``{"SoDinhDanh": ..., "LyDo": ...}`` and answers with a
record in the names the population database exchanges (``SoDinhDanh``, ``HoVaTen``, ``GioiTinh``,
``NgayThangNamSinh``), or 404 where it knows no such number.
"""

import csv
import http.client
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from schemas.errors import ConfigurationError, ServiceUnavailable
from schemas.registry import PopulationRegistry, RegisterEntry
from schemas.validators import folded, parse_date, parse_iso, parse_sex, parse_year
from sohoa.register_settings import RegisterSettings

LARGEST = 64 * 1024
"""Bytes of an answer; records are a kilobyte."""

COLUMNS = ("personal_id", "full_name", "dob", "sex")


def open_register(settings: RegisterSettings) -> PopulationRegistry | None:
    """The register that was set up, or None.

    Raises:
        ConfigurationError: ``registry.bad_table``, ``registry.bad_certificate``.
    """
    if settings.table is not None:
        return LocalTable.load(settings.table)
    return RegisterService(settings) if settings.url is not None else None


class LocalTable:
    """A register in a CSV file: for trials, and for offices without a line to the real one."""

    def __init__(self, entries: dict[str, RegisterEntry]) -> None:
        self._entries = entries

    @classmethod
    def load(cls, path: Path) -> "LocalTable":
        """From a CSV with the headings of :data:`COLUMNS`.

        Raises:
            ConfigurationError: ``registry.bad_table`` with the line.
        """
        entries: dict[str, RegisterEntry] = {}
        line = 1
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = csv.DictReader(file)
                if set(COLUMNS) - set(rows.fieldnames or ()):
                    raise ValueError("headings")
                for row in rows:
                    line = rows.line_num
                    entries[row["personal_id"].strip()] = _entry(
                        row["personal_id"], row["full_name"], row["dob"], row["sex"]
                    )
        except (OSError, ValueError, AttributeError, csv.Error) as exc:
            raise ConfigurationError("registry.bad_table", line=line) from exc
        return cls(entries)

    def look_up(self, personal_id: str, *, reason: str) -> RegisterEntry | None:
        """See :class:`schemas.registry.PopulationRegistry`."""
        del reason
        return self._entries.get(personal_id)


class RegisterService:
    """The register over HTTPS with a client certificate; one connection a question."""

    def __init__(self, settings: RegisterSettings) -> None:
        """Raises ConfigurationError: ``registry.bad_certificate``."""
        parts = urlsplit(settings.url or "")
        self._host, self._path = parts.netloc, parts.path or "/"
        self._timeout = settings.timeout_seconds
        try:
            self._tls = ssl.create_default_context(
                cafile=str(settings.ca_file) if settings.ca_file else None
            )
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            self._tls.load_cert_chain(str(settings.client_cert), str(settings.client_key))
        except (OSError, ValueError) as exc:  # SSLError is an OSError
            raise ConfigurationError("registry.bad_certificate") from exc

    def look_up(self, personal_id: str, *, reason: str) -> RegisterEntry | None:
        """See :class:`schemas.registry.PopulationRegistry`.

        Raises:
            ServiceUnavailable: ``registry.unavailable``; also where the answer makes no sense, or
                is about somebody else.
        """
        body = json.dumps({"SoDinhDanh": personal_id, "LyDo": reason}).encode()
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        connection = http.client.HTTPSConnection(
            self._host, timeout=self._timeout, context=self._tls
        )
        try:
            connection.request("POST", self._path, body, headers)
            answer = connection.getresponse()
            if answer.status == http.client.NOT_FOUND:
                return None
            content = answer.read(LARGEST + 1)
            if answer.status != http.client.OK or len(content) > LARGEST:
                raise ServiceUnavailable("registry.unavailable")
            return _from_record(json.loads(content), personal_id)
        except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError) as exc:
            raise ServiceUnavailable("registry.unavailable") from exc
        finally:
            connection.close()


def _from_record(record: dict[str, Any], asked: str) -> RegisterEntry:
    """A record in the population database's names; ValueError where it is about another number."""
    if record["SoDinhDanh"] != asked:
        raise ValueError("another number")
    name = record.get("HoVaTen") or {}
    parts = [name.get(part) or "" for part in ("Ho", "ChuDem", "Ten")]
    born = record.get("NgayThangNamSinh") or {}
    date = born.get("NgayThangNam") or str(born.get("Nam") or "")
    return _entry(asked, " ".join(parts), date, record.get("GioiTinh") or "")


def _entry(number: str, name: str, born: str, sex: str) -> RegisterEntry:
    """ValueError where a value is none of its kind; empty ones are not known."""
    digits = born.strip()
    packed = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else digits
    date = parse_iso(packed) or parse_date(born)
    year = None if date else parse_year(digits)
    known_sex = parse_sex(sex)
    if (digits and date is None and year is None) or (sex.strip() and known_sex is None):
        raise ValueError("no date, or no sex")
    try:
        return RegisterEntry(
            personal_id=number.strip(),
            full_name=folded(name) or None,
            dob=date,
            birth_year=date.year if date else year,
            sex=known_sex,
        )
    except ValidationError as exc:
        raise ValueError("no entry") from exc
