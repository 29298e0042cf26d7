"""A small picture of how seconds grow with size, both axes logarithmic: a straight line at 45° is linear growth."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 460, 70, 250, 40, 60
_TEXT = 'font-family="sans-serif" font-size="13" fill="#222"'
_COLOURS = ("#0b6e99", "#b3541e", "#2f7d32", "#7a3e9d", "#8a6d00", "#a3123a", "#444444", "#0f7f7f")
_SHOWN = (
    "count everything", "read statistics", "fit", "score every pair, layer 1", "night", "  count_statistics",
    "  predict_due_dates",
)  # fmt: skip


def draw_growth(*, figures: Mapping[int, Mapping[str, float]], shown: Sequence[str] = _SHOWN) -> str:
    """An SVG of seconds (up) by pairs (across), one line a measured part; `figures` by size, then by name."""
    sizes = sorted(figures)
    lines = {name: [max(figures[size][name], 0.01) for size in sizes] for name in shown if name in figures[sizes[0]]}
    low = math.floor(math.log10(min(min(values) for values in lines.values())))
    high = math.ceil(math.log10(max(max(values) for values in lines.values())))

    def across(size: float) -> float:
        part = math.log10(size / sizes[0]) / max(math.log10(sizes[-1] / sizes[0]), 1e-9)
        return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)

    def up(seconds: float) -> float:
        return _HEIGHT - _BOTTOM - (math.log10(seconds) - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_TEXT}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="22">Seconds by pairs, synthetic shop, both axes logarithmic</text>',
    ]
    for power in range(low, high + 1):
        y = up(10**power)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    parts += [
        f'<text x="{across(size):.1f}" y="{_HEIGHT - _BOTTOM + 22}" text-anchor="middle">{size / 1e6:g} M</text>'
        for size in sizes
    ]
    ends = sorted((up(values[-1]), name) for name, values in lines.items())
    labels: dict[str, float] = {}
    for y, name in ends:
        labels[name] = max(y, max(labels.values(), default=-99.0) + 16)
    for colour, (name, values) in zip(_COLOURS, lines.items(), strict=False):
        points = " ".join(f"{across(size):.1f},{up(value):.1f}" for size, value in zip(sizes, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        said = escape(f"{name.strip()}: {values[-1]:.1f} s")
        parts.append(f'<text x="{_WIDTH - _RIGHT + 10}" y="{labels[name] + 4:.1f}" fill="{colour}">{said}</text>')
    return "\n".join([*parts, "</svg>", ""])
