"""Texts that must be well formed: WKT geometries and JSON."""

import json
import re

from ingest.values.parsed import Parsed

NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
POSITION = rf"\s*{NUMBER}\s+{NUMBER}(?:\s+{NUMBER})?\s*"
SEQUENCE = rf"\s*\({POSITION}(?:,{POSITION})*\)\s*"
RINGS = rf"\s*\({SEQUENCE}(?:,{SEQUENCE})*\)\s*"
WKT = re.compile(
    rf"\s*(?:POINT\s*Z?\s*\({POSITION}\)|(?:LINESTRING|MULTIPOINT)\s*Z?\s*{SEQUENCE}"
    rf"|(?:POLYGON|MULTILINESTRING)\s*Z?\s*{RINGS}"
    rf"|MULTIPOLYGON\s*Z?\s*\({RINGS}(?:,{RINGS})*\))\s*",
    re.IGNORECASE,
)


def parse_wkt(text: str) -> Parsed:
    """A point, line or polygon in well-known text, kept as written."""
    return Parsed(text) if WKT.fullmatch(text) else Parsed(None, "bad_geometry")


def parse_json(text: str) -> Parsed:
    """A JSON text, kept as written."""
    try:
        json.loads(text)
    except ValueError:
        return Parsed(None, "bad_json")
    return Parsed(text)
