"""Penalties of the environment agency: for waste, and for everything else."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from ingest.simulate.scene import Row, Scene
from ingest.simulate.streams import stream
from ingest.simulate.wording import written_names


@dataclass(frozen=True, slots=True)
class Offence:
    """An offence: its name, provision broken, ground of the penalty, range of fines in yuan."""

    name: str
    facts: str
    breached: str
    basis: str
    fine_yuan: tuple[int, int]
    is_hw: bool = False


SOLID = "《中华人民共和国固体废物污染环境防治法》"
OFFENCES = {
    "unlicensed": Offence(
        "无许可证从事危险废物经营活动",
        "未取得危险废物经营许可证，收集、贮存危险废物",
        f"{SOLID}第八十条第二款",
        f"{SOLID}第一百一十四条第一款",
        (1_000_000, 1_600_000),
        True,
    ),
    "given_away": Offence(
        "将危险废物提供给无许可证单位",
        "将危险废物委托给无许可证的单位处置",
        f"{SOLID}第八十条第三款",
        f"{SOLID}第一百一十二条第一款第四项",
        (600_000, 900_000),
        True,
    ),
    "no_manifest": Offence(
        "未按规定填写危险废物转移联单",
        "转移危险废物未填写电子转移联单",
        f"{SOLID}第八十二条第一款",
        f"{SOLID}第一百一十二条第一款第五项",
        (100_000, 300_000),
        True,
    ),
    "water": Offence(
        "超标排放水污染物",
        "外排废水化学需氧量超过排放标准",
        "《中华人民共和国水污染防治法》第十条",
        "《中华人民共和国水污染防治法》第八十三条第二项",
        (100_000, 400_000),
    ),
    "air": Offence(
        "不正常运行大气污染防治设施",
        "生产时活性炭吸附装置未运行",
        "《中华人民共和国大气污染防治法》第二十条第二款",
        "《中华人民共和国大气污染防治法》第九十九条第三项",
        (100_000, 300_000),
    ),
    "not_assessed": Offence(
        "未批先建",
        "建设项目环境影响评价文件未经批准擅自开工",
        "《中华人民共和国环境影响评价法》第二十五条",
        "《中华人民共和国环境影响评价法》第三十一条第一款",
        (30_000, 200_000),
    ),
}
PUNISHED_SHARE = {"generator": 0.05, "receiver": 0.05, "carrier": 0.06, "bystander": 0.02}
LAST_OLD_LAW = date(2026, 7, 31)


def punish(
    scene: Scene, offence: str, decided: date, *, firm: int | None = None,
    person: int | None = None, tag: str | None = None,
) -> None:  # fmt: skip
    """Note a penalty on a firm or a person."""
    what = OFFENCES[offence]
    firms, people = scene.world.firms(), scene.world.people.frame()
    number = len(scene.notes.get("penalty", [])) + 11
    rng = scene.random(f"penalty {number}")
    low, high = what.fine_yuan
    row: Row = {
        "tag": tag, "case_kind": what.name, "facts": what.facts, "breached": what.breached,
        "basis": what.basis, "is_hw": what.is_hw, "penalty_kind": "罚款",
        "fine_yuan": float(round(int(rng.integers(low, high)), -3)), "decided_on": decided,
        "effective_on": decided + timedelta(days=7), "fulfilled": "已履行",
    }  # fmt: skip
    city = "苏州市"
    if firm is not None:
        names = written_names(firms, pl.Series("party", [firm]), "ecology", "penalty", number)
        city = str(firms["city"][firm])
        legal = int(firms["legal_person"][firm])
        row |= {"org:party": firm, "party_name": names[0],
                "legal_rep": people["person_name"][legal]}  # fmt: skip
    elif person is not None:
        row |= {"party_name": people["person_name"][person],
                "party_person_id": people["id_number"][person]}  # fmt: skip
    scene.note("penalty", row | {
        "decision_no": f"苏{city[0]}环罚〔{decided.year}〕{number}号",
        "authority": f"{city}生态环境局",
    })  # fmt: skip


def everyday_penalties(scene: Scene) -> None:
    """Penalties of firms that belong to no case, and one in each crowd that shares something."""
    rng = stream(scene.world.seed, "penalties")
    kinds = list(OFFENCES)
    firms = scene.world.firms().filter(~pl.col("firm").is_in(sorted(scene.taken)))
    for role, share in PUNISHED_SHARE.items():
        members = firms.filter(pl.col("role") == role)["firm"].to_numpy()
        chosen = np.sort(rng.choice(members, round(len(members) * share), replace=False))
        weights = [0.1, 0.1, 0.15, 0.3, 0.2, 0.15]
        for firm in chosen.tolist():
            offence = kinds[int(rng.choice(len(kinds), p=weights))]
            punish(scene, offence, LAST_OLD_LAW - timedelta(days=int(rng.integers(0, 1_100))),
                   firm=firm)  # fmt: skip
    for firm in _one_of_each_crowd(firms):
        punish(scene, "unlicensed", date(2025, 5, 12), firm=firm)


def _one_of_each_crowd(firms: pl.DataFrame) -> list[int]:
    """The first member of every group of more than twenty firms with one phone or building."""
    building = pl.col("address").str.replace(r"\d+室$", "")
    found = []
    for key in (pl.col("phone"), building):
        crowds = firms.group_by(key.alias("key")).agg(pl.col("firm").min(), n=pl.len())
        found += crowds.filter(pl.col("n") > 20)["firm"].to_list()
    return sorted(set(found))
