"""Settings of analysers and how they are changed: by a technician, for a reason, on record."""

from datetime import datetime, timedelta

import numpy as np

from ingest.simulate.scene import Row, Scene
from ingest.simulate.stations import INSTRUMENTS, stations
from ingest.simulate.streams import stream

SLOPE, INTERCEPT = ("i13008", "斜率"), ("i13007", "截距")
REASONS = ("标样核查后调整", "更换试剂后校准", "季度校验")


def set_parameter(
    scene: Scene, station: int, at: datetime, factor: str, what: tuple[str, str],
    old: float, new: float, *, by: str, remote: bool, reason: str | None = None,
    approved: bool | None = None, tag: str | None = None,
) -> None:  # fmt: skip
    """Note a change of one setting (``what``: code and name) of a station's analyser."""
    row: Row = {
        "tag": tag, "mn": stations(scene)["mn"][station], "changed_at": at, "factor_code": factor,
        "param_code": what[0], "param_name": what[1], "old_value": old, "new_value": new,
        "source": "远程设置" if remote else "现场设置", "user_name": by,
        "user_role": "管理员" if remote else "运维人员", "is_remote": remote, "reason": reason,
        "approved": approved,
    }  # fmt: skip
    scene.note("param_log", row)


def everyday_parameters(scene: Scene) -> None:
    """Up to two small corrections per station, in working hours and with a reason."""
    rng = stream(scene.world.seed, "parameters")
    table = stations(scene).select("station", "medium")
    for station, medium in table.iter_rows():
        kinds = [k.code for k in INSTRUMENTS[medium] if k.kind == "concentration"]
        for _ in range(int(rng.integers(0, 3))):
            day = datetime(2026, 10, 9) + timedelta(days=int(rng.integers(0, 20)))
            at = day + timedelta(minutes=int(rng.integers(560, 1_000)))
            new = float(np.round(1 + rng.normal(0, 0.012), 4))
            set_parameter(
                scene, station, at, str(rng.choice(kinds)), SLOPE, 1.0, new,
                by=f"运维{station % 17 + 1}", remote=False,
                reason=REASONS[int(rng.integers(0, 3))], approved=True,
            )  # fmt: skip
