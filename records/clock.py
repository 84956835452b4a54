"""Shanghai days and the UTC instants that the lake stores.

China has had one zone without daylight saving since 1991, so a fixed offset is exact for every
record this product takes in, and it avoids ``ZoneInfo`` objects, which the graph driver cannot
carry.
"""

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
UTC_OFFSET = timedelta(hours=8)


def day_end(day: date) -> datetime:
    """Exclusive end of a Shanghai day as UTC without zone."""
    return datetime(day.year, day.month, day.day) + timedelta(days=1) - UTC_OFFSET


def shanghai_day(instant: datetime) -> date:
    """Shanghai day of a UTC instant without zone."""
    return (instant + UTC_OFFSET).date()


def shanghai_iso(instant: datetime) -> str:
    """RFC 3339 text with +08:00 of a UTC instant without zone, to the second."""
    return (instant + UTC_OFFSET).replace(tzinfo=SHANGHAI, microsecond=0).isoformat()


def utc_instant(text: str) -> datetime:
    """UTC instant without zone of an RFC 3339 text with offset."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
