"""Charts as SVG: bars with their spread, or lines over x, on a light ground that reads in dark pages too."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from performance.report import Chart

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 720, 320, 64, 56, 44, 16
_COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1")
_STEPS = 4


def svg(chart: Chart) -> str:
    """The picture's source."""
    top = _nice(max(high for series in chart.series for *_, high in series.points))
    body = [*_ground(chart, top), *_legend(chart), *(_bars(chart, top) if chart.labels else _lines(chart, top))]
    style = "font-family:sans-serif;font-size:12px;fill:#1a202c"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" style="{style}">'
    return "\n".join((head, f"<title>{escape(chart.title)}</title>", *body, "</svg>")) + "\n"


def _nice(value: float) -> float:
    """A round number not below it."""
    size = 10 ** math.floor(math.log10(value)) if value > 0 else 1
    return next(step * size for step in (1, 2, 4, 5, 8, 10) if step * size >= value)


def _y(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * value / top


def _ground(chart: Chart, top: float) -> Iterator[str]:
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="#f7fafc"/>'
    yield f'<text x="{_LEFT}" y="20" font-weight="bold">{escape(chart.title)}</text>'
    yield f'<text x="{_LEFT - 8}" y="{_TOP - 10}" text-anchor="end">{escape(chart.unit)}</text>'
    for step in range(_STEPS + 1):
        value = top * step / _STEPS
        y = _y(value, top)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#cbd5e0"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    yield f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">{escape(chart.x_unit)}</text>'


def _legend(chart: Chart) -> Iterator[str]:
    for number, series in enumerate(chart.series):
        x = _LEFT + number * 170
        yield f'<rect x="{x}" y="30" width="10" height="10" fill="{_COLOURS[number % len(_COLOURS)]}"/>'
        yield f'<text x="{x + 15}" y="39">{escape(series.name)}</text>'


def _bars(chart: Chart, top: float) -> Iterator[str]:
    room = (_WIDTH - _LEFT - _RIGHT) / len(chart.labels)
    width = min(48.0, room * 0.8 / len(chart.series))
    for place, label in enumerate(chart.labels):
        middle = _LEFT + room * (place + 0.5)
        yield f'<text x="{middle:.1f}" y="{_HEIGHT - 24}" text-anchor="middle">{escape(label)}</text>'
        for number, series in enumerate(chart.series):
            _, value, low, high = series.points[place]
            x, y = middle + width * (number - len(chart.series) / 2), _y(value, top)
            colour = _COLOURS[number % len(_COLOURS)]
            height = _HEIGHT - _BOTTOM - y
            yield f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{height:.1f}" fill="{colour}"/>'
            yield _whisker(x + width / 2, low, high, top)
            yield f'<text x="{x + width / 2:.1f}" y="{_y(high, top) - 4:.1f}" text-anchor="middle">{value:.3g}</text>'


def _lines(chart: Chart, top: float) -> Iterator[str]:
    far = _nice(max(x for series in chart.series for x, *_ in series.points))
    scale = (_WIDTH - _LEFT - _RIGHT) / far
    for step in range(_STEPS + 1):
        x = _LEFT + scale * far * step / _STEPS
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 26}" text-anchor="middle">{far * step / _STEPS:g}</text>'
    for number, series in enumerate(chart.series):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{_LEFT + scale * x:.1f},{_y(value, top):.1f}" for x, value, _, _ in series.points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, value, low, high in series.points:
            yield f'<circle cx="{_LEFT + scale * x:.1f}" cy="{_y(value, top):.1f}" r="3" fill="{colour}"/>'
            yield _whisker(_LEFT + scale * x, low, high, top)


def _whisker(x: float, low: float, high: float, top: float) -> str:
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(low, top):.1f}" y2="{_y(high, top):.1f}" stroke="#1a202c"/>'
