"""The day as of which models run (RULINGS 5)."""

from datetime import date, datetime

import pytest

from analytics.as_of import newest_event_day
from analytics.errors import NoEvents
from tests.unit.analytics.tables import make_inputs

DAY = date(2026, 10, 31)


def test_newest_event_day_is_shanghais_and_leaves_out_the_future() -> None:
    future = {"column": "handover_at", "code": "future_time", "raw": "", "qualifier": ""}
    rows = {
        "manifest": [
            {"manifest_no": "1", "handover_at": datetime(2026, 10, 30, 16, 30)},
            {"manifest_no": "2", "handover_at": datetime(2031, 1, 1), "flags": [future]},
        ],
        "hw_licence": [{"licence_no": "L", "valid_to": date(2030, 1, 1)}],
    }
    assert newest_event_day(make_inputs(rows, DAY).sql) == date(2026, 10, 31)


def test_an_empty_lake_has_no_day() -> None:
    with pytest.raises(NoEvents, match="as-of"):
        newest_event_day(make_inputs({}, DAY).sql)
