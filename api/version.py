"""Version of the installed program."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The version, ``0`` in a source tree that is not installed."""
    try:
        return version("jinghuan")
    except PackageNotFoundError:
        return "0"
