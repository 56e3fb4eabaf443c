"""When a day begins and ends by the office's clock. Pure."""

from datetime import date, datetime, time, timedelta, tzinfo


def begins(day: date, zone: tzinfo) -> datetime:
    """Its first moment."""
    return datetime.combine(day, time(), zone)


def ends(day: date, zone: tzinfo) -> datetime:
    """The first moment after it."""
    return begins(day + timedelta(days=1), zone)
