"""The gate for Cypher that investigators write themselves: reading only, and nothing else.

Neither READ access mode nor the plan can be relied on everywhere (docs/neo4j.md), so the statement
is split by an own tokenizer, and every word in the place of a clause and every function must be on
an allow-list. What is not allowed is refused with what to write instead. What objects and values
the caller may see is :mod:`queries.reach`'s to say.
"""

from collections.abc import Iterator
from itertools import pairwise

from queries.errors import Forbidden
from queries.reach import check_reach
from queries.tokens import Token, closing_of, joined, tokens
from queries.words import (
    DOTTED_FUNCTIONS,
    FORBIDDEN,
    FUNCTIONS,
    JOINTS,
    KEYWORDS,
    OPERAND_WORDS,
    QUANTIFIERS,
    STARTS,
    words,
)

MAX_LENGTH = 20_000
MAX_TOKENS = 4_000
MAX_HOPS = 6
MAX_RANGE = 100_000


def check(text: str, row_limit: int, *, has_active_case: bool = False) -> str:
    """The statement to run: without comments, each part of a UNION with a row limit at its end.

    Parameters
    ----------
    row_limit
        Most rows that any part may give; a smaller limit of its own stays.
    has_active_case
        Whether objects and values of police cases are open to the caller.

    Raises
    ------
    Forbidden
        With the word or place that is not allowed and what to do instead.
    """
    if len(text) > MAX_LENGTH:
        raise Forbidden(f"语句长 {len(text)} 字符，超过 {MAX_LENGTH}；请拆成几条")
    found = list(tokens(text))
    while found and found[-1].text == ";":
        found.pop()
    if not found:
        raise Forbidden("语句为空；例如：MATCH (o:Organization) RETURN o.name LIMIT 10")
    if len(found) > MAX_TOKENS:
        raise Forbidden(f"语句超过 {MAX_TOKENS} 个词；请拆成几条")
    for position in range(len(found)):
        _check_token(found, position)
        _check_word(found, position)
    _check_paths(found)
    if not has_active_case:
        check_reach(found)
    return " ".join(_limited(part, row_limit) for part in _parts(found))


def _check_token(found: list[Token], position: int) -> None:
    token = found[position]
    following = found[position + 1] if position + 1 < len(found) else None
    if token.text == ";":
        raise Forbidden("一次只能运行一条语句；请去掉中间的分号")
    if token.kind == "quoted":
        raise Forbidden(f"不支持反引号 {token.text}；类别、关系与属性名都不需要它")
    if token.kind == "parameter":
        raise Forbidden(f"自由语句不带参数，{token.text} 没有值；请直接写值")
    if token.text == "/" and following is not None and following.text == "*":
        raise Forbidden("注释 /* 没有结束")
    if token.text == "=~":
        raise Forbidden("不支持正则匹配 =~；请用 CONTAINS、STARTS WITH 或 ENDS WITH")
    if token.kind == "string" and following is not None and following.kind == "string":
        raise Forbidden("两个字符串之间缺少运算符；引号可能没有成对")
    if token.text == "[" and position and _is_subscript(found, position):
        _check_subscript(found, position)


def _check_word(found: list[Token], position: int) -> None:
    token = found[position]
    if token.kind != "word":
        if position == 0:
            raise Forbidden("语句须以 MATCH、OPTIONAL MATCH、UNWIND、WITH 或 RETURN 开头")
        return
    previous = found[position - 1] if position else None
    following = found[position + 1].text if position + 1 < len(found) else ""
    is_name = previous is not None and previous.text in (".", ":")
    if not is_name:
        if token.upper in FORBIDDEN:
            raise Forbidden(f"不允许 {token.upper}：这里只能读取图谱（MATCH … RETURN …）")
        _check_place(found, position)
    if following == "(":
        _check_function(found, position)


def _check_place(found: list[Token], position: int) -> None:
    """A word that begins a clause or follows a finished expression must be a known one."""
    token = found[position]
    previous = found[position - 1] if position else None
    if previous is None or previous.upper == "UNION" or _is_union_all(found, position):
        allowed = STARTS | (words("ALL DISTINCT") if previous else frozenset())
        if token.upper not in allowed:
            raise Forbidden(f"这里不能是 {token.text}；可用：{' '.join(sorted(STARTS))}")
        return
    follows_operand = previous.is_operand_end or (
        previous.kind == "word"
        and (previous.upper not in KEYWORDS or previous.upper in OPERAND_WORDS)
    )
    if position >= 2 and previous.kind == "word" and found[position - 2].text in (".", ":"):
        follows_operand = True
    if follows_operand and token.upper not in JOINTS:
        raise Forbidden(
            f"{token.text} 不是允许的关键字；前面的“{previous.text}”之后缺少运算符或逗号"
        )
    if previous.text == "{" and token.upper not in STARTS:
        following = found[position + 1].text if position + 1 < len(found) else ""
        if following not in (":", ",", "}"):
            raise Forbidden(f"花括号内不能以 {token.text} 开头")


def _is_union_all(found: list[Token], position: int) -> bool:
    return (
        position >= 2
        and found[position - 1].upper in ("ALL", "DISTINCT")
        and found[position - 2].upper == "UNION"
    )


def _check_function(found: list[Token], position: int) -> None:
    token = found[position]
    previous = found[position - 1].text if position else ""
    name = token.text.lower()
    if previous == ".":
        owner = found[position - 2].text if position >= 2 else ""
        dotted = f"{owner}.{token.text}".lower()
        is_nested = position >= 3 and found[position - 3].text == "."
        if dotted not in DOTTED_FUNCTIONS or is_nested:
            raise Forbidden(f"函数 {dotted} 不在允许之列")
        return
    if token.upper in KEYWORDS and name not in FUNCTIONS and previous != ":":
        return
    if name not in FUNCTIONS or (previous == ":" and _is_label_place(found, position)):
        raise Forbidden(f"函数 {token.text} 不在允许之列")
    inner = [t.text for t in found[position + 2 : position + 7]]
    if name in QUANTIFIERS and (len(inner) < 2 or inner[1].upper() != "IN"):
        raise Forbidden(f"{token.text}(…) 须写成 {token.text}(x IN 列表 WHERE 条件)")
    if name == "range":
        _check_range(found, position + 1)


