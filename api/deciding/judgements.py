"""Judgements: a person says that two records are the same, are different, or that it is unsure.

A judgement binds two rows (RULINGS 3) and takes effect when resolution runs next. It is refused
where resolution could not follow it, so that nobody waits for an effect that never comes.
"""

from datetime import UTC, datetime

import duckdb

from api.errors import NotFound, Refused
from api.identity.caller import Caller
from api.reading.judgements import RecordedView, read_judgement
from api.reading.sides import Side, SideAsked, find_side
from api.services import Services
from ingest.resolve.asked import AskedRow, asked_rows
from ingest.resolve.known import current_judgements
from ingest.resolve.stored import StoredRecord, read_records
from queries.errors import ParameterError
from records.masking import mask_text
from records.registry import Judgement, Registry, Verdict
from viz.resolution_words import VERDICT_ZH

MOST_REASON = 500


def judge(
    services: Services,
    caller: Caller,
    sides: tuple[SideAsked, SideAsked],
    verdict: Verdict,
    reason: str,
) -> RecordedView:
    """Keep what the caller says about two sides; an entity stands for its smallest row.

    Raises
    ------
    Forbidden
        When the role may not judge.
    NotFound, ParameterError
        When a side does not exist, is out of reach, or is no organisation or person.
    Refused
        When the judgement contradicts what a rule decides, or would change nothing.
    """
    caller.require_judge()
    text = " ".join(reason.split())
    if not text or len(text) > MOST_REASON:
        raise ParameterError(f"判定须写明理由（1 到 {MOST_REASON} 字），收到 {len(text)} 字")
    registry = Registry(services.workspace)
    with services.sql() as sql:
        a, b = (find_side(sql, caller, side) for side in sides)
        _check_pair(a, b, by_id=all(side.entity_id for side in sides))
        _check_repeated(sql, registry, a, b, verdict)
        if a.kind == "organization":
            _check_rules(sql, a, b, verdict)
    said = Judgement(
        a.reference,
        a.role,
        b.reference,
        b.role,
        verdict,
        caller.user,
        datetime.now(UTC).isoformat(timespec="seconds"),
        text,
    )
    object_ = f"{a.text} {b.text}"
    services.record(caller, "judgement", object_, f"{VERDICT_ZH[verdict]}：{mask_text(text)}")
    number = registry.judge(said)
    return read_judgement(services, caller, number)


def undo(services: Services, caller: Caller, number: int) -> RecordedView:
    """Take a judgement back; it stays readable and ends with the next run of resolution.

    Raises
    ------
    Forbidden
        When the role may not judge.
    NotFound
        When there is no such judgement, it is out of reach, or was withdrawn before.
    """
    caller.require_judge()
    view = read_judgement(services, caller, number)
    gone = NotFound(f"第 {number} 号判定已撤销；可在判定列表中查看经过")
    if view.withdrawn_by:
        raise gone
    services.record(caller, "judgement.undo", str(number))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        Registry(services.workspace).withdraw(number, caller.user, at)
    except KeyError as error:
        raise gone from error
    return read_judgement(services, caller, number)


def _check_pair(a: Side, b: Side, *, by_id: bool) -> None:
    if a.kind != b.kind:
        raise ParameterError(f"“{a.name}”与“{b.name}”类别不同（单位、人员），不能比较")
    if (a.reference, a.role) == (b.reference, b.role):
        cure = (
            f"两个编号都是{a.entity_id}；若认为其中某行不属于它，请用行引用判定"
            if by_id
            else "请改选另一行"
        )
        raise Refused(f"“{a.name}”的两侧是同一行，无可判定；{cure}")


def _check_repeated(
    sql: duckdb.DuckDBPyConnection, registry: Registry, a: Side, b: Side, verdict: Verdict
) -> None:
    """Refuse what was said before and still binds."""
    pair = {(a.reference, a.role), (b.reference, b.role)}
    last: Judgement | None = None
    for judgement in current_judgements(sql, registry.judgements()):
        rows = {(judgement.row_a, judgement.role_a), (judgement.row_b, judgement.role_b)}
        if rows == pair:
            last = judgement
    if last is not None and last.verdict == verdict:
        raise Refused(
            f"第 {last.number} 号判定已认定这两行{VERDICT_ZH[verdict]}；"
            "如要改变，请给出不同的判定或先撤销"
        )


def _check_rules(sql: duckdb.DuckDBPyConnection, a: Side, b: Side, verdict: Verdict) -> None:
    """Refuse what resolution could not follow: one record, two codes, two branch tails."""
    asked = asked_rows(sql, [(a.reference, a.role), (b.reference, b.role)])
    one, two = asked.get((a.reference, a.role)), asked.get((b.reference, b.role))
    if one is None or two is None:
        return
    _check_one_record(a, b, one, two, verdict)
    if verdict == "same" and a.entity_id != b.entity_id:
        records = read_records(sql, [*one.records, *two.records])
        _check_joinable(sql, a, b, [records[n] for n in one.records], records)


def _check_one_record(a: Side, b: Side, one: AskedRow, two: AskedRow, verdict: Verdict) -> None:
    if one.values == two.values and verdict != "different" and a.entity_id == b.entity_id:
        raise Refused(f"两行（{a.text}、{b.text}）所述完全一致，已是同一条记录，无须判定")
    is_one_tuple = a.reference.partition(":")[0] == b.reference.partition(":")[0] and (
        one.role == two.role
    )
    if verdict == "different" and is_one_tuple and one.statement == two.statement:
        raise Refused(
            f"两行（{a.text}、{b.text}）逐字相同，系统无法区分；请由来源部门补充代码等信息后更正"
        )


def _check_joinable(
    sql: duckdb.DuckDBPyConnection,
    a: Side,
    b: Side,
    own: list[StoredRecord],
    records: dict[int, StoredRecord],
) -> None:
    codes = [
        {
            str(line[0])
            for line in sql.execute(
                "SELECT DISTINCT code FROM resolve_record WHERE entity_id = ? AND code <> ''",
                [side.entity_id],
            ).fetchall()
        }
        for side in (a, b)
    ]
    if codes[0] and codes[1] and codes[0] != codes[1]:
        raise Refused(
            f"“{a.name}”与“{b.name}”有不同的有效代码（{min(codes[0])}、{min(codes[1])}），"
            "人工判定也不合并；如代码有误，请由来源部门更正后重新接入"
        )
    mine, others = {r.tail for r in own}, {r.tail for r in records.values()}
    if len(mine | others) > 1:
        raise Refused(
            f"“{a.name}”与“{b.name}”一方是分支机构（{'、'.join(sorted(mine | others - {''}))}），"
            "分支机构与总公司、其他分支分别成户，不合并"
        )
