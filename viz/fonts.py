"""A Chinese font for figures: the first on the machine that has Chinese, else the shipped one."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from matplotlib import font_manager

WANTED = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
)


@cache
def chinese_font() -> str:
    """Family name to give to matplotlib; the built font of ``viz/static`` is added when needed.

    Returns
    -------
    str
        A family with Chinese glyphs, or ``DejaVu Sans`` when none is there: then the caller's
        picture has boxes and ``jinghuan doctor`` says what to install.
    """
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    for name in WANTED:
        if name in known:
            return name
    shipped = Path(str(files("viz") / "static" / "fonts" / "NotoSansSC-Regular.ttf"))
    if shipped.exists():
        font_manager.fontManager.addfont(str(shipped))
        return "Noto Sans SC"
    return "DejaVu Sans"
