"""TP-06: bodies that look independent, are run by one circle and lie alike at many sites.

Who controls several operation firms and laboratories can let a frozen value be confirmed by a test
that nobody made, and sell that as a service.
"""

from datetime import datetime

from ingest.simulate.plants.circles import (
    SCOPES,
    Circle,
    certificate_of,
    gather,
    lend_technician,
    places_to_sample,
    replay,
    sample_twice,
    share_team,
    stand_still,
    turn_down,
)
from ingest.simulate.plants.tp_06_innocent import plant_innocent
from ingest.simulate.scene import Scene
from ingest.simulate.truth import Severity

MODEL = "TP-06"
STARTED, ENDED = datetime(2026, 10, 1), datetime(2026, 10, 31, 23, 0)


def plant(scene: Scene) -> None:
    """Rings, then what only looks like one."""
    operators_and_laboratories(scene)
    operators_only(scene)
    laboratories_only(scene)
    loose_pair(scene)
    plant_innocent(scene)


def ring(scene: Scene, circle: Circle, name: str, why: str, severity: Severity, sites: int) -> str:
    """Register a ring; its tag."""
    return scene.case(MODEL, "hit", name, circle.bodies, why, STARTED, ENDED, severity=severity,
                      bodies=len(circle.bodies), sites=sites)  # fmt: skip


def freeze(scene: Scene, tag: str, circle: Circle, *, hours: int, parameters: bool,
           fragment: int | None) -> None:  # fmt: skip
    """Every station of a ring stands still for a while, each a case of OM-02 as well."""
    for number, station in enumerate(circle.stations):
        day = 3 + number * 3 % 20
        stand_still(scene, tag, station, day, hours=hours, name="团伙站点数据恒值",
                    severity="grave")  # fmt: skip
        if parameters:
            turn_down(scene, tag, station, day + 4, 0.62)
        if fragment is not None:
            replay(scene, tag, station, day + 6, fragment)


def sign_from_afar(scene: Scene, tag: str, circle: Circle, n: int, *, photos: bool) -> None:
    """A team of the testers samples at two sites at once, a case of TP-01 as well.

    Without ``tag`` the testers are no part of the ring whose sites these are.
    """
    sites = places_to_sample(scene, circle, n)
    team = share_team(scene, circle)
    people = scene.world.people.frame()["person_name"]
    also = scene.case(
        "TP-01", "hit", "采样人员时空冲突", circle.testers,
        "同一采样人员和仪器同时出现在两处的两份记录中，车辆无卡口记录", STARTED, ENDED,
        severity="grave", core=circle.testers, conflicts=len(sites),
        subjects=[{"kind": "person", "name": people[int(str(team[role]))],
                   "cert_no": certificate_of(team[role])} for role in ("lead", "second")],
    )  # fmt: skip
    sample_twice(scene, f"{tag}+{also}".lstrip("+"), circle, team, sites, photos=photos)


def operators_and_laboratories(scene: Scene) -> None:
    """Two operators and two laboratories behind one phone: all kinds of falsehood."""
    circle = gather(scene, 2, 2, 6, phone=scene.phone())
    tag = ring(
        scene,
        circle,
        "运维与检测一条龙",
        "两家运维、两家检测机构共用电话、技术员、采样员和仪器，"
        "所管站点数据恒值、同样改参、同一片段重放，再由无人到场的检测报告印证",
        "grave",
        len(circle.stations),
    )
    lend_technician(scene, tag, circle)
    freeze(scene, tag, circle, hours=34, parameters=True, fragment=11)
    sign_from_afar(scene, tag, circle, 6, photos=True)


def operators_only(scene: Scene) -> None:
    """Two operators at one address, led by one person, with the same settings at night."""
    person = int(scene.world.people.hire(1)[0])
    address = "江苏省常州市武进区科技大道188号3幢402室"
    circle = gather(scene, 2, 0, 5, legal_person=person, address=address)
    tag = ring(scene, circle, "两家运维公司同址同人",
               "两家运维公司地址、法定代表人相同，技术员互签台账，所管站点夜间改成同一斜率且数据恒值",
               "serious", len(circle.stations))  # fmt: skip
    lend_technician(scene, tag, circle)
    freeze(scene, tag, circle, hours=30, parameters=True, fragment=None)


def laboratories_only(scene: Scene) -> None:
    """Three laboratories that lend each other one team, one instrument and one set of pictures."""
    circle = gather(scene, 0, 3, 6)
    tag = ring(
        scene,
        circle,
        "三家检测机构共用一班人马",
        "三家机构共用采样员和同一编号仪器，同一时段在不同现场，照片相同",
        "serious",
        6,
    )
    sign_from_afar(scene, tag, circle, 6, photos=True)


def loose_pair(scene: Scene) -> None:
    """Two operators with one phone; their few stations stand still and are signed for by others."""
    circle = gather(scene, 2, 0, 4, phone=scene.phone())
    tag = ring(
        scene,
        circle,
        "两家运维公司共用电话",
        "两家运维公司共用登记电话，所管几个站点均出现数据恒值，另由一家无关的检测机构虚假签字",
        "slight",
        len(circle.stations),
    )
    freeze(scene, tag, circle, hours=26, parameters=False, fragment=None)
    stranger = scene.found_firms("tester", 1, scope=SCOPES[1], industry="M7461")
    sign_from_afar(scene, "", Circle([], stranger, circle.stations), 4, photos=False)
