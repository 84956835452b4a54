"""Changes of monitoring series: what a plant writes into ``Scene.tampered``, and how it is applied.

A row has ``tag``, ``station``, ``factor`` (None: all concentrations), ``action``, ``started``,
``ended`` (Shanghai, whole hours), ``value`` and ``mark``:

- ``hold``: the value stands still, at ``value`` or where it was;
- ``narrow``: the value trembles around where it was by ``value`` (a share of the range);
- ``replay``: a made-up fragment number ``value`` is shown, the same at every station;
- ``floor``: the value lies at the detection limit or a little below;
- ``idle``: the plant stands still, nothing is marked, the analyser shows its last value;
- ``pause``: nothing is discharged while the plant goes on (buffer tank), last value shown;
- ``mark``: nothing changes but the flag (``value`` is ignored) and a mark of type ``mark``;
- ``coarse``: an old display shows multiples of ``value`` only.

``is_real`` says that the waste water or gas itself was so, and a laboratory finds the same.
"""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from ingest.simulate.scene import Row, Scene

ACTIONS = ("hold", "narrow", "replay", "floor", "idle", "pause", "mark", "coarse")


@dataclass(frozen=True, slots=True)
class Change:
    """One change within a period, its hours counted from the period's first."""

    tag: str | None
    station: int
    factor: str | None
    action: str
    first: int
    until: int
    value: float | None
    mark: str | None
    is_real: bool


def change(
    tag: str | None, station: int, action: str, started: datetime, ended: datetime,
    factor: str | None = None, value: float | None = None, mark: str | None = None,
    *, is_real: bool = False,
) -> Row:  # fmt: skip
    """A row for ``Scene.tampered``.

    Raises
    ------
    ValueError
        When the action is not known or the span is empty.
    """
    if action not in ACTIONS or ended <= started:
        raise ValueError(f"change {action!r} from {started} to {ended} makes no sense")
    return {
        "tag": tag, "station": station, "factor": factor, "action": action, "started": started,
        "ended": ended, "value": value, "mark": mark, "is_real": is_real,
    }  # fmt: skip


SCHEMA: dict[str, pl.DataType] = {
    "tag": pl.String(), "station": pl.Int64(), "factor": pl.String(), "action": pl.String(),
    "started": pl.Datetime("us"), "ended": pl.Datetime("us"), "value": pl.Float64(),
    "mark": pl.String(), "is_real": pl.Boolean(),
}  # fmt: skip


def changes(scene: Scene, first: date, hours: int) -> list[Change]:
    """Changes that touch the ``hours`` hours from 00:00 of ``first`` on, in order of planting."""
    start = datetime(first.year, first.month, first.day)
    out = []
    for row in pl.DataFrame(scene.tampered, schema=SCHEMA).iter_rows(named=True):
        a = round((row["started"] - start).total_seconds() / 3600)
        b = round((row["ended"] - start).total_seconds() / 3600)
        if b > 0 and a < hours:
            out.append(Change(
                row["tag"], row["station"], row["factor"], row["action"], max(a, 0),
                min(b, hours), row["value"], row["mark"], row["is_real"],
            ))  # fmt: skip
    return out
