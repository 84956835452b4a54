"""A folder that readers see whole: the old one or the new one."""

import ctypes
import os
import shutil
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; false where the system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return bool(rename(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0)


def staging_of(target: Path) -> Path:
    """An empty folder beside ``target`` to build its next content in; debris is removed."""
    retired = target.with_name(f".{target.name}.old")
    if not target.exists() and retired.exists():
        retired.rename(target)
    staging = target.with_name(f".{target.name}.new")
    for path in (staging, retired):
        shutil.rmtree(path, ignore_errors=True)
    staging.mkdir(parents=True)
    return staging


def put_in_place(staging: Path, target: Path) -> None:
    """Make ``staging`` the content of ``target``; the former content is removed."""
    retired = target.with_name(f".{target.name}.old")
    if target.exists():
        if _exchange(staging, target):
            shutil.rmtree(staging)
            return
        target.rename(retired)
    staging.rename(target)
    shutil.rmtree(retired, ignore_errors=True)
