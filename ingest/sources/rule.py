"""What a source needs beyond the table of datasets: two hooks and a column to split."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ingest.raw import HeadingMap

Hook = Callable[[pl.DataFrame, HeadingMap], pl.DataFrame]


def unchanged(frame: pl.DataFrame, headings: HeadingMap) -> pl.DataFrame:  # noqa: ARG001  # a hook
    """The frame as it is."""
    return frame


@dataclass(frozen=True, slots=True)
class SourceRule:
    """Hooks of one dataset.

    ``split`` names the key column whose list cell gives several records; ``before`` sees the
    cleaned texts (``t:<column>``, null when empty), ``after`` the typed rows with defaults filled;
    it may give several rows for one.
    """

    split: str = ""
    before: Hook = unchanged
    after: Hook = unchanged
