"""Weights learned from a workspace's own records, and how far these are from the training's.

Both look at all candidate pairs of the records that the last resolution made of the lake.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.errors import ResolveError
from ingest.resolve.compare import LEVEL_NAMES
from ingest.resolve.extract import number_batches, tuples
from ingest.resolve.kinds import organization as org
from ingest.resolve.kinds.firms import firm_records
from ingest.resolve.kinds.organization_records import packed_records
from ingest.resolve.known import load_known
from ingest.resolve.learn import Learned, learn, shares_of_counts
from ingest.resolve.run import placed
from ingest.resolve.weigh import load_weights
from ingest.resolve.weight_files import training_shares, workspace_weights
from records.registry import Registry
from records.views import open_views
from records.workspace import Workspace

# A level whose share moved by more than this is worth a look.
DRIFT_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Drift:
    """Share of the candidate pairs at one level, now and in training, both 0..1."""

    attribute: str
    level: str
    trained: float
    now: float

    @property
    def is_large(self) -> bool:
        """Whether the share moved by more than five hundredths."""
        return abs(self.now - self.trained) > DRIFT_SHARE


def _records(workspace: Workspace) -> pl.DataFrame:
    views = open_views(workspace)
    try:
        sql = views.cursor()
        number_batches(sql)
        load_known(sql, Registry(workspace))
        return firm_records(sql, placed(tuples(sql, "organization")))
    finally:
        views.close()


def retrain(
    workspace: Workspace, version: str, progress: Callable[[str], None] = lambda _text: None
) -> Learned:
    """Weights from the workspace's candidate pairs; nothing is written.

    Raises
    ------
    ResolveError
        When too few pairs carry two valid codes.
    """
    progress("读取记录")
    records = _records(workspace)
    packed = packed_records(records)
    progress(f"比较 {records.height} 条记录")
    start = load_weights()
    scored = org.score(records, packed, start)
    progress(f"学习 {len(scored.weight)} 对")
    pairs = scored.candidates
    return learn(packed, pairs.a, pairs.b, scored.levels, start, version)


def drift(workspace: Workspace) -> list[Drift]:
    """Shares of levels against those of the training.

    Raises
    ------
    ResolveError
        When the weights in use do not say what they were trained on, or there are no pairs.
    """
    trained = training_shares(workspace)
    if not trained:
        raise ResolveError("当前归并权重没有训练记录，无法比较；请先用 jinghuan weights learn 学习")
    records = _records(workspace)
    packed = packed_records(records)
    scored = org.score(records, packed, workspace_weights(workspace), np.inf)
    if not scored.compared:
        raise ResolveError("没有可比较的单位记录；请先接入数据（jinghuan ingest）")
    now = shares_of_counts(scored.level_counts)
    return [
        Drift(attribute, level, trained.get(attribute, {}).get(level, 0.0), now[attribute][level])
        for attribute, names in LEVEL_NAMES.items()
        for level in names
    ]
