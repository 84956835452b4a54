"""Firms of neighbouring provinces that send waste into this one."""

from dataclasses import dataclass

import polars as pl

from ingest.simulate.identifiers import credit_codes
from ingest.simulate.scene import Scene

OUTSIDER = "outsider"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A county beyond the border: code, names, plate letter unknown here, rough position."""

    division_code: str
    province: str
    city: str
    county: str
    lon: float
    lat: float


NEIGHBOURS = (
    Neighbour("330522", "浙江省", "湖州市", "长兴县", 119.87, 31.02),
    Neighbour("341124", "安徽省", "滁州市", "全椒县", 118.25, 32.10),
    Neighbour("371302", "山东省", "临沂市", "兰山区", 118.32, 35.06),
    Neighbour("310114", "上海市", "上海市", "嘉定区", 121.25, 31.39),
)


def found_outsider(scene: Scene, number: int) -> int:
    """A new firm beyond the border."""
    place = NEIGHBOURS[number % len(NEIGHBOURS)]
    world = scene.world
    code = credit_codes(scene.random(f"outsider {number}"), pl.Series([place.division_code]))
    address = f"{place.province}{place.city}{place.county}工业园纬{number + 3}路{number * 7 + 11}号"
    firm = int(world.found(OUTSIDER, 1, {
        "division_code": "320282", "region": place.county[:2], "word": "化工", "uscc": code,
        "address": address, "industry": "C2614", "insured_count": 140,
    })[0])  # fmt: skip
    scene.taken.add(firm)
    fixed = {
        "division_code": place.division_code, "county": place.county, "city": place.city,
        "city_code": place.division_code[:4] + "00", "lon": place.lon, "lat": place.lat,
    }  # fmt: skip
    world.amend(firm, fixed)
    return firm
