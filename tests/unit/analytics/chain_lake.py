"""A small lake of hidden chains for the tests of HW-10, written step by step.

Firms: ``g`` and ``h`` generate, ``x``, ``y`` and ``z`` stand between, ``r`` receives.
All are old, staffed and registered for waste unless a test says otherwise.
"""

from datetime import date, datetime, timedelta
from typing import Any

from analytics.model import Draft
from analytics.models.hw_10 import Params, detect
from graph.types import Finding
from tests.unit.analytics.tables import make_inputs

AS_OF = date(2026, 10, 31)
START = datetime(2026, 8, 3, 1)
FIRMS = "ghxyzrk"
DUMP = "site:d1"
Row = dict[str, Any]


def org(name: str) -> str:
    return f"org:{name}"


class ChainLake:
    """Rows of a small lake, added to step by step."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}
        for name in FIRMS:
            self.add("organization", entity_id=org(name), name=f"{name}公司", uscc=f"USCC-{name}")
            self.firm(name)
        for name in "gh":
            self.add("hw_plan", plan_no=f"p{name}", plan_year=2026, owner_entity=org(name))

    def add(self, table: str, **row: Any) -> "ChainLake":
        self.tables.setdefault(table, []).append(row)
        return self

    def firm(self, name: str, **facts: Any) -> "ChainLake":
        """What registers say of a firm; a second call replaces the first."""
        for table, role in (("company", "company_entity"), ("insured", "employer_entity")):
            own = self.tables.setdefault(table, [])
            own[:] = [row for row in own if row[role] != org(name)]
        insured = facts.pop("insured", 40)
        row = {
            "uscc": f"USCC-{name}",
            "name": f"{name}公司",
            "founded_on": date(2010, 1, 1),
            "scope": "危险废物收集、利用、处置",
            "company_entity": org(name),
        }
        self.add("company", **row | facts)
        if insured is not None:
            self.add(
                "insured", uscc=f"USCC-{name}", month="2026-07", kind="养老", headcount=insured,
                employer_entity=org(name),
            )  # fmt: skip
        return self

    def shell(self, name: str, **facts: Any) -> "ChainLake":
        """A firm of four points with the turnover that `sell` gives it."""
        return self.firm(
            name, **{"founded_on": date(2026, 3, 1), "insured": 0, "scope": "信息咨询"} | facts
        )

    def sell(
        self, way: str, day: float, tonnes: float | None, item: str = "*化工*副产盐", **more: Any
    ) -> "ChainLake":
        """An invoice from way[0] to way[1]; what a generator sells falls in price afterwards."""
        price = 2e4 if way[0] in "gh" else 1.5e4
        row: Row = {
            "invoice_no": f"{len(self.tables.get('invoice', [])):08d}",
            "issued_at": START + timedelta(days=day),
            "seller_entity": org(way[0]),
            "buyer_entity": org(way[1]),
            "item_name": item,
            "uom": "吨",
            "qty": tonnes,
            "amount_yuan": price * (tonnes or 100.0),
            "status": "正常",
        }
        return self.add("invoice", **row | more)

    def ship(
        self, way: str, day: float, tonnes: float = 100.0, code: str = "261-084-11", **head: Any
    ) -> "ChainLake":
        """A manifest from way[0] to way[1]."""
        at = START + timedelta(days=day)
        number = f"20263205{len(self.tables.get('manifest', [])):06d}"
        row: Row = {
            "manifest_no": number,
            "shipper_entity": org(way[0]),
            "receiver_entity": org(way[1]),
            "departed_at": at - timedelta(hours=2),
            "arrived_at": at - timedelta(minutes=10),
            "accepted_at": at,
            "status": "已接受",
        }
        self.add("manifest", **row | head)
        return self.add(
            "manifest_item", manifest_no=number, waste_name="废盐", waste_code=code,
            qty_out_t=tonnes, qty_in_t=tonnes,
        )  # fmt: skip

    def dump(self, confirmed: str = "已确认", **more: Any) -> "ChainLake":
        """A dump at a point of its own."""
        self.add("site", entity_id=DUMP, name="河边倾倒点", kind="dump")
        row = {
            "site_no": "d1", "lon": 121.0, "lat": 32.0, "confirmed": confirmed, "dump_site": DUMP,
            "found_at": START + timedelta(days=60),
        }  # fmt: skip
        return self.add("dump_site", **row | more)

    def stop(self, name: str, day: float, minutes: int = 30, km: float = 0.1) -> "ChainLake":
        """A truck leaves the firm's gate and stands ``km`` from the dump."""
        at = START + timedelta(days=day)
        self.add(
            "gate_pass", gate_no=f"gate-{name}", passed_at=at - timedelta(hours=2), plate="苏AT",
            direction="出厂", vehicle_vehicle="vehicle:T", owner_entity=org(name),
        )  # fmt: skip
        for minute in range(0, minutes + 1, 10):
            self.add(
                "gps_point", terminal_phone="1", plate="苏AT", lon=121.0, lat=32.0 + km / 111,
                located_at=at + timedelta(minutes=minute), vehicle_vehicle="vehicle:T",
                speed_kmh=0.0,
            )  # fmt: skip
        return self

    def share(self, kind: str, identifier: str, *names: str) -> "ChainLake":
        """An identifier that several organisations share."""
        for number, name in enumerate(names):
            ends = (
                {"from_id": org(name), "to_id": identifier}
                if kind in ("HAS_PHONE", "LOCATED_AT")
                else {"from_id": identifier, "to_id": org(name)}
            )
            self.add(
                "relation", type=kind, properties="{}", sources=[f"company:b:{number + 1}:1"],
                **ends,
            )  # fmt: skip
        return self

    def penalise(self, name: str, **more: Any) -> "ChainLake":
        row = {"decision_no": "苏环罚1", "party_entity": org(name), "is_hw": True,
               "decided_on": date(2024, 5, 1)}  # fmt: skip
        return self.add("penalty", **row | more)

    def chain(self, tonnes: float = 100.0) -> "ChainLake":
        """The generator g sells to the shell x, which passes 80 % on to r within days."""
        return self.shell("x").sell("gx", 0, tonnes).sell("xr", 3, 0.8 * tonnes, "工业盐")

    def chain_at(self, day: float) -> "ChainLake":
        """A hundred tonnes from g over x, which passes 80 % on, from that day on."""
        return self.sell("gx", day, 100.0).sell("xr", day + 2, 80.0, "工业盐")

    def drafts(self, findings: tuple[Finding, ...] = (), **params: Any) -> list[Draft]:
        return detect(make_inputs(self.tables, AS_OF, findings), Params(**params))


def driven(lake: ChainLake) -> ChainLake:
    """A dangerous-goods waybill for the first hop and a manifest for the second."""
    at = START + timedelta(hours=2)
    lake.add(
        "waybill", waybill_no="w1", consignor_entity=org("g"), consignee_entity=org("x"),
        carrier_entity=org("k"), departed_at=at, arrived_at=at, goods="副产盐", qty_t=100.0,
        vehicle_vehicle="vehicle:T", plate="苏AT", driver_person="person:d",
    )  # fmt: skip
    return lake.ship("xr", 3, 80.0)
