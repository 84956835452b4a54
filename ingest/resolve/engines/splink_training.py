"""Splink trained by its own means, as its documentation recommends.

The prior comes from rules that are almost always right, chance agreement (``u``) from random pairs,
true agreement (``m``) from pairs of records that carry one valid credit code. The code itself
cannot be its own label: its ``m`` comes from expectation maximisation among pairs of equal trunk.
Where Splink never saw a level it assumes one in a million; the same figure is written down here.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingest.resolve.engines.splink_input import LABEL
from ingest.resolve.engines.splink_options import SplinkOptions
from ingest.resolve.engines.splink_settings import Settings, SplinkDocument

if TYPE_CHECKING:
    from splink.internals.splink_dataframe import SplinkDataFrame

CERTAIN_RULES = (
    f"l.{LABEL} = r.{LABEL}",
    "l.trunk = r.trunk AND l.suffix = r.suffix AND l.city = r.city AND l.person = r.person",
)
# Share of the true pairs that such rules find in registers where four codes in ten are missing.
CERTAIN_RECALL = 0.6
CODE_RULE = "l.trunk = r.trunk AND l.city = r.city"
UNSEEN = 1e-6
# Sums over threads differ in their last digits; rounded, a run gives the same bytes.
DIGITS = 6


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _level(level: dict[str, Any], seen: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    if level.get("is_null_level"):
        return level
    return level | {name: _rounded(seen.get(name, UNSEEN)) for name in names}


def _learned(settings: Settings, model: dict[str, Any], without_m: str = "") -> Settings:
    """``settings`` with prior, ``u`` and ``m`` of a trained model, one comparison without ``m``."""
    comparisons = []
    for comparison, trained in zip(settings["comparisons"], model["comparisons"], strict=True):
        is_whole = comparison["output_column_name"] != without_m
        names = ("u_probability", "m_probability") if is_whole else ("u_probability",)
        pairs = zip(comparison["comparison_levels"], trained["comparison_levels"], strict=True)
        levels = [_level(level, seen, names) for level, seen in pairs]
        comparisons.append(comparison | {"comparison_levels": levels})
    prior = _rounded(model["probability_two_random_records_match"])
    return settings | {"comparisons": comparisons, "probability_two_random_records_match": prior}


def _fixed(settings: Settings) -> Settings:
    """``settings`` in which training moves no level that has an ``m`` already."""
    comparisons = [
        comparison
        | {
            "comparison_levels": [
                level | {"fix_m_probability": "m_probability" in level}
                for level in comparison["comparison_levels"]
            ]
        }
        for comparison in settings["comparisons"]
    ]
    return settings | {"comparisons": comparisons}


def train(
    table: "SplinkDataFrame", untrained: SplinkDocument, options: SplinkOptions
) -> SplinkDocument:
    """``untrained`` with what Splink learns from ``table``.

    The same table, seed and number of random pairs give the same document.
    """
    from splink import Linker, __version__

    linker = Linker(table, untrained.settings, log_level=None, validate_settings=False)
    training = linker.training
    training.estimate_probability_two_random_records_match([*CERTAIN_RULES], CERTAIN_RECALL)
    training.estimate_u_using_random_sampling(options.max_pairs, seed=options.seed)
    training.estimate_m_from_label_column(LABEL)
    settings = _learned(untrained.settings, linker.misc.save_model_to_json(), "code")
    linker = Linker(table, _fixed(settings), log_level=None, validate_settings=False)
    linker.training.estimate_parameters_using_expectation_maximisation(
        CODE_RULE, estimate_without_term_frequencies=True
    )
    settings = _learned(settings, linker.misc.save_model_to_json())
    origin = f"splink-{__version__}-seed-{options.seed}"
    return replace(untrained, weights=origin, settings=settings)
