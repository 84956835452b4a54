"""Events of devices and parameters out of HJ 212 packets.

Source: section 7 of the drop contract; HJ 212-2017 tables of commands and of site information.
"""

import polars as pl

from ingest.formats.hj212.heads import stamp
from ingest.formats.hj212.records import flag_list, packet_marks, raw_json, shaped, to_utc
from records.contract import read_table

STATE, RUN_TIME, BOOT, STANDARD_CHECK = "2021", "2041", "2081", "2062"
SITE, SET_PARAMETER = "3020", "3021"
KIND_BY_COMMAND = {
    STATE: "工作状态",
    RUN_TIME: "工作状态",
    BOOT: "开机",
    STANDARD_CHECK: "标样核查",
    "3011": "校准",
    "3012": "其他",
    "3013": "反吹",
    "3014": "比对采样",
    "3015": "留样",
    "3016": "采样周期设置",
    "3017": "采样周期设置",
    "3018": "其他",
}
KIND_BY_INFO = {
    "i11001": "其他",
    "i12001": "工作状态",
    "i12002": "通讯状态",
    "i12003": "报警",
    "i21001": "其他",
    "i22001": "工作状态",
    "i22002": "登录",
    "i22003": "通讯状态",
    "i22101": "通讯状态",
    "i31001": "门禁",
    "i32001": "门禁",
}
LOGS = ("i11001", "i21001", "i31001")
PARAMETER = r"^i\d3\d{3}"
INFO = r"^i\d{5}"
MEASURED = ("check", "checkvalue", "rtd", "avg")
REFERENCE = ("standardvalue", "standard", "std")
# Names of a command that say when or whom, not what.
ASIDE = ("DataTime", "PolId", "InfoId", "BeginTime", "EndTime")
SOURCE_BY_COMMAND = {SITE: "定时上报", SET_PARAMETER: "平台反控"}


