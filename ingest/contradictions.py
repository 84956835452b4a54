"""What a row says against itself or against the calendar: flagged and kept, never set aside.

Source: section 3 of the drop contract: a contradiction is a finding of the models, not an error.
"""

from datetime import datetime, timedelta

import polars as pl

from ingest.values.identifiers import is_valid_vin
from records.contract import Dataset, read_table

# Start and end of what has an order, by column name.
ORDERED = (
    ("valid_from", "valid_to"),
    ("started_at", "ended_at"),
    ("period_start", "period_end"),
    ("handover_at", "accepted_at"),
    ("departed_at", "arrived_at"),
    ("accepted_at", "confirmed_at"),
    ("arrived_at", "left_at"),
    ("entered_at", "left_at"),
    ("in_at", "out_at"),
    ("sampling_start_at", "sampling_end_at"),
    ("analysis_start_at", "analysis_end_at"),
    ("sampling_end_at", "received_at"),
    ("received_at", "analysis_start_at"),
    ("fault_at", "restored_at"),
    ("first_at", "last_at"),
    ("occurred_at", "completed_at"),
    ("founded_on", "cancelled_on"),
    ("term_from", "term_to"),
    ("joined_on", "left_on"),
    ("opened_on", "closed_on"),
    ("listed_on", "removed_on"),
    ("pair_from", "pair_to"),
    ("started_month", "ended_month"),
    ("sampled_on", "issued_on"),
    ("approved_on", "accepted_on"),
)
AMOUNTS = ("t", "kg", "t/a", "t/d", "m3", "m3/h", "m3/d", "m3/s", "kWh", "kW", "km", "m2", "h", "s")
SIGNED = ("adjusted_t",)
PATTERNS = {
    ("manifest", "manifest_no"): r"^20(2[2-9]|[3-9]\d)\d{10}$",
    ("manifest_item", "manifest_no"): r"^20(2[2-9]|[3-9]\d)\d{10}$",
    ("manifest_leg", "manifest_no"): r"^20(2[2-9]|[3-9]\d)\d{10}$",
    ("hw_licence", "licence_no"): r"^[A-Z]{0,4}\d{4,10}[A-Z0-9\-]*$",
    ("hw_licence_item", "licence_no"): r"^[A-Z]{0,4}\d{4,10}[A-Z0-9\-]*$",
    ("permit", "permit_no"): r"^[0-9A-HJ-NPQRTUWXY]{18}\d{3}[A-Z0-9]$",
    ("invoice", "einvoice_no"): r"^\d{20}$",
    ("police_case", "case_no"): r"^A\d{12}20\d{2}(0[1-9]|1[0-2])\d{4}$",
    ("monitor_point", "mn"): r"^[0-9A-Z]{14,24}$",
}
AHEAD = timedelta(days=1)


def contradictions(
    frame: pl.DataFrame, dataset: Dataset, taken_at: datetime | None
) -> dict[tuple[str, str], pl.Expr]:
    """Conditions by (column, code).

    Parameters
    ----------
    frame
        Typed rows, every column of the dataset among them.
    taken_at
        When the file was first taken in, UTC without zone; ``None`` leaves ``future_time`` out.
    """
    found: dict[tuple[str, str], pl.Expr] = {}
    for column in dataset.columns:
        value = pl.col(column.name)
        if frame[column.name].null_count() == frame.height:
            continue
        place = (dataset.name, column.name)
        if column.base_type == "datetime" and taken_at is not None:
            found[column.name, "future_time"] = value > taken_at + AHEAD
        if column.base_type == "float" and column.unit in AMOUNTS and column.name not in SIGNED:
            found[column.name, "negative_quantity"] = value < 0
        if place in PATTERNS:
            found[column.name, "odd_number"] = ~value.str.contains(PATTERNS[place])
        if column.refers_to.startswith("hj212_factors."):
            found[column.name, "unknown_code"] = ~_is_factor(value)
        if column.name == "vin":
            bad = [v for v in frame["vin"].drop_nulls().unique().to_list() if not is_valid_vin(v)]
            found["vin", "bad_checksum"] = value.is_in(bad)
    return found | _inverted(frame, dataset)


def _is_factor(code: pl.Expr) -> pl.Expr:
    codes = [row["code"] for row in read_table("hj212_factors.csv")]
    plain = [c for c in codes if not c.endswith("x")]
    families = [c for c in codes if c.endswith("x")]
    return (
        code.is_in(plain)
        | code.str.replace(r".$", "x").is_in(families)
        | code.str.replace(r"..$", "xx").is_in(families)
    )


def _inverted(frame: pl.DataFrame, dataset: Dataset) -> dict[tuple[str, str], pl.Expr]:
    found: dict[tuple[str, str], pl.Expr] = {}
    names = {column.name for column in dataset.columns}
    for first, last in ORDERED:
        if not {first, last} <= names or frame.schema[first] != frame.schema[last]:
            continue
        is_inverted = (pl.col(first) > pl.col(last)).fill_null(value=False)
        place = (last, "time_inverted")
        found[place] = found[place] | is_inverted if place in found else is_inverted
    return found
