"""JSON Lines: one object a line, its names mapped like headings."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import SourceError
from ingest.formats.table_rows import BadShape, Cells, Counter, Layout, TableReader, blocks
from ingest.formats.text_encoding import encoding_of, recode
from ingest.headings import check_required
from ingest.raw import RawChunk
from records.contract import Dataset

CHUNK_ROWS = 50_000


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "、".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _objects(path: Path) -> Iterator[tuple[int, dict[str, object] | None, str]]:
    with path.open("r", encoding="utf-8") as handle:
        for line, text in enumerate(handle, 1):
            if not text.strip():
                continue
            try:
                parsed = json.loads(text)
            except ValueError:
                parsed = None
            yield line, parsed if isinstance(parsed, dict) else None, text.rstrip("\n")


def read_jsonl(
    path: Path, dataset: Dataset, layout: Layout
) -> Iterator[tuple[RawChunk, list[BadShape]]]:
    """Chunks of the file; a line that is no object is quarantined as ``bad_shape``.

    Raises
    ------
    SourceError
        ``undecodable``, ``no_header`` or ``missing_column``.
    """
    with tempfile.TemporaryDirectory(prefix="jinghuan-") as folder:
        plain = Path(folder) / "text"
        recode(path, plain, encoding_of(path))
        names: dict[str, None] = {}
        for _, parsed, _ in _objects(plain):
            names.update(dict.fromkeys(parsed or ()))
        headings = list(names)
        counter = Counter()
        reader = TableReader(dataset, None, counter, layout)
        if not reader.start([headings]):
            raise SourceError(
                "no_header", f"文件 {path.name}（{dataset.name_zh}）没有可识别的字段名"
            )
        assert reader.headings is not None  # noqa: S101 - start() came first
        check_required(dataset, reader.headings, path.name, headings)
        broken: list[BadShape] = []

        def rows() -> Iterator[tuple[int, Cells]]:
            for line, parsed, text in _objects(plain):
                if parsed is None:
                    broken.append(BadShape(0, None, line, text))
                else:
                    yield line, [_text(parsed.get(name)) for name in headings]

        for block in blocks(rows(), CHUNK_ROWS):
            yield reader.chunk(block)
        numbered = []
        for item in broken:
            counter.row += 1
            numbered.append(BadShape(counter.row, None, item.line, item.raw))
        yield reader.chunk([])[0], numbered
