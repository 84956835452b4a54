"""Files of weights: the one shipped with the package, and the one a workspace learned."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from ingest.errors import ResolveError
from ingest.resolve.compare import ATTRIBUTES, LEVEL_NAMES
from ingest.resolve.learn import Learned
from ingest.resolve.weigh import SURPRISES, Weights, load_weights, weights_of
from records.atomic import write_text
from records.workspace import Workspace

FILE = "organization_weights.json"


def weights_path(workspace: Workspace) -> Path:
    """Where a workspace keeps weights of its own; learning them is a decision, so in ``state``."""
    return workspace.state / FILE


def workspace_weights(workspace: Workspace) -> Weights:
    """The weights that a workspace resolves with: its own, else those of the package.

    Raises
    ------
    ResolveError
        When the workspace's file cannot be read.
    """
    path = weights_path(workspace)
    if not path.exists():
        return load_weights()
    try:
        return weights_of(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ResolveError(
            f"归并权重文件 {path} 无法读取（{error}）；"
            "请用 jinghuan weights learn 重新学习，或删除它以使用程序自带的权重"
        ) from error


def save_weights(workspace: Workspace, learned: Learned) -> Path:
    """Make the learned weights those of the workspace; gives the file."""
    path = weights_path(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(json.dumps(document(learned), ensure_ascii=False, indent=1) + "\n", path)
    return path


def document(learned: Learned) -> dict[str, Any]:
    """Weights and the record of their training as plain values."""
    weights, training = learned.weights, learned.training
    return {
        "version": weights.version,
        "prior": weights.prior,
        "levels": {
            attribute: dict(zip(LEVEL_NAMES[attribute], values, strict=True))
            for attribute, values in zip(ATTRIBUTES, weights.levels, strict=True)
        },
        "surprise": dict(zip((name for name, _, _ in SURPRISES), weights.surprise, strict=True)),
        "training": {
            "records": training.records,
            "candidates": training.candidates,
            "positive": training.positive,
            "negative": training.negative,
            "patterns": training.patterns,
            "rounds": training.rounds,
            "level_shares": training.level_shares,
        },
    }


def training_shares(workspace: Workspace) -> dict[str, dict[str, float]]:
    """Shares of levels that the weights in use were trained on; empty when they do not say."""
    path = weights_path(workspace)
    text = path.read_text(encoding="utf-8") if path.exists() else shipped_text()
    shares: dict[str, dict[str, float]] = (
        json.loads(text).get("training", {}).get("level_shares", {})
    )
    return shares


def shipped_text() -> str:
    """The file of weights that is shipped."""
    return files("ingest.resolve").joinpath("data", FILE).read_text(encoding="utf-8")
