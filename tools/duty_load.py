"""How many new findings a day a duty officer gets, per model and grade.

    python tools/duty_load.py FINDINGS.jsonl [--daily FOLDER] [--days 30] [--json]

Nothing of the product is imported. Two ways to say on which day a finding is new:

- by window: on the Shanghai day on which its window ends, as if it were told when its last event
  had come in. Needs one file of findings. A condition that lasts is told on its last day.
- by daily runs: FOLDER holds one file ``YYYY-MM-DD.jsonl`` for each day, the findings as of it.
  A finding is new on the first day that has its id, unless it ``replaces`` an id that an earlier
  day had. The first day only says what stood there before and is not counted. The grade is that
  of the first day; ``raised`` counts findings that a later day grades more severely.

The days are those up to the newest ``as_of``, ``--days`` of them, or those in FOLDER; days without
a finding count as well.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from statistics import mean, median

SHANGHAI = timezone(timedelta(hours=8))
EVERY = "all"


@dataclass(frozen=True)
class Arrival:
    """A finding that is new on a day."""

    model: str
    grade: int
    day: date


@dataclass(frozen=True)
class Load:
    """Arrivals on consecutive or listed ``days``; ``raised`` is None where nothing can tell."""

    basis: str
    days: tuple[date, ...]
    arrivals: tuple[Arrival, ...]
    raised: int | None


def read_lines(path: Path) -> list[dict[str, object]]:
    """Findings of a JSON Lines file as they are."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def by_window(findings: list[dict[str, object]], days: int) -> Load:
    """New on the day on which the window ends, over the last ``days`` up to ``as_of``."""
    if not findings:
        return Load("window end", (), (), None)
    until = max(date.fromisoformat(str(f["as_of"])) for f in findings)
    span = tuple(until - timedelta(days=back) for back in reversed(range(days)))
    found = []
    for finding in findings:
        window = finding["window"]
        end = str(window["to"]) if isinstance(window, dict) else ""
        day = datetime.fromisoformat(end.replace("Z", "+00:00")).astimezone(SHANGHAI).date()
        if span[0] <= day <= until:
            found.append(_arrival(finding, day))
    return Load("window end", span, tuple(found), None)


def by_daily_runs(runs: dict[date, list[dict[str, object]]]) -> Load:
    """New on the first day that has the id or one that it replaces; the first day is the base."""
    days = sorted(runs)
    grades: dict[str, int] = {}
    found, raised = [], set()
    for number, day in enumerate(days):
        for finding in runs[day]:
            name, grade = str(finding["finding_id"]), _arrival(finding, day).grade
            before = grades.get(name, grades.get(str(finding.get("replaces"))))
            if before is None and number:
                found.append(_arrival(finding, day))
            elif before is not None and grade < before:
                raised.add(name)
            grades[name] = grade if before is None else min(grade, before)
    return Load("daily runs", tuple(days[1:]), tuple(found), len(raised))


def _arrival(finding: dict[str, object], day: date) -> Arrival:
    return Arrival(str(finding["model"]), int(str(finding["grade"])), day)


def figures(load: Load) -> dict[str, dict[str, dict[str, float]]]:
    """Per model and grade (``all`` for each): total, mean, median and most on a day."""
    models = [EVERY, *sorted({a.model for a in load.arrivals})]
    out: dict[str, dict[str, dict[str, float]]] = {}
    for model in models:
        own = [a for a in load.arrivals if model in (EVERY, a.model)]
        rows = {}
        for grade in [EVERY, *sorted({str(a.grade) for a in own})]:
            counts = Counter(a.day for a in own if grade in (EVERY, str(a.grade)))
            per_day = [counts[day] for day in load.days] or [0]
            rows[grade] = {
                "total": sum(per_day), "mean": round(mean(per_day), 3),
                "median": float(median(per_day)), "most": max(per_day),
            }  # fmt: skip
        out[model] = rows
    return out


def table(load: Load) -> str:
    """The load as text."""
    if not load.days:
        return f"new findings a day, by {load.basis}: no days"
    lines = [
        f"new findings a day, by {load.basis}, {len(load.days)} days"
        f" {load.days[0]} to {load.days[-1]}"
        + ("" if load.raised is None else f"; {load.raised} raised to a graver grade later"),
        f"{'model':7}{'grade':>7}{'total':>7}{'mean':>8}{'median':>8}{'most':>6}",
    ]
    for model, rows in figures(load).items():
        for grade, row in rows.items():
            lines.append(f"{model:7}{grade:>7}{row['total']:>7}{row['mean']:>8.2f}"
                         f"{row['median']:>8.1f}{row['most']:>6}")  # fmt: skip
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Read, count, write; 0 when done."""
    parser = argparse.ArgumentParser(description="New findings a day, per model and grade.")
    parser.add_argument("findings", type=Path)
    parser.add_argument("--daily", type=Path, help="folder with one file of findings a day")
    parser.add_argument("--days", type=int, default=30, help="days up to as_of, by window")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    given = parser.parse_args(arguments)
    if given.days < 1:
        parser.error("--days: give 1 or more")
    loads = [by_window(read_lines(given.findings), given.days)]
    if given.daily:
        files = sorted(given.daily.glob("*.jsonl"))
        loads.append(by_daily_runs({date.fromisoformat(f.stem): read_lines(f) for f in files}))
    if given.json:
        document = [
            {"basis": load.basis, "days": len(load.days), "raised": load.raised,
             "figures": figures(load)} for load in loads
        ]  # fmt: skip
        text = json.dumps(document, ensure_ascii=False, indent=1)
    else:
        text = "\n\n".join(table(load) for load in loads)
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
