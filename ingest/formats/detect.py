"""What a file is, told from its first bytes; its name is only a hint."""

import re
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile, ZipFile

from ingest.errors import SourceError

Format = Literal["workbook", "archive", "jsonl", "hj212", "delimited"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PACKET = re.compile(rb"##\d{4}.*(MN|CN)=")
# How the stream of an encrypted Office package is named inside an OLE file.
LOCKED = "EncryptedPackage".encode("utf-16-le")
HEAD_BYTES = 1 << 16
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
REFUSED = {
    b"%PDF": "PDF",
    b"Rar!": "RAR 压缩包",
    b"7z\xbc\xaf": "7z 压缩包",
    b"\x1f\x8b": "gzip 压缩包",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"SQLite format 3": "数据库",
}


def detect(path: Path, shown: str = "") -> Format:
    """Format of a file; ``shown`` names it in messages.

    Raises
    ------
    SourceError
        ``empty`` for a file without text, ``unsupported_format`` for what is not read.
    """
    name = shown or path.name
    with path.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    if not head.strip(b"\x00 \t\r\n" + b"".join(MARKS)):
        raise SourceError("empty", f"文件 {name} 是空的；请重新导出")
    if head.startswith(b"PK"):
        return "workbook" if _is_workbook(path, name) else "archive"
    if head.startswith(OLE):
        if LOCKED in head or LOCKED in path.read_bytes():
            raise SourceError(
                "unsupported_format", f"工作簿 {name} 已加密；请去掉打开密码后另存为 .xlsx 再投递"
            )
        return "workbook"
    for mark, kind in REFUSED.items():
        if head.startswith(mark):
            raise SourceError(
                "unsupported_format", f"文件 {name} 是{kind}；请向来源单位索取 xlsx、csv 或 zip"
            )
    for mark in MARKS:
        head = head.removeprefix(mark)
    text = head.replace(b"\x00", b"").lstrip()
    lower = text[:2048].lower()
    if text.startswith(b"<") and (b"<html" in lower or b"<table" in lower or b"<?xml" in lower):
        raise SourceError(
            "unsupported_format",
            f"文件 {name} 是网页（HTML/XML）而不是表格；"
            "请在 Excel 或 WPS 中打开后另存为 .xlsx 再投递",
        )
    if text.startswith(b"{"):
        return "jsonl"
    is_packets = text.startswith(b"##") or any(map(PACKET.search, text.splitlines()[:50]))
    return "hj212" if is_packets else "delimited"


def _is_workbook(path: Path, name: str) -> bool:
    try:
        with ZipFile(path) as archive:
            return any(member.startswith("xl/") for member in archive.namelist())
    except BadZipFile:
        raise SourceError(
            "unsupported_format", f"文件 {name} 是损坏的压缩文件；请重新传输"
        ) from None