def _is_label_place(found: list[Token], position: int) -> bool:
    """Whether the colon before a word belongs to a label or type rather than to a map."""
    before = found[position - 2] if position >= 2 else None
    return before is None or before.text in ("(", "[")


def _check_range(found: list[Token], opening: int) -> None:
    inner = found[opening + 1 : closing_of(found, opening)]
    big = [t.text for t in inner if t.kind == "number" and float(t.text) > MAX_RANGE]
    if big or any(t.text in ("*", "^") for t in inner):
        raise Forbidden(f"range 的上限不能超过 {MAX_RANGE}")


def _is_subscript(found: list[Token], opening: int) -> bool:
    """Whether ``[`` looks into the value before it; else it begins a list or relationship."""
    previous = found[opening - 1]
    return previous.is_operand_end or (
        previous.kind == "word"
        and (previous.upper not in KEYWORDS or found[max(0, opening - 2)].text in (".", ":"))
    )


def _check_subscript(found: list[Token], opening: int) -> None:
    """Only whole numbers and counters of ``range``: a name built at run time reads any property."""
    for token in found[opening + 1 : closing_of(found, opening)]:
        is_plain = token.kind == "number" or token.text in ("..", "+", "-")
        if not is_plain and not (token.kind == "word" and _is_counter(found, token.text)):
            raise Forbidden(
                f"下标里不能用 {token.text}；只能是数字，或 range 的计数变量，例如"
                " [i IN range(0, 3) | xs[i]]"
            )


def _is_counter(found: list[Token], name: str) -> bool:
    """Whether ``name`` is bound by ``name IN range(…)`` wherever it is bound."""
    bound = False
    for position, token in enumerate(found):
        if token.text != name or token.kind != "word":
            continue
        after = [t.upper for t in found[position + 1 : position + 3]]
        before = found[position - 1].upper if position else ""
        if before == "AS" or (before == "(" and after[:1] in ([":"], [")"], ["{"])):
            return False
        if after[:1] == ["IN"]:
            if after != ["IN", "RANGE"]:
                return False
            bound = True
    return bound


def _check_paths(found: list[Token]) -> None:
    """Every path of variable length is written with its end, at most :data:`MAX_HOPS`."""
    for position, token in enumerate(found):
        previous = found[position - 1].text if position else ""
        if token.text == "[" and previous in ("-", "<-"):
            inner = found[position + 1 : closing_of(found, position)]
            stars = [
                at for at, t in enumerate(inner) if t.text == "*" and t.depth == token.depth + 1
            ]
            if stars:
                _check_hops([t.text for t in inner[stars[0] + 1 :]])
        elif token.text == "{" and previous in (")", "->", "-"):
            inner = found[position + 1 : closing_of(found, position)]
            _check_hops([t.text.replace(",", "..") for t in inner])
        elif token.text in ("+", "*") and _ends_pattern(found, position):
            raise _unbounded()


def _check_hops(range_: list[str]) -> None:
    """``3``, ``1..3`` or ``..3``, as texts of tokens."""
    bounds = range_[:3]
    if bounds[:1] == [".."]:
        upper = bounds[1] if len(bounds) > 1 else ""
    elif len(bounds) > 1 and bounds[1] == "..":
        upper = bounds[2] if len(bounds) > 2 else ""
    else:
        upper = bounds[0] if bounds else ""
    if not upper.isdigit() or int(upper) > MAX_HOPS:
        raise _unbounded()


def _unbounded() -> Forbidden:
    return Forbidden(f"变长路径须写明上限且不超过 {MAX_HOPS} 跳，例如 [*1..3]")


def _ends_pattern(found: list[Token], position: int) -> bool:
    """Whether ``+`` or ``*`` repeats the relationship or pattern before it."""
    previous = found[position - 1].text if position else ""
    before = found[position - 2].text if position >= 2 else ""
    if previous == "->" or (previous == "-" and before in ("]", "-", "<-")):
        return True
    if previous != ")":
        return False
    opening = next(
        at
        for at in range(position - 2, -1, -1)
        if found[at].depth == found[position - 1].depth and found[at].text == "("
    )
    inner = [t.text for t in found[opening:position]]
    return any(text in ("->", "<-") for text in inner) or any(
        pair in (("-", "["), ("-", "-")) for pair in pairwise(inner)
    )


def _parts(found: list[Token]) -> Iterator[list[Token]]:
    """The parts of a UNION; each but the first begins with the word itself."""
    start = 0
    for position, token in enumerate(found):
        if (
            position
            and token.upper == "UNION"
            and token.depth == 0
            and _is_keyword(found, position)
        ):
            yield found[start:position]
            start = position
    yield found[start:]


def _is_keyword(found: list[Token], position: int) -> bool:
    return found[position - 1].text not in (".", ":")


def _limited(part: list[Token], row_limit: int) -> str:
    words = [t.upper for t in part if t.depth == 0]
    if "RETURN" not in words:
        raise Forbidden("语句没有 RETURN；只能查询并返回结果")
    if len(part) > 1 and part[-2].upper == "LIMIT" and part[-1].text.isdigit():
        return f"{joined(part[:-2])} LIMIT {min(int(part[-1].text), row_limit)}"
    return f"{joined(part)} LIMIT {row_limit}"
