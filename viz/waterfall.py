"""The waterfall of a comparison as numbers that a template draws: bars in bits, one per row.

Each bar starts where the one before ended; the last row is the sum, beside the threshold.
"""

from dataclasses import dataclass

from ingest.resolve.waterfall import Step
from viz.resolution_words import attribute_zh, level_zh, value_zh

WIDTH, MARGIN = 200.0, 4.0
# A drawing of nothing but small numbers would make noise look like evidence.
LEAST_SPAN_BITS = 8.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: words, both values, bits, and the bar from ``x`` of ``width`` in the drawing."""

    title: str
    value_a: str
    value_b: str
    level: str
    bits: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Rows of a drawing ``width`` wide; ``zero`` and ``threshold`` are places in it."""

    width: float
    zero: float
    threshold: float
    threshold_bits: float
    prior: Bar
    bars: tuple[Bar, ...]
    total: Bar


def waterfall(step: Step, threshold_bits: float) -> Waterfall:
    """Bars of a comparison, without attributes that neither side states and that weigh nothing."""
    running = [0.0, step.prior_bits]
    for part in step.parts:
        running.append(running[-1] + part.bits)
    low, high = min(0.0, *running), max(threshold_bits, *running)
    spare = max(0.0, LEAST_SPAN_BITS - (high - low)) / 2
    low, high = low - spare, high + spare
    scale = (WIDTH - 2 * MARGIN) / (high - low)

    def place(bits: float) -> float:
        return round(MARGIN + (bits - low) * scale, 1)

    def bar(title: str, level: str, bits: float, start: float, values: tuple[str, str]) -> Bar:
        left, right = sorted((place(start), place(start + bits)))
        return Bar(title, *values, level, round(bits, 2), left, round(right - left, 1))

    bars = tuple(
        bar(
            attribute_zh(part.attribute),
            level_zh(part.attribute, part.level),
            part.bits,
            start,
            (value_zh(part.attribute, part.value_a), value_zh(part.attribute, part.value_b)),
        )
        for part, start in zip(step.parts, running[1:], strict=False)
        if part.value_a or part.value_b or part.bits
    )
    return Waterfall(
        WIDTH,
        place(0.0),
        place(threshold_bits),
        threshold_bits,
        bar("先验", "", step.prior_bits, 0.0, ("", "")),
        bars,
        bar("合计", "", step.bits, 0.0, ("", "")),
    )
