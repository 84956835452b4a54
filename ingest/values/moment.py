"""Dates, times and months in the forms that agencies write."""

import re
from datetime import date, datetime, timedelta

from ingest.values.parsed import Parsed

SHANGHAI_OFFSET = timedelta(hours=8)
OPEN_ENDS = frozenset({"长期", "永久", "长期有效", "9999-12-31", "9999/12/31", "99991231"})
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
TIME = re.compile(r"(上午|下午)?\s*(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?")
SERIAL = re.compile(r"\d{5}(\.\d+)?")
MONTH = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?")
RANGE = re.compile(r"\s*(?:至|到|~|—+|–|--)\s*")
# A single hyphen parts a range only where the days themselves are written without one.
HYPHENED = re.compile(r"(\d{4}[./年][^-]+|\d{8})\s*-\s*(\D*\d{4}[./年][^-]+|\d{8}|长期|永久)")
EXCEL_EPOCH = datetime(1899, 12, 30)
MAC_EPOCH = datetime(1904, 1, 1)
CLOCK = re.compile(r"(上午|下午)?\s*(\d{1,2}):(\d{2})(?::(\d{2}))?")


def _day(text: str) -> tuple[date | None, str]:
    """The day at the start of a text and what follows it."""
    found = DAY.match(text)
    if found:
        parts = [int(found.group(k)) for k in (1, 2, 3)]
        rest = text[found.end() :]
    else:
        found = COMPACT.fullmatch(text)
        if found is None:
            return None, text
        parts = [int(found.group(k)) for k in (1, 2, 3)]
        rest = ":".join(g for g in found.groups()[3:] if g)
    if not 1900 <= parts[0] <= 2100:
        return None, text
    try:
        return date(*parts), rest
    except ValueError:
        return None, text


def _ends(text: str) -> tuple[str, str] | None:
    """The two ends of a range, ``None`` for anything else."""
    pieces = RANGE.split(text)
    if len(pieces) == 2 and all(pieces):
        return pieces[0], pieces[1]
    found = HYPHENED.fullmatch(text)
    return (found[1].strip(), found[2].strip()) if found else None


def parse_date(text: str, epoch: datetime = EXCEL_EPOCH) -> Parsed:
    """A Shanghai day; a time behind it is dropped; of a range the last day.

    Parameters
    ----------
    epoch
        Day nought of serial numbers: ``EXCEL_EPOCH``, or ``MAC_EPOCH`` as the workbook says.
    """
    if text in OPEN_ENDS:
        return Parsed(None, "qualified", "open_end")
    if SERIAL.fullmatch(text):
        return Parsed((epoch + timedelta(days=float(text))).date())
    ends = _ends(text)
    if ends:
        last = parse_date(ends[1], epoch)
        return Parsed(last.value, last.code, last.qualifier or "range")
    day, rest = _day(text.replace("T", " "))
    if day is None or (rest.strip() and not TIME.fullmatch(rest.strip())):
        return Parsed(None, "bad_date")
    return Parsed(day)


def range_start(text: str) -> date | None:
    """First day of a range cell ``A至B``, ``None`` for anything else."""
    ends = _ends(text)
    return _day(ends[0])[0] if ends else None


def parse_clock(text: str) -> int | None:
    """Seconds since midnight of a time of day that stands alone, ``None`` for anything else."""
    found = CLOCK.fullmatch(text)
    if found is None:
        return None
    hours = _hours(found[1], int(found[2]))
    minutes, seconds = int(found[3]), int(found[4] or 0)
    if hours > 24 or minutes > 59 or seconds > 59:
        return None
    return (hours * 60 + minutes) * 60 + seconds


def _hours(half: str | None, hours: int) -> int:
    if half == "下午" and hours < 12:
        return hours + 12
    return 0 if half == "上午" and hours == 12 else hours


def parse_moment(text: str, epoch: datetime = EXCEL_EPOCH) -> Parsed:
    """A moment as UTC without zone; a day alone is 00:00 local with ``date_only``."""
    if SERIAL.fullmatch(text):
        exact = epoch + timedelta(days=float(text))
        local = (exact + timedelta(microseconds=500_000)).replace(microsecond=0)
        return Parsed(local - SHANGHAI_OFFSET, "" if "." in text else "date_only")
    day, rest = _day(text.replace("T", " "))
    rest = rest.strip()
    if day is None:
        return Parsed(None, "bad_date")
    midnight = datetime(day.year, day.month, day.day)
    if not rest:
        return Parsed(midnight - SHANGHAI_OFFSET, "date_only")
    found = TIME.fullmatch(rest)
    if found is None:
        return Parsed(None, "bad_date")
    half, hour, minute, second, fraction, zone = found.groups()
    hours, minutes, seconds = _hours(half, int(hour)), int(minute), int(second or 0)
    if hours > 24 or minutes > 59 or seconds > 59 or (hours == 24 and (minutes or seconds)):
        return Parsed(None, "bad_date")
    offset = SHANGHAI_OFFSET
    if zone == "Z":
        offset = timedelta(0)
    elif zone:
        sign = -1 if zone[0] == "-" else 1
        offset = sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    clock = timedelta(
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        microseconds=round(float(fraction or 0) * 1e6),
    )
    return Parsed(midnight + clock - offset)


def parse_month(text: str) -> Parsed:
    """A month as ``YYYY-MM``; of a range the last one, of a day its month."""
    last = RANGE.split(text)[-1]
    day, rest = _day(last)
    if day is not None and (not rest.strip() or TIME.fullmatch(rest.replace("T", " ").strip())):
        return Parsed(f"{day:%Y-%m}")
    found = MONTH.fullmatch(last)
    if (
        found is None
        or not 1 <= int(found.group(2)) <= 12
        or not 1900 <= int(found.group(1)) <= 2100
    ):
        return Parsed(None, "bad_date")
    return Parsed(f"{found.group(1)}-{int(found.group(2)):02d}")
