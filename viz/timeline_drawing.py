"""The strip of a timeline: where each moment stands, as numbers that a template draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from viz.timeline import Moment

WIDTH, TOP, ROW = 1000.0, 12.0, 26.0
LEFT, RIGHT = 84.0, 24.0
MOST_TICKS = 8
KIND_ZH = {
    "manifest": "转移联单",
    "invoice": "发票",
    "fee": "费用发票",
    "waybill": "运单",
    "weighing": "过磅",
    "test": "采样检测",
    "operation": "运维合同",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment: place and radius in the drawing, and its words."""

    x: float
    y: float
    radius: float
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A drawing of ``width`` by ``height``: rows by kind, ticks by day."""

    width: float
    height: float
    rows: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    marks: tuple[Mark, ...]


def moment_kind_zh(kind: str) -> str:
    """Chinese word for what happened."""
    return KIND_ZH.get(kind, kind)


def moment_text(moment: Moment) -> str:
    """When it happened, no more exactly than its row says."""
    return f"{moment.at:%Y-%m-%d}" if moment.is_day else f"{moment.at:%Y-%m-%d %H:%M}"


def strip(moments: Sequence[Moment]) -> Strip | None:
    """The strip of some moments; ``None`` when they do not spread over time."""
    if len(moments) < 2 or moments[0].at == moments[-1].at:
        return None
    first, last = moments[0].at, moments[-1].at
    span = (last - first).total_seconds()
    kinds = list(dict.fromkeys(m.kind for m in moments))
    largest = {
        kind: max((abs(m.amount or 0.0) for m in moments if m.kind == kind), default=0.0)
        for kind in kinds
    }

    def place(seconds: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * seconds / span, 1)

    marks = []
    for moment in moments:
        top = largest[moment.kind]
        share = abs(moment.amount or 0.0) / top if top else 0.0
        marks.append(
            Mark(
                place((moment.at - first).total_seconds()),
                TOP + ROW * (kinds.index(moment.kind) + 0.5),
                round(3.0 + 4.0 * share**0.5, 1),
                f"{moment_text(moment)} {moment_kind_zh(moment.kind)}",
            )
        )
    days = max((last.date() - first.date()).days, 1)
    step = max(1, -(-days // MOST_TICKS))
    start = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    ticks: list[tuple[float, str]] = []
    year = 0 if first.year != last.year else first.year
    for number in range(0, days, step):
        day = start + timedelta(days=number)
        seconds = (day - first).total_seconds()
        if 0 <= seconds <= span:
            # The year is told where it changes.
            text = f"{day:%m-%d}" if day.year == year else f"{day:%Y-%m-%d}"
            ticks.append((place(seconds), text))
            year = day.year
    return Strip(
        WIDTH,
        TOP + ROW * len(kinds) + 24,
        tuple((TOP + ROW * (i + 0.5), moment_kind_zh(kind)) for i, kind in enumerate(kinds)),
        tuple(ticks),
        tuple(marks),
    )
