"""A small lake of service bodies and their sites for the tests of TP-06.

Bodies ``a`` and ``b`` share identifiers when a test says so; ``c``, ``d``, ``e`` are others. Every
body runs one monitoring point at each of its sites; anomalies are findings of other models.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from analytics.model import Draft
from analytics.models.tp_06 import Params, detect
from graph.types import Evidence, Finding, Subject
from tests.unit.analytics.tables import make_inputs

AS_OF = date(2026, 10, 31)
START = datetime(2026, 10, 3, 1)
FIRST_DAY = date(2026, 10, 3)
Row = dict[str, Any]


def org(name: str) -> str:
    return f"org:{name}"


class RingLake:
    """Rows of a small lake, added to step by step."""

    def __init__(self, sites: int = 6, others: int = 30) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.findings: list[Finding] = []
        for name in "abcde":
            self.add(
                "organization", entity_id=org(name), name=f"{name}环境服务公司", uscc=f"U-{name}"
            )
        for number in range(sites):
            self.serve("ab"[number % 2], f"s{number}")
        for number in range(others):
            self.serve("cde"[number % 3], f"o{number}")

    def add(self, table: str, **row: Any) -> "RingLake":
        self.tables.setdefault(table, []).append(row)
        return self

    def serve(self, body: str, site: str, **point: Any) -> "RingLake":
        """A body runs a point at a site."""
        self.add("organization", entity_id=org(site), name=f"{site}公司", industry_code="C26",
                 division_code="320500")  # fmt: skip
        row = {
            "mn": f"mn-{site}", "st": "32", "owner_entity": org(site), "operator_entity": org(body),
            "device_vendor": "甲仪器" if int(site[1:]) % 3 else "乙仪器", "device_model": "M1",
            "accepted_on": date(2024, 1, 1),
        }  # fmt: skip
        return self.add("monitor_point", **row | point)

    def share(self, kind: str, identifier: str, *names: str) -> "RingLake":
        for number, name in enumerate(names):
            ends = (
                {"from_id": org(name), "to_id": identifier}
                if kind in ("HAS_PHONE", "LOCATED_AT")
                else {"from_id": identifier, "to_id": org(name)}
            )
            self.add("relation", type=kind, properties='{"pct": 60}',
                     sources=[f"company:b:{number + 1}:1"], **ends)  # fmt: skip
        return self

    def tied(self) -> "RingLake":
        """The bodies a and b share a controller and two of the staff."""
        self.share("LEGAL_REP_OF", "person:boss", "a", "b")
        self.share("EMPLOYED_BY", "person:one", "a", "b")
        return self.share("EMPLOYED_BY", "person:two", "a", "b")

    def anomaly(
        self, site: str, model: str = "OM-02", rows: Sequence[int] = (), **more: Any
    ) -> "RingLake":
        """A finding of another model at a site."""
        number = len(self.findings) + 1
        evidence = [
            Evidence("obs_hour", "batch-obs", row, 1, site, "run")
            for row in rows or (1000 + number,)
        ]
        fields: dict[str, Any] = {
            "finding_id": f"{model}:{number:04d}", "model": model, "model_version": "1",
            "grade_raw": 2, "grade": 2, "caps": (), "score": 0.5, "status": "ok",
            "as_of": "2026-10-31", "window_from": "2026-10-05T08:00:00+08:00",
            "window_to": "2026-10-06T08:00:00+08:00", "title": "疑似", "reason": "疑似",
            "subjects": (Subject(org(site), "organization", "site", site),), "quantities": {},
            "statistics": (), "innocent": (), "would_clear": (), "evidence": tuple(evidence),
            "searched": (), "legal_refs": (), "params": {},
        }  # fmt: skip
        self.findings.append(Finding(**fields | more))
        return self

    def anomalies(self, sites: Sequence[str], model: str = "OM-02") -> "RingLake":
        for site in sites:
            self.anomaly(site, model)
        return self

    def changed(self, site: str, new: float = 1.7, **more: Any) -> "RingLake":
        row = {"mn": f"mn-{site}", "changed_at": START, "factor_code": "w01018", "param_code": "k",
               "old_value": 1.0, "new_value": new}  # fmt: skip
        return self.add("param_log", **row | more)

    def photo(
        self, body: str, phash: str | None, sha: str | None = None, *, site: str | None = None,
        day: date = FIRST_DAY, **more: Any,
    ) -> "RingLake":  # fmt: skip
        """A photo, of a report on ``site`` where one is given."""
        number = len(self.tables.get("test_photo", []))
        if site is not None:
            self.add("test_report", report_no=f"P{number}", body_uscc=f"U-{body}",
                     tester_entity=org(body), site_entity=org(site), sampled_on=day)  # fmt: skip
            more = {"report_no": f"P{number}"} | more
        return self.add("test_photo", photo_id=f"p{number}", tester_entity=org(body), phash=phash,
                        file_sha256=sha, **more)  # fmt: skip

    def series(self, site: str, values: Sequence[float], start: int = 0) -> "RingLake":
        for hour, value in enumerate(values, start):
            self.add("obs_hour", mn=f"mn-{site}", factor_code="w01018", avg=value,
                     data_time=START + timedelta(hours=hour))  # fmt: skip
        return self

    def sampled(
        self, body: str, certificate: str, start_h: float, end_h: float, **more: Any
    ) -> "RingLake":
        """A sample, each some kilometres east of the one before."""
        number = len(self.tables.get("test_sample", []))
        row = {"lon": 119.0 + 0.1 * number, "lat": 32.0,
               "sampler_cert_nos": f"{certificate}、X{number:05d}"}  # fmt: skip
        return self.add(
            "test_sample", report_no=f"r{number}", sample_no="1", item_name="COD", qc_kind="样品",
            tester_entity=org(body),
            sampling_start_at=START + timedelta(hours=start_h),
            sampling_end_at=START + timedelta(hours=end_h),
            **(row | more),
        )  # fmt: skip

    def drafts(self, **params: Any) -> list[Draft]:
        return detect(make_inputs(self.tables, AS_OF, self.findings), Params(**params))
