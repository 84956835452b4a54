"""A small lake of sampling jobs for the tests of TP-01, written step by step."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from analytics.model import Draft
from analytics.models.tp_01 import Params, detect
from tests.unit.analytics.tables import make_inputs

AS_OF = date(2026, 10, 31)
START = datetime(2026, 10, 5, 0)
# Sites a, b lie 55 km apart, a and c 300 m, d 5.6 km from a.
PLACES = {"a": (120.0, 31.0), "b": (120.0, 31.5), "c": (120.0, 31.0027), "d": (120.0, 31.05)}
Row = dict[str, Any]


def org(name: str) -> str:
    return f"org:{name}"


class Lake:
    """Rows of a small lake, added to step by step; the testing body is ``t``."""

    def __init__(self) -> None:
        names = {name: (f"{name}公司", *place) for name, place in PLACES.items()} | {
            "t": ("t检测公司", None, None),
            "u": ("u检测公司", None, None),
        }
        self.tables: dict[str, list[Row]] = {
            "organization": [
                {"entity_id": org(n), "name": name, "uscc": f"USCC-{n}", "lon": lon, "lat": lat}
                for n, (name, lon, lat) in names.items()
            ]
        }

    def add(self, table: str, **row: Any) -> "Lake":
        self.tables.setdefault(table, []).append(row)
        return self

    def staff(self, name: str, cert: str, person: str = "", body: str = "t") -> "Lake":
        return self.add(
            "service_staff",
            body_uscc=f"USCC-{body}",
            employer_entity=org(body),
            person_name=name,
            cert_no=cert,
            person_id=f"id-{person}" if person else None,
            staff_person=f"person:{person}" if person else None,
        )

    def job(
        self,
        site: str,
        hour: float,
        length: float = 1.0,
        samplers: Sequence[str] = ("甲",),
        certs: Sequence[str] = (),
        body: str = "t",
        **facts: Any,
    ) -> "Lake":
        """Two samples taken at ``site`` from ``hour`` hours after START, for ``length`` h."""
        number = f"R{len(self.tables.get('test_report', [])):04d}"
        self.add(
            "test_report",
            report_no=number,
            body_uscc=f"USCC-{body}",
            kind="委托检测",
            site_uscc=f"USCC-{site}",
            status=facts.pop("status", "有效"),
            tester_entity=org(body),
            site_entity=org(site),
        )
        for sample in ("S1", "S2"):
            row: Row = {
                "report_no": number,
                "sample_no": f"{number}-{sample}",
                "item_name": "COD",
                "body_uscc": f"USCC-{body}",
                "tester_entity": org(body),
                "sampling_start_at": START + timedelta(hours=hour),
                "sampling_end_at": START + timedelta(hours=hour + length),
                "samplers": "、".join(samplers),
                "sampler_cert_nos": "、".join(certs) or None,
            }
            self.add("test_sample", **row | facts)
        return self

    def drafts(self, **params: Any) -> list[Draft]:
        return detect(make_inputs(self.tables, AS_OF), Params(**params))
