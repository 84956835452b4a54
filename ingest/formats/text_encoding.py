"""Text files as blocks of UTF-8, whatever their encoding; memory does not grow with the file."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import SourceError

BLOCK = 8 << 20
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _undecodable(path: Path, shown: str) -> SourceError:
    return SourceError(
        "undecodable",
        f"文件 {shown or path.name} 既不是 UTF-8 也不是 GB18030 编码；请用其中一种重新导出",
    )


def encoding_of(path: Path) -> tuple[str, int]:
    """Encoding by mark, else strict UTF-8 of the whole file, else GB18030; and the mark's length.

    That the file is GB18030 throughout shows only while it is read.
    """
    with path.open("rb") as handle:
        head = handle.read(4)
        for mark, name in MARKS:
            if head.startswith(mark):
                return name, len(mark)
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        handle.seek(0)
        try:
            while block := handle.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030", 0
    return "utf-8", 0


def utf8_blocks(path: Path, shown: str = "") -> Iterator[tuple[bytes, bool]]:
    """Blocks of the text in UTF-8 and whether each is the last one; at least one block.

    Line breaks become line feeds when the file has carriage returns only.

    Raises
    ------
    SourceError
        ``undecodable``, possibly after some blocks.
    """
    encoding, skipped = encoding_of(path)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as handle:
        handle.seek(skipped)
        block = handle.read(BLOCK)
        lone_returns = None
        while True:
            following = handle.read(BLOCK)
            try:
                text = decoder.decode(block, final=not following)
            except UnicodeDecodeError as error:
                raise _undecodable(path, shown) from error
            data = text.encode("utf-8")
            if lone_returns is None:
                lone_returns = b"\n" not in data
            yield data.replace(b"\r", b"\n") if lone_returns else data, not following
            if not following:
                return
            block = following
