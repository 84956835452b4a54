"""What the contract says after ``default:`` and ``found by``: values for cells left empty."""

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from records.clock import shanghai_day
from records.contract import Dataset, read_table

CONSTANTS: dict[tuple[str, str], object] = {
    ("manifest", "kind"): "电子",
    ("test_sample", "qc_kind"): "样品",
    ("door_log", "direction"): "进",
    ("insured", "kind"): "养老",
    ("method_limit", "medium"): "水",
    ("mobile_survey", "survey_kind"): "车载",
    ("gps_point", "crs"): "WGS84",
}
COPIES: dict[tuple[str, str], str] = {
    ("invoice", "invoice_no"): "einvoice_no",
    ("account", "account_no"): "card_no",
    ("transfer", "account_no"): "card_no",
    ("police_case_party", "party_name"): "org_name",
}


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value found in another dataset: ``target`` of ``dataset`` where ``keys`` are equal.

    ``keys`` pairs our column with the other's.
    """

    dataset: str
    target: str
    keys: tuple[tuple[str, str], ...]


OBSERVED = ("obs_rtd", "obs_minute", "obs_hour", "obs_day", "obs_mark")
POINT = Lookup("monitor_point", "mn", (("unit_name", "unit_name"), ("point_name", "point_name")))
LOOKUPS: dict[tuple[str, str], Lookup] = {
    **{(name, "mn"): POINT for name in OBSERVED},
    ("gps_point", "terminal_phone"): Lookup(
        "vehicle_permit", "terminal_phone", (("plate", "plate"),)
    ),
    ("gps_point", "plate"): Lookup(
        "vehicle_permit", "plate", (("terminal_phone", "terminal_phone"),)
    ),
    ("test_sample", "body_uscc"): Lookup("test_report", "body_uscc", (("report_no", "report_no"),)),
    ("power_hour", "kind"): Lookup("power_meter", "kind", (("meter_id", "meter_id"),)),
    ("power_hour", "pair_id"): Lookup("power_meter", "pair_id", (("meter_id", "meter_id"),)),
    ("hw_licence_item", "valid_from"): Lookup(
        "hw_licence", "valid_from", (("licence_no", "licence_no"),)
    ),
    ("permit_limit", "valid_from"): Lookup("permit", "valid_from", (("permit_no", "permit_no"),)),
    ("river_obs_hour", "station_id"): Lookup(
        "river_station", "station_id", (("station_name", "station_name"),)
    ),
    ("toll_trip", "in_station_no"): Lookup("toll_station", "station_no", (("in_station", "name"),)),
    ("toll_trip", "out_station_no"): Lookup(
        "toll_station", "station_no", (("out_station", "name"),)
    ),
}
FACTOR_NAMES = ("factor_name", "item_name")


@dataclass(frozen=True, slots=True)
class References:
    """Tables that lookups read, by dataset; each holds the columns that the lookups name."""

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)


def needed_datasets(dataset: Dataset) -> set[str]:
    """Datasets that lookups of ``dataset`` read."""
    return {rule.dataset for (name, _), rule in LOOKUPS.items() if name == dataset.name}


def factor_table() -> pl.DataFrame:
    """Factor codes by Chinese name; a name that stands twice keeps its first code."""
    rows = read_table("hj212_factors.csv")
    return pl.DataFrame(
        {"name": [r["name_zh"] for r in rows], "code": [r["code"] for r in rows]}
    ).unique("name", keep="first", maintain_order=True)


def _looked_up(
    frame: pl.DataFrame,
    column: str,
    rule: Lookup,
    references: References,
    taken_at: datetime | None,
) -> pl.DataFrame:
    """Empty cells from another dataset; of several versions the one in force at the intake."""
    table = references.tables.get(rule.dataset)
    ours = [own for own, _ in rule.keys]
    if table is None or table.is_empty() or any(name not in frame.columns for name in ours):
        return frame
    theirs = [other for _, other in rule.keys]
    found = table.select(*theirs, pl.col(rule.target).alias("looked_up")).drop_nulls()
    in_force = pl.lit(value=True)
    if rule.target == "valid_from" and taken_at is not None:
        in_force = pl.col("looked_up") <= shanghai_day(taken_at)
    found = (
        found.with_columns(in_force.alias("in_force"))
        .sort(*theirs, "in_force", "looked_up")
        .unique(theirs, keep="last", maintain_order=True)
        .drop("in_force")
    )
    joined = frame.join(found, left_on=ours, right_on=theirs, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(column, "looked_up").alias(column)).drop("looked_up")


def fill_defaults(
    frame: pl.DataFrame,
    dataset: Dataset,
    references: References,
    taken_at: datetime | None = None,
) -> pl.DataFrame:
    """Typed records with empty cells filled by the contract's rules; row order stays.

    Running numbers within a file are the caller's, who sees the whole file.
    """
    for column in dataset.columns:
        place = (dataset.name, column.name)
        if place in CONSTANTS:
            value = pl.lit(CONSTANTS[place], dtype=column.stored_type)
            frame = frame.with_columns(pl.col(column.name).fill_null(value))
        if place in COPIES:
            frame = frame.with_columns(pl.coalesce(column.name, COPIES[place]).alias(column.name))
        if place in LOOKUPS:
            frame = _looked_up(frame, column.name, LOOKUPS[place], references, taken_at)
        if column.name == "factor_code":
            name = next((n for n in FACTOR_NAMES if n in frame.columns), None)
            if name:
                frame = frame.join(
                    factor_table(), left_on=name, right_on="name", how="left", maintain_order="left"
                )
                frame = frame.with_columns(
                    pl.coalesce("factor_code", "code").alias("factor_code")
                ).drop("code")
    return _derived(frame, dataset)


def _derived(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    if dataset.name == "weighbridge":
        frame = frame.with_columns(
            pl.coalesce("net_t", (pl.col("gross_t") - pl.col("tare_t")).round(6)).alias("net_t"),
            pl.coalesce("weighed_at", pl.max_horizontal("gross_at", "tare_at")).alias("weighed_at"),
        )
    if dataset.name == "toll_trip":
        spare = pl.concat_str(
            "plate",
            pl.col("out_at").dt.strftime("%Y%m%d%H%M%S"),
            pl.col("out_station").fill_null(""),
            separator="|",
        )
        frame = frame.with_columns(pl.coalesce("pass_no", spare).alias("pass_no"))
    return frame
