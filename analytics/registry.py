"""The models that run, in the order of the catalogue; an inconsistent one fails here."""

from typing import Any

from analytics.model import Model
from analytics.models import hw_08, hw_10, hw_11, om_02, tp_01, tp_06
from records.contract import load_contract
from records.law import load_references

MODELS: tuple[Model[Any], ...] = (
    hw_08.MODEL,
    hw_10.MODEL,
    hw_11.MODEL,
    om_02.MODEL,
    tp_01.MODEL,
    tp_06.MODEL,
)


def check_models(models: tuple[Model[Any], ...]) -> None:
    """Hold the registry against contract and law.

    Raises
    ------
    ValueError
        For a repeated id, an unknown dataset or an unknown legal reference.
    """
    contract, references = load_contract(), load_references()
    ids = [model.id for model in models]
    if len(set(ids)) != len(ids):
        raise ValueError(f"model ids repeat: {sorted(ids)}")
    for model in models:
        unknown = {*model.datasets, *model.required} - set(contract.datasets)
        if unknown:
            raise ValueError(f"model {model.id} reads unknown datasets {sorted(unknown)}")
        bare = {ref.partition("(")[0] for ref in model.legal_refs}
        if bare - set(references):
            raise ValueError(f"model {model.id} cites unknown law {sorted(bare - set(references))}")


def in_order(models: tuple[Model[Any], ...]) -> tuple[Model[Any], ...]:
    """Models sorted so that each runs after those that its ``after`` prefixes name."""
    ordered: list[Model[Any]] = []
    waiting = list(models)
    while waiting:
        ready = [
            model
            for model in waiting
            if not any(
                other is not model and other.id.startswith(prefix)
                for other in waiting
                for prefix in model.after
            )
        ]
        if not ready:
            raise ValueError(f"models wait for each other: {[m.id for m in waiting]}")
        ordered += ready
        waiting = [model for model in waiting if model not in ready]
    return tuple(ordered)


check_models(MODELS)