def events(items: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Records of ``device_event`` and ``param_log``.

    Parameters
    ----------
    items
        All items of the packets, with the head of their packet beside them and codes read.
    """
    is_info = pl.col("name").str.contains(INFO) & (pl.col("field") != "")
    is_parameter = is_info & pl.col("name").str.contains(PARAMETER)
    info = items.filter(is_info & ~is_parameter)
    commanded = items.filter(pl.col("CN").is_in(list(KIND_BY_COMMAND)) & ~is_info)
    parts = [_infos(info), _facilities(commanded), _checks(commanded), _commands(commanded)]
    parts = [part for part in parts if part.height]
    found = {}
    if parts:
        found["device_event"] = shaped(pl.concat(parts, how="diagonal_relaxed"), "device_event")
    parameters = items.filter(is_parameter)
    if parameters.height:
        found["param_log"] = shaped(_parameters(parameters), "param_log")
    return found


def _moment() -> pl.Expr:
    """When it happened: DataTime, else the moment of the request."""
    return to_utc(pl.coalesce(stamp(pl.col("data_time")), pl.col("qn_at")))


def _framed(rows: pl.DataFrame, content: pl.Expr, *columns: pl.Expr) -> pl.DataFrame:
    kept = ("row", "place", "line")
    return rows.select(
        *kept,
        pl.col("MN").alias("mn"),
        *columns,
        flag_list(packet_marks(), content),
        raw_json(content),
    )


def _factor() -> pl.Expr:
    """Factor that ``PolId`` names, where it names one."""
    return pl.when(pl.col("pol_id").str.contains(r"^[a-zL]\w+$")).then(pl.col("pol_id"))


def _infos(items: pl.DataFrame) -> pl.DataFrame:
    """One event for each piece of site information."""
    is_log = pl.col("name").is_in(LOGS)
    text = pl.col("value").str.strip_prefix("//").str.strip_suffix("//")
    return _framed(
        items,
        pl.col("item"),
        _moment().alias("event_at"),
        pl.col("name").alias("event_code"),
        pl.col("pol_id").alias("device_no"),
        pl.col("name").replace_strict(KIND_BY_INFO, default="其他").alias("event_kind"),
        pl.when(~is_log).then(pl.col("value")).alias("value"),
        _factor().alias("factor_code"),
        pl.when(pl.col("name") == "i22002").then(pl.col("value")).alias("user_role"),
        pl.when(is_log).then(text).alias("log_text"),
    )


def _facilities(items: pl.DataFrame) -> pl.DataFrame:
    """State or run time of each facility."""
    own = items.filter(pl.col("CN").is_in([STATE, RUN_TIME]) & (pl.col("field") != ""))
    return _framed(
        own,
        pl.col("item"),
        _moment().alias("event_at"),
        pl.col("CN").alias("event_code"),
        pl.col("name").alias("device_no"),
        pl.lit("工作状态").alias("event_kind"),
        pl.col("value"),
    )


def _checks(items: pl.DataFrame) -> pl.DataFrame:
    """Measured and true value of each factor of a check with a standard sample."""
    own = items.filter((pl.col("CN") == STANDARD_CHECK) & (pl.col("field") != ""))
    head = ("line", "QN", "ST", "CN", "MN", "Flag", "data_time", "qn_at", "before")
    marks = ("is_swapped", "is_incomplete", "is_late")

    def number(fields: tuple[str, ...]) -> pl.Expr:
        text = pl.col("value").filter(pl.col("field").is_in(fields)).first()
        return text.cast(pl.Float64, strict=False)

    rows = own.group_by("row", "factor", maintain_order=True).agg(
        pl.col("place").first(),
        pl.col(*head, *marks).first(),
        pl.col("item").str.join(",").alias("content"),
        number(MEASURED).alias("measured_value"),
        number(REFERENCE).alias("reference_value"),
        pl.col("value").filter(pl.col("field") == "flag").first().alias("value"),
    )
    return _framed(
        rows,
        pl.col("content"),
        _moment().alias("event_at"),
        pl.col("CN").alias("event_code"),
        pl.col("factor").alias("device_no"),
        pl.lit(KIND_BY_COMMAND[STANDARD_CHECK]).alias("event_kind"),
        pl.col("value", "measured_value", "reference_value"),
        pl.col("factor").alias("factor_code"),
    )


def _commands(items: pl.DataFrame) -> pl.DataFrame:
    """One event for each remaining command: boot, calibration, sampling and its cycle."""
    own = items.filter(~pl.col("CN").is_in([STATE, RUN_TIME, STANDARD_CHECK]))
    head = ("line", "QN", "ST", "CN", "MN", "Flag", "data_time", "qn_at", "before")
    marks = ("is_swapped", "is_incomplete", "is_late")
    told = pl.col("value").filter(~pl.col("name").is_in(ASIDE))
    rows = own.group_by("row", maintain_order=True).agg(
        pl.col("place").first(),
        pl.col(*head, *marks).first(),
        pl.col("item").str.join(",").alias("content"),
        pl.col("pol_id").drop_nulls().first(),
        told.last().alias("value"),
        pl.col("value").filter(pl.col("name") == "RestartTime").first().alias("restart"),
    )
    happened = pl.coalesce(stamp(pl.col("restart")), stamp(pl.col("data_time")), pl.col("qn_at"))
    return _framed(
        rows,
        pl.col("content"),
        to_utc(happened).alias("event_at"),
        pl.col("CN").alias("event_code"),
        pl.col("pol_id").alias("device_no"),
        pl.col("CN").replace_strict(KIND_BY_COMMAND, default="其他").alias("event_kind"),
        pl.col("value"),
        _factor().alias("factor_code"),
        pl.col("content").alias("log_text"),
    )


def _parameters(items: pl.DataFrame) -> pl.DataFrame:
    """One line of the parameter log for each parameter; only numbers have a value there."""
    factors = {r["code"]: r for r in read_table("hj212_factors.csv")}
    names = {code: row["name_zh"] for code, row in factors.items()}
    units = {code: row["unit_conc_zh"] for code, row in factors.items() if row["unit_conc_zh"]}
    value = pl.col("value").cast(pl.Float64, strict=False)
    marks = packet_marks() | {("new_value", "bad_number"): value.is_null()}
    return items.select(
        "row",
        "place",
        "line",
        pl.col("MN").alias("mn"),
        _moment().alias("changed_at"),
        _factor().alias("factor_code"),
        pl.col("name").alias("param_code"),
        pl.col("name")
        .replace_strict(names, default=None, return_dtype=pl.String)
        .alias("param_name"),
        value.alias("new_value"),
        pl.col("name")
        .replace_strict(units, default=None, return_dtype=pl.String)
        .alias("value_unit"),
        pl.col("CN").replace_strict(SOURCE_BY_COMMAND, default="定时上报").alias("source"),
        flag_list(marks, pl.col("value")),
        raw_json(pl.col("item")),
    )
