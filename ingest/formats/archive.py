"""Zip archives: each member is a file of its own, one level, nothing outside the archive."""

import hashlib
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from ingest.errors import SourceError

MAX_MEMBERS, MAX_UNPACKED = 1000, 4 << 30
UTF8_NAMES, ENCRYPTED = 0x800, 0x1
COPY_BYTES = 1 << 20
# What archivers of other systems add of their own accord.
PASSED_OVER = ("__MACOSX/", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive: its name in the archive, its place there, and its SHA-256."""

    name: str
    place: int
    sha256: str


def members(archive: Path, shown: str) -> Iterator[Member]:
    """Members in the order of the archive, each hashed without being unpacked to disk.

    Raises
    ------
    SourceError
        ``too_large``, or ``unsupported_format`` for a damaged or locked archive and for a path
        outside it.
    """
    with _opened(archive, shown) as opened:
        infos = [
            (place, info, _name(info))
            for place, info in enumerate(opened.infolist())
            if not info.is_dir()
        ]
        infos = [item for item in infos if not _is_passed_over(item[2])]
        _check(infos, shown)
        for place, info, name in infos:
            digest = hashlib.sha256()
            with opened.open(info) as source:
                while block := source.read(COPY_BYTES):
                    digest.update(block)
            yield Member(name, place, digest.hexdigest())


def unpack(archive: Path, shown: str, member: Member, target: Path) -> None:
    """Write one member to ``target``.

    Raises
    ------
    SourceError
        When the archive is damaged.
    """
    with _opened(archive, shown) as opened, opened.open(opened.infolist()[member.place]) as source:
        _copy(source, target)


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as out:
        shutil.copyfileobj(source, out, COPY_BYTES)


@contextmanager
def _opened(archive: Path, shown: str) -> Iterator[ZipFile]:
    try:
        with ZipFile(archive) as opened:
            yield opened
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceError(
            "unsupported_format", f"压缩包 {shown} 已损坏或压缩方式不支持（{error}）；请重新打包"
        ) from error


def _name(info: ZipInfo) -> str:
    """Name of a member; without the UTF-8 mark it is UTF-8 all the same, or GB18030."""
    if info.flag_bits & UTF8_NAMES:
        return info.filename
    raw = info.orig_filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_passed_over(name: str) -> bool:
    return name.startswith(PASSED_OVER[0]) or PurePosixPath(name).name in PASSED_OVER[1:]


def _check(infos: list[tuple[int, ZipInfo, str]], shown: str) -> None:
    if len(infos) > MAX_MEMBERS or sum(info.file_size for _, info, _ in infos) > MAX_UNPACKED:
        raise SourceError(
            "too_large",
            f"压缩包 {shown} 超过 {MAX_MEMBERS} 个文件或解压后超过 {MAX_UNPACKED >> 30} GiB；"
            "请分成几个压缩包投递",
        )
    for _, info, name in infos:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise SourceError(
                "unsupported_format", f"压缩包 {shown} 含越出压缩包的路径 {name}；请重新打包"
            )
        if info.flag_bits & ENCRYPTED:
            raise SourceError(
                "unsupported_format", f"压缩包 {shown} 的成员 {name} 已加密；请去掉密码后重新打包"
            )
