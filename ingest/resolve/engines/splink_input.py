"""What Splink is fed: normalised records with their kept blocking keys, and rarity of values."""

import re

import polars as pl

from ingest.resolve.block import Dropped, Key
from ingest.resolve.compare import Records
from ingest.resolve.engines.splink_levels import VALUE_SQL
from ingest.resolve.engines.splink_settings import FROZEN_U, RECORD, TERMS, KeyColumn
from ingest.resolve.weigh import SURPRISES, surprise_tables

# Missing where empty; an empty legal suffix is a value like any other.
NULLABLE = ("code", "raw_code", "trunk", "core", "branch", "phone", "person", "address")
# Records of one code that label pairs for training, as many as blocking by code takes.
LABEL = "label"
LABEL_MOST = 200


def _held(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(pl.col(column))


def _six_digits(column: str) -> pl.Expr:
    padded = pl.col(column).str.pad_end(6, "0")
    return pl.when(padded.cast(pl.Int64, strict=False).fill_null(0) > 0).then(padded)


def _kept(key: Key) -> tuple[pl.DataFrame, Dropped | None]:
    """Record and rank of each value shared by more than one record and at most the cap."""
    held = (
        pl.DataFrame({RECORD: key.record, "value": key.value})
        .filter(pl.col("value").is_not_null())
        .unique()
        .with_columns(pl.col("value").rank("dense").cast(pl.Int64))
        .with_columns(size=pl.len().over("value"))
    )
    over = held.filter(pl.col("size") > key.cap)
    dropped = None
    if over.height:
        largest = over.select(pl.col("size").max()).item()
        dropped = Dropped(key.name, over["value"].n_unique(), largest)
    kept = held.filter((pl.col("size") > 1) & (pl.col("size") <= key.cap))
    return kept.select(RECORD, "value").sort(RECORD, "value"), dropped


def key_columns(
    keys: list[Key], records: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[KeyColumn, ...], tuple[Dropped, ...]]:
    """A column per blocking key with the values under its cap, null where a record has none.

    Returns
    -------
    frame
        ``record`` and the columns, a row per record in the order of ``records``.
    columns, dropped
        What the columns are; values above a cap, as the built-in blocking reports them.
    """
    frame, columns, dropped = records.select(RECORD), [], []
    for key in keys:
        kept, over = _kept(key)
        if over is not None:
            dropped.append(over)
        column = "key_" + re.sub(r"\W+", "_", key.name)
        is_list = bool(kept[RECORD].is_duplicated().any())
        values = kept.rename({"value": column})
        if is_list:
            values = values.group_by(RECORD, maintain_order=True).agg(column)
        frame = frame.join(values, on=RECORD, how="left", maintain_order="left")
        columns.append(KeyColumn(key.name, column, is_list))
    return frame, tuple(columns), tuple(dropped)


def splink_records(records: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Records as Splink compares them: missing values null, divisions of six digits, keys beside.

    Parameters
    ----------
    records
        Numbered records without identifiers that too many firms share.
    keys
        ``record`` and key columns.
    """
    coded = pl.when(pl.len().over("code") <= LABEL_MOST).then(_held("code"))
    return (
        records.select(
            RECORD,
            *(_held(column).alias(column) for column in NULLABLE),
            "suffix",
            *(_held("trunk").alias(column) for column, _ in VALUE_SQL.values()),
            *(_six_digits(column).alias(column) for column in ("region", "city")),
            coded.alias(LABEL),
        )
        .join(keys, on=RECORD, how="left", maintain_order="left")
        .sort(RECORD)
    )


def surprise_lookups(frame: pl.DataFrame, packed: Records) -> dict[str, pl.DataFrame]:
    """Per column with term frequencies: its values and a stand-in for their frequency.

    The stand-in is such that Splink's adjustment comes out as our clipped surprise.

    Parameters
    ----------
    frame, packed
        The same records as Splink and as the built-in engine take them.
    """
    names = [name for name, _, _ in SURPRISES]
    tables = dict(zip(names, surprise_tables(packed), strict=True))
    # All spellings share one table.
    known = {column: tables[name] for name, column in TERMS.items()}
    known |= {"spelling": tables["spelling_weak"], "spread": tables["spread"]}
    lookups = {}
    for column, surprise in known.items():
        # The order in which the built-in engine numbers distinct values.
        values = frame[column].drop_nulls().unique().sort()
        frequency = FROZEN_U * 2.0 ** -surprise[: len(values)]
        lookups[column] = pl.DataFrame({column: values, f"tf_{column}": frequency})
    return lookups
