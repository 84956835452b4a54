"""A small lake of transfers for the tests of HW-11, written step by step."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from analytics.model import Draft
from analytics.models.hw_11 import Params, detect
from tests.unit.analytics.tables import make_inputs

AS_OF = date(2026, 10, 31)
START = datetime(2026, 8, 3, 1)
CODE, OTHER_CODE = "336-064-17", "336-054-17"
PLACES = {"a": (120.0, 31.0), "b": (120.5, 31.0), "c": (120.5, 31.4), "d": (120.0, 31.4)}
Row = dict[str, Any]
Tables = dict[str, list[Row]]


def org(name: str) -> str:
    return f"org:{name}"


class Lake:
    """Rows of a small lake, added to step by step."""

    def __init__(self) -> None:
        self.tables: Tables = {
            "organization": [
                {"entity_id": org(n), "name": f"{n}公司", "uscc": f"USCC-{n}", "lon": x, "lat": y}
                for n, (x, y) in PLACES.items()
            ]
        }

    def add(self, table: str, **row: Any) -> "Lake":
        self.tables.setdefault(table, []).append(row)
        return self

    def move(
        self,
        way: str,
        day: float,
        tonnes: float | None = 10.0,
        code: str | None = CODE,
        vehicle: str | None = None,
        item: Row | None = None,
        **head: Any,
    ) -> "Lake":
        """A manifest from way[0] to way[1], accepted ``day`` days after START."""
        accepted = START + timedelta(days=day)
        number = f"20263205{len(self.tables.get('manifest', [])):06d}"
        row: Row = {
            "manifest_no": number,
            "shipper_name": way[0],
            "receiver_name": way[1],
            "shipper_entity": org(way[0]),
            "receiver_entity": org(way[1]),
            "handover_at": accepted - timedelta(hours=2),
            "departed_at": accepted - timedelta(hours=2),
            "arrived_at": accepted - timedelta(minutes=10),
            "accepted_at": accepted,
            "status": "已接受",
            "decision": "接受",
            "plate": f"苏A{vehicle}" if vehicle else None,
            "vehicle_vehicle": f"vehicle:{vehicle}" if vehicle else None,
        }
        self.add("manifest", **row | head)
        lot = {"waste_name": "污泥", "waste_code": code, "qty_out_t": tonnes, "qty_in_t": tonnes}
        return self.add("manifest_item", manifest_no=number, **lot | (item or {}))

    def ring(self, way: str, first: float = 0, step: float = 3, **facts: Any) -> "Lake":
        """A loop through the firms of ``way`` and back to the first."""
        for i, name in enumerate(way):
            self.move(name + way[(i + 1) % len(way)], first + i * step, **facts)
        return self

    def sell(self, way: str, day: float, item: str, tonnes: float | None, **more: Any) -> "Lake":
        """An invoice from way[0] to way[1]."""
        row: Row = {
            "invoice_no": f"{len(self.tables.get('invoice', [])):08d}",
            "issued_at": START + timedelta(days=day),
            "seller_name": way[0],
            "buyer_name": way[1],
            "seller_entity": org(way[0]),
            "buyer_entity": org(way[1]),
            "item_name": item,
            "uom": "吨",
            "qty": tonnes,
            "amount_yuan": 1000.0,
            "status": "正常",
        }
        return self.add("invoice", **row | more)

    def license(self, name: str, category: str, method: str, kind: str = "综合经营") -> "Lake":
        number = f"JS-{name}"
        self.add(
            "hw_licence",
            licence_no=number,
            valid_from=date(2024, 1, 1),
            valid_to=date(2028, 12, 31),
            kind=kind,
            status="有效",
            holder_entity=org(name),
        )
        return self.add(
            "hw_licence_item",
            licence_no=number,
            valid_from=date(2024, 1, 1),
            category=category,
            waste_code="",
            method=method,
        )

    def cameras(self, days: Sequence[int], seen: str = "") -> "Lake":
        """Cameras on every road, awake on ``days``; ``seen`` vehicles pass them too."""
        ends = [*PLACES.values()]
        middles = [((p + q) / 2, (r + s) / 2) for p, r in ends for q, s in ends if (p, r) < (q, s)]
        for i, (x, y) in enumerate([*ends, *middles]):
            self.add("checkpoint", checkpoint_no=f"c{i}", lon=x + 0.01, lat=y)
            for day in days:
                for plate in ["Z", *seen]:
                    self.add(
                        "checkpoint_pass",
                        checkpoint_no=f"c{i}",
                        passed_at=START + timedelta(days=day) - timedelta(hours=1),
                        plate=f"苏A{plate}",
                        plate_kind="01",
                        vehicle_vehicle=f"vehicle:{plate}",
                    )
        return self

    def refund(
        self, name: str, period: str, input_t: float | None, category: str = "污泥"
    ) -> "Lake":
        return self.add("vat_refund", period=period, category=category, refund_yuan=9e4,
                        input_t=input_t, taxpayer_entity=org(name))  # fmt: skip

    def one_owner(self, names: str, pct: float = 60) -> "Lake":
        """One person holds shares of all ``names``."""
        for name in names:
            self.add("relation", from_id="person:1", type="SHAREHOLDER_OF", to_id=org(name),
                     properties=f'{{"pct": {pct}}}', sources=[])  # fmt: skip
        return self

    def weigh(self, name: str, direction: str, day: float, net_t: float | None, vehicle: str = "W",
              **more: Any) -> "Lake":  # fmt: skip
        """A ticket of the scale of a firm, ``day`` days after START."""
        return self.add(
            "weighbridge", ticket_no=f"w{len(self.tables.get('weighbridge', []))}",
            direction=direction, net_t=net_t, weighed_at=START + timedelta(days=day),
            owner_entity=org(name), vehicle_vehicle=f"vehicle:{vehicle}", plate=f"苏A{vehicle}",
            **more,
        )  # fmt: skip

    def gate(self, name: str, direction: str, day: float, load_t: float | None = None,
             vehicle: str = "W", **more: Any) -> "Lake":  # fmt: skip
        """A line of the gate book of a firm, ``day`` days after START."""
        return self.add(
            "gate_pass", gate_no=f"g{name}", direction=direction, load_t=load_t,
            passed_at=START + timedelta(days=day), owner_entity=org(name),
            vehicle_vehicle=f"vehicle:{vehicle}", plate=f"苏A{vehicle}", **more,
        )  # fmt: skip

    def drafts(self, **params: Any) -> list[Draft]:
        return detect(make_inputs(self.tables, AS_OF), Params(**params))
