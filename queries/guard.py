"""The gate for Cypher that investigators write themselves: reading only, and nothing else.

Neither READ access mode nor the plan can be relied on everywhere (docs/neo4j.md), so the
statement is split by an own tokenizer that knows strings, backticks and comments, and every word
in clause position and every function must be on an allow-list. What is not allowed is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from queries.errors import Forbidden


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLAUSES = _words(
    """MATCH OPTIONAL WHERE WITH UNWIND RETURN ORDER BY SKIP LIMIT UNION ALL DISTINCT AS AND OR
    XOR NOT IN IS NULL TRUE FALSE CASE WHEN THEN ELSE END ASC ASCENDING DESC DESCENDING STARTS
    ENDS CONTAINS EXISTS COUNT COLLECT"""
)
FORBIDDEN_WORDS = _words(
    """CREATE MERGE SET DELETE DETACH REMOVE DROP FOREACH CALL YIELD LOAD CSV USE SHOW TERMINATE
    ALTER GRANT DENY REVOKE START STOP EXPLAIN PROFILE CYPHER PERIODIC COMMIT INSERT FINISH
    TRANSACTION TRANSACTIONS DATABASE DATABASES CONSTRAINT INDEX ENABLE DEALLOCATE RENAME
    SHORTEST ALLSHORTESTPATHS"""
)
FUNCTIONS = _words(
    """count collect sum avg min max stdev percentilecont percentiledisc size length head last
    tail range reverse keys labels type properties id nodes relationships startnode endnode
    coalesce tostring tointeger tofloat toboolean tolower toupper trim ltrim rtrim replace
    substring left right split abs ceil floor round sign sqrt exists any all none single reduce
    date datetime duration time localdatetime point shortestpath isempty"""
)
DOTTED_FUNCTIONS = frozenset({"point.distance", "duration.between", "duration.indays"})
TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |(?P<quoted>`(?:``|[^`])+`)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<parameter>\$\w+)
    |(?P<symbol>\.\.|<>|<=|>=|->|<-|=~|[-+*/%^=<>()\[\]{},.:;|!&])""",
    re.VERBOSE | re.DOTALL,
)
MAX_LENGTH = 20_000
MAX_HOPS = 6


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``kind`` is a group name of the tokenizer."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """Tokens of a statement without blanks and comments.

    Raises
    ------
    Forbidden
        For a character that has no place in Cypher, or an unfinished string or comment.
    """
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise Forbidden(
                f"第 {position + 1} 个字符 {text[position]!r} 无法识别：引号或注释可能没有结束"
            )
        kind = match.lastgroup or ""
        if kind not in ("space", "comment"):
            yield Token(kind, match.group(), position)
        position = match.end()


def check(text: str, row_limit: int, *, has_active_case: bool = False) -> str:
    """The statement to run, with a row limit added when it has none of its own at the end.

    Raises
    ------
    Forbidden
        With the word or place that is not allowed and what to do instead.
    """
    if len(text) > MAX_LENGTH:
        raise Forbidden(f"语句长 {len(text)} 字符，超过 {MAX_LENGTH}；请拆成几条")
    found = [*tokens(text)]
    while found and found[-1].text == ";":
        found.pop()
    if not found:
        raise Forbidden("语句为空；例如：MATCH (o:Organization) RETURN o.name LIMIT 10")
    if any(token.text == ";" for token in found):
        raise Forbidden("一次只能运行一条语句；请去掉中间的分号")
    for position, token in enumerate(found):
        _check_token(found, position, token)
    _check_hops(found)
    words = [t.text.upper() for t in found if t.kind == "word"]
    if "RETURN" not in words:
        raise Forbidden("语句没有 RETURN；只能查询并返回结果")
    last = [t.text.upper() for t in found[-2:]]
    if len(last) == 2 and last[0] == "LIMIT" and last[1].isdigit():
        kept = text[: found[-2].position]
        return f"{kept}LIMIT {min(int(last[1]), row_limit)}"
    end = found[-1].position + len(found[-1].text)
    return f"{text[:end]}\nLIMIT {row_limit}"


def _check_token(found: list[Token], position: int, token: Token) -> None:
    previous = found[position - 1].text if position else ""
    following = found[position + 1].text if position + 1 < len(found) else ""
    if token.kind == "quoted" and following == "(":
        raise Forbidden(f"不能用反引号书写函数名 {token.text}")
    if token.kind == "parameter":
        raise Forbidden(f"自由语句不带参数，{token.text} 没有值；请直接写值")
    if token.kind != "word" or previous in (".", ":", "|", "!", "&"):
        if token.kind == "word" and following == "(" and previous == ".":
            name = f"{found[position - 2].text}.{token.text}".lower()
            if name not in DOTTED_FUNCTIONS:
                raise Forbidden(f"函数 {name} 不在允许之列")
        return
    upper = token.text.upper()
    if upper in FORBIDDEN_WORDS:
        raise Forbidden(f"不允许 {upper}：这里只能读取图谱（MATCH … RETURN …）")
    if following == "(" and upper not in CLAUSES and token.text.lower() not in FUNCTIONS:
        # A pattern such as (a) follows a bracket or comma, never directly a name.
        raise Forbidden(f"函数 {token.text} 不在允许之列")


def _check_hops(found: list[Token]) -> None:
    depth = 0
    for position, token in enumerate(found):
        depth += {"[": 1, "]": -1}.get(token.text, 0)
        is_path = depth > 0 and token.text == "*" and found[position - 1].kind != "number"
        if not is_path or found[position - 1].text in (")", "]"):
            continue
        following = [t.text for t in found[position + 1 : position + 4]]
        upper = following[2] if following[1:2] == [".."] else following[0]
        if following[:1] == [".."]:
            upper = following[1]
        if not upper.isdigit() or int(upper) > MAX_HOPS:
            raise Forbidden(f"变长路径须写明上限且不超过 {MAX_HOPS} 跳，例如 [*1..3]")
