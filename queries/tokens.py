"""Tokens of a Cypher statement: strings, backticks and comments are known, nothing else is guessed.

A character that has no place here is refused. Comments and blanks become one blank, so the store
reads exactly what was looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from queries.errors import Forbidden

TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>//[^\n\r]*|/\*.*?\*/)
    |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |(?P<quoted>`(?:``|[^`])+`)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<parameter>\$\w+)
    |(?P<symbol>\.\.|<>|<=|>=|->|<-|=~|[-+*/%^=<>()\[\]{},.:;|!&])""",
    re.VERBOSE | re.DOTALL,
)
# Stores turn such escapes into characters before they look for quotes and comments.
UNICODE_ESCAPE = re.compile(r"\\u", re.IGNORECASE)
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``kind`` is a group of :data:`TOKEN`, ``depth`` counts the brackets open there.

    ``has_space`` says that blanks or a comment stood before it.
    """

    kind: str
    text: str
    depth: int
    has_space: bool = False

    @property
    def upper(self) -> str:
        """A word in capitals, anything else as it is."""
        return self.text.upper() if self.kind == "word" else self.text

    @property
    def is_operand_end(self) -> bool:
        """Whether an expression or pattern may end here, keywords aside."""
        return self.kind in ("number", "string", "quoted", "parameter") or self.text in CLOSING


def tokens(text: str) -> Iterator[Token]:
    """Tokens of a statement without blanks and comments.

    Raises
    ------
    Forbidden
        For a character that has no place in Cypher, an unfinished string or comment, an escape
        by character number, or brackets that do not close.
    """
    if UNICODE_ESCAPE.search(text):
        raise Forbidden("不允许 \\u 转义；请直接写出字符")
    position, open_brackets, has_space = 0, 0, False
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            raise Forbidden(
                f"第 {position + 1} 个字符 {text[position]!r} 无法识别：引号或注释可能没有结束"
            )
        kind, found = match.lastgroup or "", match.group()
        if kind in ("space", "comment"):
            has_space = True
        else:
            if found in CLOSING:
                open_brackets -= 1
            if open_brackets < 0:
                raise Forbidden(f"第 {position + 1} 个字符处的括号没有对应的左括号")
            yield Token(kind, found, open_brackets, has_space)
            has_space = False
            if found in OPENING:
                open_brackets += 1
        position = match.end()
    if open_brackets:
        raise Forbidden("有括号没有闭合")


def closing_of(found: list[Token], opening: int) -> int:
    """Position of the bracket that closes the one at ``opening``."""
    depth = found[opening].depth
    return next(
        at
        for at in range(opening + 1, len(found))
        if found[at].depth == depth and found[at].text in CLOSING
    )


def joined(found: list[Token]) -> str:
    """The statement again, with one blank where there were blanks or comments."""
    return "".join(f" {token.text}" if token.has_space else token.text for token in found).strip()
