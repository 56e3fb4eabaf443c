"""Rules over several fields of one document."""

from collections.abc import Mapping, Sequence

from ocr.fields.evidence import (
    Evidence,
    EvidenceTable,
    Found,
    with_checks,
    with_proposal,
)
from ocr.fields.sureness import AGREEMENT
from schemas.document_type import Rule
from schemas.field import Check
from schemas.validators import (
    FieldType,
    date_in_words,
    normalised,
    parse_iso,
    personal_number,
    plain,
)


def apply_rules(fields: Mapping[str, Found], rules: Sequence[Rule]) -> dict[str, Found]:
    """The fields with the checks of ``rules``; a failed one sends what it names to a person."""
    found = dict(fields)
    for rule in rules:
        if rule.table is None:
            plain_fields = {k: v for k, v in found.items() if isinstance(v, Evidence)}
            found.update(_applied(plain_fields, rule))
        elif isinstance(table := found.get(rule.table), EvidenceTable):
            rows = tuple({**row, **_applied(row, rule)} for row in table.rows)
            found[rule.table] = EvidenceTable(rows)
    return found


def _applied(fields: Mapping[str, Evidence], rule: Rule) -> dict[str, Evidence]:
    named = {role: fields.get(name) for role, name in rule.fields.items()}
    check = _number_matches(named) if rule.rule == "personal_number_matches" else None
    if check is not None and not check.passed and (likelier := _fitting_number(named)):
        name = rule.fields["number"]
        fields = {**fields, name: with_proposal(fields[name], likelier, check.name)}
    if rule.rule == "same_when":
        check = _same_when(named, rule.equals or "")
    if rule.rule == "date_in_words":
        check = _said_in_words(named)
    if check is None:
        return {}
    touched = [name for role, name in rule.fields.items() if role != "when" or not check.passed]
    found = {name: with_checks(field, check) for name in touched if (field := fields.get(name))}
    number = named.get("number")
    if check.name == "personal_number_matches" and check.passed and number and _agreed(number):
        for role, bear_out in (("dob", _date_borne_out), ("sex", _sex_borne_out)):
            name = rule.fields.get(role, "")
            if name in found:
                found[name] = bear_out(found[name])
    return found


def _agreed(field: Evidence) -> bool:
    return any(check.name in AGREEMENT and check.passed for check in field.checks)


def _date_borne_out(dob: Evidence) -> Evidence:
    """A date of birth that readers have otherwise, borne out part by part.

    The day and the month by a reader that only has another year, the year by the personal number,
    which its own readers agree on: nothing of it is said once only.
    """
    date = parse_iso(dob.value or "")
    others = [r.text for r in dob.readings if normalised(FieldType.date, r.text) != dob.value]
    if date is None or not any(text.startswith(f"{date:%d/%m/}") for text in others):
        return dob
    return _nearly_agreed(dob)


def _sex_borne_out(sex: Evidence) -> Evidence:
    """One of two words that a single reader says, borne out by the figure of the personal number
    that says the sex, too, and on which the number's own readers agree."""
    return sex if _agreed(sex) or sex.value is None else _nearly_agreed(sex)


def _nearly_agreed(field: Evidence) -> Evidence:
    agreed = Check(name="readers_nearly_agree", passed=True)
    checks = tuple(agreed if check.name == "readers_agree" else check for check in field.checks)
    return field._replace(checks=checks)


def _number_matches(named: Mapping[str, Evidence | None]) -> Check | None:
    """The personal number's century, year and sex fit the date of birth and the sex."""
    number, dob, sex = (_value(named.get(role)) for role in ("number", "dob", "sex"))
    parsed = personal_number(number or "")
    if parsed is None or (dob is None and sex is None):
        return None
    fits = parsed.agrees(parse_iso(dob) if dob else None, sex)
    return Check(name="personal_number_matches", passed=fits)


def _fitting_number(named: Mapping[str, Evidence | None]) -> str | None:
    """The likeliest other reading of the number that fits the date of birth and the sex; a person
    looks all the same. A sex alone, of which half the numbers are, singles out none."""
    number, dob, sex = (named.get(role) for role in ("number", "dob", "sex"))
    born, told = parse_iso(_value(dob) or ""), _value(sex)
    if born is None:
        return None
    for text in number.others if number else ():
        parsed = personal_number(text)
        if parsed is not None and parsed.agrees(born, told):
            return text
    return None


def _same_when(named: Mapping[str, Evidence | None], equals: str) -> Check | None:
    """Where ``when`` says so, two fields are the same: the declarant is head of the household."""
    when, left, right = (_value(named.get(role)) for role in ("when", "left", "right"))
    if when is None or plain(when) != plain(equals) or left is None or right is None:
        return None
    return Check(name="same_person", passed=left == right)


def _said_in_words(named: Mapping[str, Evidence | None]) -> Check | None:
    """The date in figures is the one in words; words that were not understood say nothing."""
    figures, words = (_value(named.get(role)) for role in ("date", "words"))
    said = date_in_words(words or "")
    if figures is None or said is None:
        return None
    return Check(name="date_in_words", passed=parse_iso(figures) == said)


def _value(field: Evidence | None) -> str | None:
    return field.value if field else None
