"""How large a world is: one frozen record per named size, and the periods that it covers."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

EVENT_YEAR, EVENT_MONTH = 2026, 10


@dataclass(frozen=True, slots=True)
class Period:
    """A span of Shanghai days (``first`` inclusive, ``until`` exclusive) delivered together."""

    label: str
    first: date
    until: date
    manifest_share: float
    is_event: bool

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.until - self.first).days


@dataclass(frozen=True, slots=True)
class WorldSize:
    """Counts of a world; ``manifests`` are those of one event month.

    ``receivers`` are all licensed plants, those of planted cases included but for three with an odd
    licence (run out, pilot, trial). A world with fewer than sixty gets as many more as the cases
    lack.

    ``history_ratio`` is the number of manifests of the eleven months before, relative to it;
    with ``whole_year`` all twelve months are event months and written one by one.
    """

    generators: int
    receivers: int
    carriers: int
    manifests: int
    outlets: int
    testing_bodies: int
    operators: int
    traders: int
    bystanders: int
    test_reports: int
    cameras: int
    street_passes: int
    history_ratio: float = 0.25
    whole_year: bool = False

    def periods(self) -> tuple[Period, ...]:
        """The spans in order of time; the last one is October 2026."""
        starts = [date(2025 + (m > 12), m - 12 if m > 12 else m, 1) for m in range(11, 24)]
        if self.whole_year:
            return tuple(Period(f"{a:%Y%m}", a, b, 1.0, True) for a, b in pairwise(starts))
        return (
            Period(
                f"{starts[0]:%Y%m}-{starts[10]:%Y%m}",
                starts[0],
                starts[11],
                self.history_ratio,
                False,
            ),
            Period(f"{starts[11]:%Y%m}", starts[11], starts[12], 1.0, True),
        )


SIZES: dict[str, WorldSize] = {
    "small": WorldSize(
        generators=800, receivers=60, carriers=120, manifests=5_000, outlets=60,
        testing_bodies=20, operators=12, traders=60, bystanders=240, test_reports=700,
        cameras=150, street_passes=20_000,
    ),
    "month": WorldSize(
        generators=8_000, receivers=300, carriers=600, manifests=50_000, outlets=600,
        testing_bodies=120, operators=60, traders=500, bystanders=2_400, test_reports=7_000,
        cameras=600, street_passes=400_000,
    ),
    "year": WorldSize(
        generators=40_000, receivers=500, carriers=1_500, manifests=34_000, outlets=300,
        testing_bodies=200, operators=100, traders=2_000, bystanders=9_000, test_reports=3_000,
        cameras=1_000, street_passes=400_000, whole_year=True,
    ),
}  # fmt: skip
