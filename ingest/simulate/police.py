"""Police files: cases with their parties, and what is known about people only under a case."""

from datetime import datetime, timedelta

import polars as pl

from ingest.simulate.scene import Place, Row, Scene
from ingest.simulate.streams import stream

OLD_CASES = (
    ("某某等人污染环境案", "污染环境", "判决", datetime(2024, 4, 9, 10, 0)),
    ("某厂偷排废酸污染环境案", "污染环境", "判决", datetime(2025, 1, 15, 9, 30)),
    ("某检测公司提供虚假证明文件案", "提供虚假证明文件", "移送起诉", datetime(2025, 9, 3, 14, 0)),
)
PLACES = ("危化停车场", "服务区", "废弃厂房", "闲置场地", "堆场", "养殖场") * 2
DUMPS = (("已确认", 12.0), ("待鉴别", 3.0), ("排除", 0.0))


def file_case(
    scene: Scene, name: str, kind: str, status: str, filed: datetime, *,
    place: Place | None = None, seized_t: float | None = None, tag: str | None = None,
) -> str:  # fmt: skip
    """Note a police case; its number."""
    serial = len(scene.notes.get("police_case", [])) + 1
    county = place.division_code if place else "320500"
    number = f"A{county}000000{filed:%Y%m}{serial:04d}"
    row: Row = {
        "tag": tag,
        "case_no": number,
        "case_name": name,
        "case_kind": kind,
        "status": status,
        "accepted_at": filed - timedelta(days=2),
        "filed_at": filed,
        "unit": "公安局环境犯罪侦查支队",
        "division_code": county,
        "seized_t": seized_t,
    }
    if place is not None:
        row |= {"lon": place.lon, "lat": place.lat, "crs": "WGS84"}
    scene.note("police_case", row)
    return number


def name_party(
    scene: Scene, case_no: str, role: str, outcome: str, *, person: int | None = None,
    firm: int | None = None, tag: str | None = None,
) -> None:  # fmt: skip
    """Note a person or firm as a party of a case; persons get a record of their own."""
    people, firms = scene.world.people.frame(), scene.world.firms()
    row: Row = {"tag": tag, "case_no": case_no, "role": role, "outcome": outcome}
    if person is not None:
        row |= {
            "party_name": people["person_name"][person],
            "person_id": people["id_number"][person],
            "phone": people["mobile"][person],
        }
        scene.note("person", {
            "tag": tag, "person_id": people["id_number"][person],
            "name": people["person_name"][person], "birth_on": people["birth_on"][person],
            "sex": "1" if people["is_male"][person] else "2", "phone": people["mobile"][person],
            "record_kind": "污染环境" if outcome == "有罪判决" else None,
        })  # fmt: skip
    if firm is not None:
        row |= {"org_name": firms["name"][firm], "uscc": firms["uscc"][firm],
                "party_name": row.get("party_name", firms["name"][firm])}  # fmt: skip
    scene.note("police_case_party", row)


def contacts(
    scene: Scene, case_no: str, pairs: list[tuple[int, int, int]], first: datetime,
    last: datetime, tag: str | None = None,
) -> None:  # fmt: skip
    """Note who of a case called whom how often: pairs of persons with a count."""
    people = scene.world.people.frame()
    for a, b, count in pairs:
        scene.note("phone_contact", {
            "tag": tag, "case_no": case_no, "phone_a": people["mobile"][a],
            "phone_b": people["mobile"][b], "contact_count": count,
            "first_at": first, "last_at": last,
        })  # fmt: skip
    for person in sorted({p for a, b, _ in pairs for p in (a, b)}):
        scene.note("phone", {
            "tag": tag, "phone": people["mobile"][person], "case_no": case_no,
            "owner_name": people["person_name"][person], "owner_id": people["id_number"][person],
            "area": "江苏", "opened_on": people["birth_on"][person] + timedelta(days=9_500),
        })  # fmt: skip


