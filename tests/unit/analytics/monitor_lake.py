"""A small lake of one monitored outlet for the tests of OM-02, written step by step."""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from analytics.model import Draft
from analytics.models.om_02 import Params, detect
from tests.unit.analytics.tables import make_inputs

AS_OF = date(2026, 10, 31)
START = datetime(2026, 10, 1, 0)
MN, OUTLET, OWNER = "MN1", "outlet:1", "org:p"
COD, SO2, FLOW = "w01018", "a21026", "w00000"
Row = dict[str, Any]


def moving(hour: int) -> float:
    """A load that moves by the day and by the hour, never twice alike in sequence."""
    return round(40 + 15 * math.sin(hour / 3.8) + 7 * math.sin(hour * 1.7) + (hour * 37 % 11), 1)


class Lake:
    """Hourly values of a point for twenty days; power and flow beside them."""

    def __init__(self, factor: str = COD, days: int = 20, power: bool = True) -> None:
        self.factor, self.hours = factor, days * 24
        self.values: dict[int, float | None] = {h: moving(h) for h in range(self.hours)}
        self.power: Callable[[int], float] | None = (
            (lambda h: 100 + 30 * math.sin(h)) if power else None
        )
        self.flow: Callable[[int], float] | None = None
        self.flag: dict[int, str] = {}
        self.minutes: list[tuple[datetime, float]] = []
        self.tables: dict[str, list[Row]] = {
            "organization": [{"entity_id": OWNER, "name": "甲公司", "uscc": "USCC-p"}],
            "entity_outlet": [{"entity_id": OUTLET, "name": "DW001", "outlet_code": "DW001"}],
            "monitor_point": [
                {
                    "mn": MN,
                    "uscc": "USCC-p",
                    "outlet_code": "DW001",
                    "owner_entity": OWNER,
                    "outlet_outlet": OUTLET,
                }
            ],
            "monitor_factor": [
                {
                    "mn": MN,
                    "factor_code": factor,
                    "range_low": 0.0,
                    "range_high": 500.0,
                    "lod": 4.0,
                    "resolution": 0.1,
                    "cycle_min": 120.0 if factor == COD else None,
                }
            ],
        }

    def add(self, table: str, **row: Any) -> "Lake":
        self.tables.setdefault(table, []).append(row)
        return self

    def stand(self, first: int, hours: int, value: float | None = 42.0) -> "Lake":
        """One value from hour ``first`` on; None means no data."""
        self.values |= dict.fromkeys(range(first, first + hours), value)
        return self

    def by_minutes(self, first: int, hours: int, value: Callable[[int], float]) -> "Lake":
        """Ten-minute values in place of the hours, by number of the step."""
        for step in range(hours * 6):
            at = START + timedelta(hours=first, minutes=10 * step)
            self.minutes.append((at, value(step)))
        return self

    def rows(self) -> dict[str, list[Row]]:
        tables = {name: list(rows) for name, rows in self.tables.items()}
        tables["obs_hour"] = [
            {
                "mn": MN,
                "factor_code": self.factor,
                "data_time": START + timedelta(hours=hour),
                "avg": value,
                "flag_raw": self.flag.get(hour, "N"),
                "flow_m3": self.flow(hour) if self.flow else None,
            }
            for hour, value in self.values.items()
            if value is not None
        ]
        tables["obs_minute"] = [
            {"mn": MN, "factor_code": self.factor, "data_time": at, "avg": value, "flag_raw": "N"}
            for at, value in self.minutes
        ]
        if self.power is not None:
            tables["power_hour"] = [
                {
                    "meter_id": "m1",
                    "uscc": "USCC-p",
                    "owner_entity": OWNER,
                    "data_time": START + timedelta(hours=hour),
                    "energy_kwh": self.power(hour),
                    "kind": "产污设施",
                }
                for hour in range(self.hours)
            ]
        return tables

    def drafts(self, **params: Any) -> list[Draft]:
        return detect(make_inputs(self.rows(), AS_OF), Params(**params))


def shown(drafts: Sequence[Draft]) -> list[int]:
    """Grades after the models' own caps."""
    return [max([d.grade, *(c.grade for c in d.caps)]) for d in drafts]
