"""The numbers of a finding as people read them: what decides, what each firm between has, the rest.

Numbers that only put the list in order, or tell how many firms hold one identifier, are kept apart:
they are looked up and decide nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from graph.types import Finding, Statistic, Subject
from records.masking import mask_text
from viz.model_words import IDENTIFIER_DEGREE, NODE_STATISTIC, party_statistic_zh, statistic_zh
from viz.words import number_text

# Shares of something, read as per cent; all others without a unit are plain numbers.
PERCENT = frozenset(
    {
        "excess_p", "fdr_q", "observed_share", "expected_share", "overall_share", "stability",
        "flow_ratio", "power_ratio", "pass_through_share", "price_ratio", "conflict_rate",
        "band_share", "low_share", "load_ratio",
    }
)  # fmt: skip
YES_NO = frozenset({"fdr_rejected", "scope_without_waste"})
ORDERING = "rank_"
SMALLEST_PERCENT = 1e-6
# Not 成立, which beside an age in days would say that the firm was founded.
VERDICT_ZH = {1.0: "符合", 0.0: "不符合"}
NOT_TESTED = "缺数据"
MISSING = "—"
# Roles of the firms between, which a finding lists in the order of their numbers.
PARTY_ROLES = ("shell", "broker")


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """One number: its name, value and threshold in words; ``n`` is the sample, None without one."""

    name: str
    value: str
    threshold: str
    n: int | None


@dataclass(frozen=True, slots=True)
class PartyTable:
    """Numbers of the firms between side by side; a row has as many cells as there are headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class StatisticRows:
    """``main`` decides, ``parties`` is None where no firm between has numbers of its own."""

    main: tuple[StatisticRow, ...]
    parties: PartyTable | None
    minor: tuple[StatisticRow, ...]


def value_text(name: str, value: float, unit: str) -> str:
    """A number of a finding as people read it: a share in per cent, a condition as yes or no."""
    if name in YES_NO:
        return "是" if value else "否"
    if name in PERCENT and unit in ("1", "ratio"):
        percent = value * 100
        if 0 < abs(percent) < SMALLEST_PERCENT:
            return f"不到 {SMALLEST_PERCENT:.6f}%"
        # Three digits, and never in powers of ten.
        return f"{Decimal(f'{percent:.3g}'):f}%"
    return number_text(value, unit)


def statistic_rows(finding: Finding) -> StatisticRows:
    """The numbers of ``finding`` in the order in which its model gave them."""
    own = [s for s in finding.statistics if not NODE_STATISTIC.fullmatch(s.name)]
    of_parties = [s for s in finding.statistics if NODE_STATISTIC.fullmatch(s.name)]
    return StatisticRows(
        tuple(_row(s) for s in own if not _is_minor(s.name)),
        _parties(of_parties, finding.quantities, finding.subjects),
        tuple(_row(s) for s in own if _is_minor(s.name)),
    )


def _is_minor(name: str) -> bool:
    return name.startswith(ORDERING) or bool(IDENTIFIER_DEGREE.fullmatch(name))


def _row(one: Statistic) -> StatisticRow:
    return StatisticRow(
        statistic_zh(one.name),
        value_text(one.name, one.value, one.unit),
        _threshold(one),
        one.n,
    )


def _threshold(one: Statistic, name: str = "") -> str:
    if one.threshold is None:
        return MISSING
    return value_text(name or one.name, one.threshold, one.unit)


def _parties(
    statistics: Iterable[Statistic], quantities: Mapping[str, float], subjects: Iterable[Subject]
) -> PartyTable | None:
    cells: dict[str, dict[int, str]] = {}
    thresholds: dict[str, str] = {}
    for one in statistics:
        if found := NODE_STATISTIC.fullmatch(one.name):
            number, rest = int(found[1]), found[2]
            cells.setdefault(rest, {})[number] = value_text(rest, one.value, one.unit)
            if one.threshold is not None:
                thresholds[rest] = _threshold(one, rest)
    if not cells:
        return None
    verdicts = _verdicts(quantities)
    for rest, _ in verdicts:
        cells.setdefault(rest, {})
    numbers = sorted({n for by_number in cells.values() for n in by_number})
    named = [mask_text(s.name) for s in subjects if s.role in PARTY_ROLES]
    names = named if len(named) == len(numbers) else [f"第{n}家" for n in numbers]
    rows = tuple(
        (
            party_statistic_zh(rest),
            *(_cell(by_number.get(n), verdicts.get((rest, n))) for n in numbers),
            thresholds.get(rest, MISSING),
        )
        for rest, by_number in cells.items()
    )
    return PartyTable(("指标", *names, "阈值"), rows)


VERDICT = re.compile(r"node(\d+)_(\w+)_verdict")


def _verdicts(quantities: Mapping[str, float]) -> dict[tuple[str, int], float]:
    """Verdicts of HW-10 on each term of each firm: 1 it holds, 0 it does not, else untested."""
    found = {}
    for name, value in quantities.items():
        if match := VERDICT.fullmatch(name):
            found[match[2], int(match[1])] = value
    return found


def _cell(text: str | None, verdict: float | None) -> str:
    if text is None:
        return NOT_TESTED if verdict is not None else MISSING
    word = VERDICT_ZH.get(verdict) if verdict is not None else None
    return f"{text}（{word}）" if word else text
