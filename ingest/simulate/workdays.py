"""Working days of the simulated year: weekends, public holidays and days worked instead."""

from datetime import date, timedelta

# State Council arrangement for 2025 (from November) and 2026: first day, length, name.
HOLIDAYS: tuple[tuple[date, int, str], ...] = (
    (date(2026, 1, 1), 3, "元旦"),
    (date(2026, 2, 15), 9, "春节"),
    (date(2026, 4, 4), 3, "清明节"),
    (date(2026, 5, 1), 5, "劳动节"),
    (date(2026, 6, 19), 3, "端午节"),
    (date(2026, 9, 25), 3, "中秋节"),
    (date(2026, 10, 1), 7, "国庆节"),
)
WORKED_WEEKENDS = (
    date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
    date(2026, 9, 20), date(2026, 10, 10),
)  # fmt: skip
DAYS_OFF = {first + timedelta(days=i): name for first, n, name in HOLIDAYS for i in range(n)}


def is_workday(day: date) -> bool:
    """Whether offices work on ``day``."""
    return day in WORKED_WEEKENDS or (day.weekday() < 5 and day not in DAYS_OFF)
