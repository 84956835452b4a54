"""Encoding of a text file, and the file again in UTF-8, in blocks."""

import codecs
from pathlib import Path

from ingest.errors import SourceError

BLOCK = 4 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _reads_as(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as handle:
            while block := handle.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def encoding_of(path: Path) -> str:
    """By mark, else strict UTF-8 of the whole file, else strict GB18030.

    Raises
    ------
    SourceError
        ``undecodable`` when it is none of these.
    """
    with path.open("rb") as handle:
        head = handle.read(4)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    for name in ("utf-8", "gb18030"):
        if _reads_as(path, name):
            return name
    raise SourceError(
        "undecodable",
        f"文件 {path.name} 既不是 UTF-8 也不是 GB18030 编码；请用其中一种重新导出",
    )


def recode(path: Path, target: Path, encoding: str) -> None:
    """Write the file in UTF-8 without mark to ``target``; memory does not grow with the file."""
    with path.open("r", encoding=encoding, newline="", errors="strict") as source:
        with target.open("w", encoding="utf-8", newline="") as out:
            while block := source.read(BLOCK):
                out.write(block)