def payments(
    scene: Scene, case_no: str, flows: list[tuple[int, int, float, datetime]],
    tag: str | None = None,
) -> None:  # fmt: skip
    """Note accounts of a case and payments between persons: payer, payee, yuan, time."""
    people = scene.world.people.frame()
    number = {p: str(6_217_000_000_000_000 + p * 7_919)
              for p in {q for payer, payee, _, _ in flows for q in (payer, payee)}}  # fmt: skip
    for person in sorted(number):
        scene.note("account", {
            "tag": tag, "account_no": number[person], "case_no": case_no, "bank": "某商业银行",
            "owner_name": people["person_name"][person], "owner_id": people["id_number"][person],
        })  # fmt: skip
    for payer, payee, yuan, at in flows:
        scene.note("transfer", {
            "tag": tag, "case_no": case_no, "account_no": number[payer], "traded_at": at,
            "trade_no": f"{at:%Y%m%d%H%M}{payee:06d}", "amount_yuan": yuan, "direction": "借",
            "owner_name": people["person_name"][payer], "peer_account_no": number[payee],
            "peer_name": people["person_name"][payee], "summary": "转账",
        })  # fmt: skip


def find_dump(
    scene: Scene, place: Place, found: datetime, tonnes: float, verdict: str, *,
    code: str | None = None, case_no: str | None = None, tag: str | None = None,
) -> str:  # fmt: skip
    """Note a place where waste was found; its number."""
    serial = len(scene.notes.get("dump_site", [])) + 1
    number = f"QD{found:%Y}{place.division_code}{serial:03d}"
    scene.note("dump_site", {
        "tag": tag, "site_no": number, "found_at": found, "lon": place.lon, "lat": place.lat,
        "crs": "WGS84", "waste_code": code, "qty_t": tonnes, "confirmed": verdict,
        "case_no": case_no, "address": f"{scene.county_of(place)}废弃取土坑",
    })  # fmt: skip
    register_place(scene, place, "废弃矿坑", "废弃取土坑", tag)
    return number


def register_place(
    scene: Scene, place: Place, kind: str, name: str, tag: str | None = None
) -> None:
    """Note a spot in the register of places worth watching."""
    serial = len(scene.notes.get("place", [])) + 1
    scene.note("place", {
        "tag": tag, "place_id": f"DD{place.division_code}{serial:04d}", "kind": kind,
        "name": f"{scene.county_of(place)}{name}", "geometry": f"POINT ({place.lon} {place.lat})",
        "crs": "WGS84", "radius_m": 300.0,
    })  # fmt: skip


def everyday_police(scene: Scene) -> None:
    """Old cases, calls and finds that have to do with no case of ours."""
    rng = stream(scene.world.seed, "police")
    for serial, (name, kind, status, filed) in enumerate(OLD_CASES):
        number = file_case(scene, name, kind, status, filed)
        for person in scene.world.people.hire(2).tolist():
            outcome = "有罪判决" if status == "判决" else "在办"
            name_party(scene, number, "被告人" if status == "判决" else "犯罪嫌疑人", outcome,
                       person=person)  # fmt: skip
        verdict, tonnes = DUMPS[serial]
        find_dump(scene, scene.open_place(serial), filed + timedelta(days=1), tonnes, verdict,
                  case_no=number if verdict == "已确认" else None)  # fmt: skip
    for serial, kind in enumerate(PLACES):
        register_place(scene, scene.open_place(80 + serial), kind, kind)
    for serial in range(12):
        place = scene.open_place(50 + serial)
        at = datetime(2026, 10, 1) + timedelta(minutes=int(rng.integers(0, 44_000)))
        scene.note(
            "incident",
            {
                "incident_no": f"JJ{at:%Y%m%d}{serial:04d}",
                "reported_at": at,
                "kind": ["异味", "不明液体", "倾倒", "其他"][serial % 4],
                "lon": place.lon,
                "lat": place.lat,
                "crs": "WGS84",
                "division_code": place.division_code,
                "content": "群众反映附近有刺激性气味"
                if serial % 4 == 0
                else "群众反映有人倾倒建筑垃圾",
                "result": "到场核查，未发现异常",
            },
        )


def deliver_notes(scene: Scene) -> None:
    """Hand over the rows noted one by one."""
    for dataset, rows in scene.notes.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        frame = pl.DataFrame(
            [pl.Series(c, [row.get(c) for row in rows], strict=False) for c in columns]
        )
        if "tag" not in columns:
            frame = frame.with_columns(tag=pl.lit(None, pl.String))
        scene.delivery.add(dataset, frame.with_columns(pl.col("tag").cast(pl.String)))
