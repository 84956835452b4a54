"""What a file is, told from its first bytes; its name is only a hint."""

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from ingest.errors import SourceError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEAD_BYTES = 4096


def detect(path: Path) -> str:
    """One of ``workbook``, ``archive``, ``jsonl``, ``hj212``, ``delimited``.

    Raises
    ------
    SourceError
        ``empty`` for a file without bytes, ``unsupported_format`` for what is not read.
    """
    with path.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    if not head.strip():
        raise SourceError("empty", f"文件 {path.name} 是空的；请重新导出")
    if head.startswith(b"PK"):
        return "workbook" if _is_workbook(path) else "archive"
    if head.startswith(OLE):
        return "workbook"
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if (
        text[:1] == b"<"
        and b"<" in text[:200]
        and (b"html" in head.lower() or b"<table" in head.lower())
    ):
        raise SourceError(
            "unsupported_format",
            f"文件 {path.name} 是网页（HTML）而不是表格；请在 Excel 中打开后另存为 .xlsx 再投递",
        )
    if text.startswith(b"%PDF"):
        raise SourceError(
            "unsupported_format", f"文件 {path.name} 是 PDF；请向来源单位索取 xlsx 或 csv"
        )
    if text.startswith(b"{"):
        return "jsonl"
    if b"##" in head and b"CP=&&" in head:
        return "hj212"
    return "delimited"


def _is_workbook(path: Path) -> bool:
    try:
        with ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except BadZipFile:
        raise SourceError(
            "unsupported_format", f"文件 {path.name} 是损坏的压缩文件；请重新传输"
        ) from None
