"""A small lake of manifests and licences for the tests of HW-08, written step by step."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from analytics.model import Draft
from analytics.models.hw_08 import Params, detect
from tests.unit.analytics.tables import make_inputs

AS_OF = date(2026, 10, 31)
START = datetime(2026, 10, 5, 2)
CODE, OTHER_CODE = "336-064-17", "900-041-49"
SITE = (120.5, 31.0)
Row = dict[str, Any]
DIVISION = {"g": "320500", "r": "320505", "c": "320500", "far": "330100"}


def org(name: str) -> str:
    return f"org:{name}"


class Lake:
    """Firms g (generator), r (receiver), c (carrier) with all papers in order, unless left out."""

    def __init__(self, *without: str) -> None:
        self.tables: dict[str, list[Row]] = {
            "organization": [
                {
                    "entity_id": org(name),
                    "name": f"{name}公司",
                    "uscc": f"91{division}MA{name}",
                    "division_code": division,
                }
                for name, division in DIVISION.items()
            ]
        }
        # A register that answers for the province, whoever is asked about.
        self.license("z", number="JS-z").carrier("z", number="320500000000")
        self.add("vehicle_permit", permit_no="Z", plate="苏A00000", owner_name="z", scope="普货")
        self.add(
            "driver_permit",
            permit_no="Z",
            name="z",
            person_id="320599198001010000",
            kind="押运",
            valid_to=date(2030, 1, 1),
            employer_uscc="91320500MAz",
        )
        steps: dict[str, Callable[[], Lake]] = {
            "licence": self.license,
            "carrier": self.carrier,
            "fleet": self.fleet,
        }
        for name, step in steps.items():
            if name not in without:
                step()

    def add(self, table: str, **row: Any) -> "Lake":
        self.tables.setdefault(table, []).append(row)
        return self

    def license(self, holder: str = "r", number: str = "JS-r", **facts: Any) -> "Lake":
        """A licence for all codes of HW17 by R4 or D9; ``items`` are its lines, if others."""
        row: Row = {
            "licence_no": number,
            "unit_name": f"{holder}公司",
            "uscc": f"91320505MA{holder}",
            "valid_from": date(2024, 1, 1),
            "valid_to": date(2028, 12, 31),
            "status": "有效",
            "kind": "综合经营",
            "division_code": "320505",
            "holder_entity": org(holder),
            "lon": SITE[0],
            "lat": SITE[1],
            "total_t_a": 1000.0,
        }
        items = facts.pop("items", [{"category": "HW17", "method": "R4 D9"}])
        row |= facts
        self.add("hw_licence", **row)
        for item in items:
            given = {"waste_code": "", "valid_from": row["valid_from"]} | item
            self.add("hw_licence_item", licence_no=number, **given)
        return self

    def carrier(self, name: str = "c", number: str = "320500111111", **facts: Any) -> "Lake":
        row: Row = {
            "licence_no": number,
            "name": f"{name}公司",
            "uscc": f"91320500MA{name}",
            "scope": "道路普通货物运输;危险货物运输(8类)",
            "valid_from": date(2024, 1, 1),
            "valid_to": date(2028, 1, 1),
            "status": "营业",
            "carrier_entity": org(name),
        }
        return self.add("carrier_licence", **row | facts)

    def fleet(
        self, truck: Row | None = None, trailer: Row | None = None, driver: Row | None = None
    ) -> "Lake":
        """Permits of truck 苏A12345 with trailer 苏A1234挂, and of driver and escort."""
        permit: Row = {
            "owner_name": "c",
            "scope": "危险货物运输(8类)",
            "valid_to": date(2027, 6, 30),
            "inspected_to": date(2027, 3, 31),
            "status": "营运",
        }
        first: Row = {"permit_no": "P1", "plate": "苏A12345", "vehicle_kind": "牵引"}
        second: Row = {"permit_no": "P2", "plate": "苏A1234挂", "vehicle_kind": "挂车"}
        self.add("vehicle_permit", **permit | first | (truck or {}))
        self.add("vehicle_permit", **permit | second | (trailer or {}))
        card: Row = {"valid_to": date(2029, 1, 1), "employer_entity": org("c")}
        self.add(
            "driver_permit",
            **card
            | {"permit_no": "D1", "name": "甲", "person_id": "1", "kind": "道路危险货物驾驶"}
            | {"driver_person": "person:1"}
            | (driver or {}),
        )
        return self.add(
            "driver_permit",
            **card
            | {"permit_no": "D2", "name": "乙", "person_id": "2", "kind": "道路危险货物押运"}
            | {"driver_person": "person:2"},
        )

    def ship(
        self,
        day: float = 0,
        tonnes: float = 10.0,
        code: str = CODE,
        method: str | None = "R4",
        item: Row | None = None,
        **head: Any,
    ) -> "Lake":
        """A manifest from g to r, accepted ``day`` days after START."""
        accepted = START + timedelta(days=day)
        number = f"20263205{len(self.tables.get('manifest', [])):06d}"
        row: Row = {
            "manifest_no": number,
            "shipper_name": "g公司",
            "receiver_name": "r公司",
            "shipper_entity": org("g"),
            "receiver_entity": org("r"),
            "carrier_entity": org("c"),
            "shipper_division": "320500",
            "receiver_division": "320505",
            "handover_at": accepted - timedelta(hours=3),
            "departed_at": accepted - timedelta(hours=3),
            "arrived_at": accepted - timedelta(minutes=10),
            "accepted_at": accepted,
            "status": "已接受",
            "decision": "接受",
            "plate": "苏A12345",
            "trailer_plate": "苏A1234挂",
            "driver_name": "甲",
            "driver_person": "person:1",
            "driver_id": "1",
            "escort_name": "乙",
            "escort_person": "person:2",
            "escort_id": "2",
            "receiver_lon": SITE[0],
            "receiver_lat": SITE[1] + 0.005,
        }
        self.add("manifest", **row | head)
        line: Row = {"waste_name": "污泥", "waste_code": code, "method": method, "item_no": 1}
        given = line | {"qty_out_t": tonnes, "qty_in_t": tonnes} | (item or {})
        return self.add("manifest_item", manifest_no=number, **given)

    def drafts(self, **params: Any) -> list[Draft]:
        return detect(make_inputs(self.tables, AS_OF), Params(**params))


def found(lake: Lake, **params: float) -> dict[str, int]:
    """Grade by test, after the model's own caps."""
    return {
        draft.discriminator: max([draft.grade, *(cap.grade for cap in draft.caps)])
        for draft in lake.drafts(**params)
    }


def ended(days: int) -> date:
    """A last day of validity that many days before the first manifest."""
    return START.date() - timedelta(days=days)
