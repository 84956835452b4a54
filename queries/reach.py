"""What of the graph an investigator's statement may touch without an active police case.

Objects out of reach are absent, also from counts and paths (RULINGS 22): so a statement must say
in each node pattern which kind of object it means, and kinds and relationships of police cases
cannot be named. Values that are L4 are masked in the answer; they cannot be computed with, since
what was computed could no longer be recognised.
"""

from queries.errors import Forbidden
from queries.tokens import Token, closing_of
from queries.words import FUNCTIONS

CASE_LABELS = frozenset({"Account", "PoliceCase"})
CASE_RELATIONSHIPS = frozenset({"CONTACTED", "INVOLVED_IN", "OWNS_ACCOUNT", "PAID"})
# These may lead to a police case at the other end.
ONE_HOP_ONLY = frozenset({"ABOUT", "LINKED_TO"})
L4_PROPERTIES = frozenset({"number", "tail4"})
# What turns a whole node into text on some store, its L4 values included.
PHONE_WORDS = frozenset({"Phone", "HAS_PHONE"})
TEXT_MAKERS = frozenset({"+", "left", "right", "substring"})
NEEDS_CASE = "须由驻勤民警以查询目的和案件编号查询"


def check_reach(found: list[Token]) -> None:
    """Refuse a statement that would reach objects or values of police cases.

    Raises
    ------
    Forbidden
    """
    has_phones = any(token.text in PHONE_WORDS for token in found)
    for position, token in enumerate(found):
        if has_phones and token.text.lower() in TEXT_MAKERS:
            raise Forbidden(f"涉及电话的语句里不能用 {token.text}：号码是 L4 值，不能参与计算")
        following = found[position + 1].text if position + 1 < len(found) else ""
        if token.kind == "word":
            _check_name(found, position)
        elif token.text == "(":
            _check_node(found, position)
        elif token.text == "[" and position and found[position - 1].text in ("-", "<-"):
            _check_relationship(found, position)
        elif (token.text == ":" and following in ("!", "%", "(")) or (
            token.text in ("|", "&") and following in ("!", "%")
        ):
            raise Forbidden("类别条件只能写成 :A 或 :A|B")


def _check_name(found: list[Token], position: int) -> None:
    text = found[position].text
    if text in CASE_LABELS or text in CASE_RELATIONSHIPS:
        raise Forbidden(f"{text} 只在有效案件内可见，{NEEDS_CASE}")
    if text in L4_PROPERTIES:
        raise Forbidden(f"属性 {text} 是 L4 值，不能参与计算；返回整个节点即可看到遮蔽后的值")


def _check_node(found: list[Token], opening: int) -> None:
    """A node pattern says its label in place; a name alone could mean anything."""
    previous = found[opening - 1] if opening else None
    if previous is not None and previous.text.lower() in FUNCTIONS:
        return
    inner = found[opening + 1 : closing_of(found, opening)]
    rest = inner[1:] if inner and inner[0].kind == "word" else inner
    is_node = not rest or rest[0].text in (":", "{") or rest[0].upper == "WHERE"
    if is_node and not (len(rest) > 1 and rest[0].text == ":" and rest[1].kind == "word"):
        shown = inner[0].text if inner and inner[0].kind == "word" else "o"
        raise Forbidden(f"每个节点都要写明类别，例如 ({shown}:Organization)；重复出现的变量也要写")


def _check_relationship(found: list[Token], opening: int) -> None:
    inner = found[opening + 1 : closing_of(found, opening)]
    depth = found[opening].depth + 1
    if not any(t.text == "*" and t.depth == depth for t in inner):
        return
    colons = [at for at, t in enumerate(inner) if t.text == ":" and t.depth == depth]
    if not colons or any(t.text in ONE_HOP_ONLY for t in inner):
        raise Forbidden(
            "变长路径须写明关系类型，且不能包含 ABOUT 与 LINKED_TO，"
            "例如 -[:TRANSFERRED_TO|INVOICED*1..3]-"
        )
