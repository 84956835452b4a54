"""Chinese words for what the frame says of a kind: attributes, levels, reasons."""

from ingest.resolve.frame import Attribute
from ingest.resolve.kinds.resolving import KINDS

COMMON_ZH = {
    "joined": "逐对比较后归为同一主体",
    "judged": "人工判定为同一主体",
    "same_record": "所述完全一致，是同一条记录",
    "no_evidence": "没有共同线索，或证据远低于门槛",
    "below_threshold": "证据不足，未达到归并门槛",
    "refused_different_codes": "双方的有效标识不同，拒绝归并",
    "refused_judgement": "人工判定为不同主体",
    "refused_ambiguous": "同时符合多个主体，无法确定",
}


def reasons_zh() -> dict[str, str]:
    """Every reason that an explanation of these kinds can give."""
    rules = [rule for kind in KINDS.values() for rule in kind.refusals]
    return COMMON_ZH | {rule.word: rule.label_zh for rule in rules}


def reason_zh(word: str) -> str:
    """Chinese sentence for a reason.

    Raises
    ------
    KeyError
        When no rule of any kind gives that reason.
    """
    return reasons_zh()[word]


def attribute_of(kind: str, name: str) -> Attribute:
    """The declaration of a kind's attribute, with its Chinese words.

    Raises
    ------
    KeyError
        When the kind has no such attribute.
    """
    return {a.name: a for a in KINDS[kind].attributes}[name]
