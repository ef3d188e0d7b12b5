"""Figures as inline SVG: no script, no font, no request; colours follow the page's theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 14, 40


@dataclass(frozen=True)
class Line:
    """A curve of a figure.

    Attributes:
        name: shown in the legend.
        values: one value an epoch, from epoch 1 on.
        style: class of the line: ``training`` or ``validation``.
    """

    name: str
    values: Sequence[float]
    style: str


def histogram(counts: Sequence[int], edges: Sequence[float], title: str) -> Markup:
    """Return a small histogram."""
    width, height = 180, 44
    most = max(max(counts), 1)
    step = width / len(counts)
    bars = [
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            i * step, height - height * c / most, max(step - 1, 0.5), height * c / most
        )
        for i, c in enumerate(counts)
    ]
    return _svg(title, width, height, bars, "spark")


def shares(rows: Sequence[tuple[str, int]], total: int, title: str) -> Markup:
    """Return horizontal bars of the most frequent values."""
    width, line = 180, 16
    most = max([count for _, count in rows] + [1])
    parts = []
    for i, (label, count) in enumerate(rows):
        text = label if len(label) <= 16 else label[:15] + "…"
        parts.append(
            Markup(
                '<rect x="0" y="{y}" width="{w:.1f}" height="12"/>'
                '<text x="4" y="{t}">{label}</text><text x="{x}" y="{t}" class="end">{share}</text>'
            ).format(
                y=i * line + 2,
                w=width * count / most,
                t=i * line + 12,
                label=text,
                x=width,
                share=f"{count / max(total, 1):.0%}",
            )
        )
    return _svg(title, width, max(line * len(rows), line), parts, "bars")


def curves(lines: Sequence[Line], title: str, mark: float | None = None) -> Markup:
    """Return learning curves over epochs; ``mark`` draws a vertical line at an epoch."""
    values = [v for line in lines for v in line.values if v == v]
    epochs = max(len(line.values) for line in lines)
    low, high = min(values), sorted(values)[int(0.99 * (len(values) - 1))]
    x, y = _Scale(1, max(epochs, 2), LEFT, WIDTH - RIGHT), _Scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = _axes(low, high, y, "loss")
    for tick in _ticks(1, epochs):
        parts.append(_text(x(tick), HEIGHT - BOTTOM + 16, f"{tick:.0f}", "middle"))
    parts.append(_text((LEFT + WIDTH) / 2, HEIGHT - 6, "epoch", "middle"))
    if mark is not None:
        parts.append(
            Markup('<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>').format(
                x(mark), TOP, HEIGHT - BOTTOM
            )
        )
    for line in lines:
        points = " ".join(
            f"{x(i):.1f},{y(min(v, high)):.1f}" for i, v in enumerate(line.values, 1) if v == v
        )
        parts.append(Markup('<polyline class="{}" points="{}"/>').format(line.style, points))
    names = dict.fromkeys((line.name, line.style) for line in lines)
    for i, (name, style) in enumerate(names):
        at = WIDTH - RIGHT - 120
        parts.append(
            Markup('<line class="{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>').format(
                style, at, at + 22, TOP + 8 + 18 * i
            )
        )
        parts.append(_text(at + 28, TOP + 12 + 18 * i, name, "start"))
    return _svg(title, WIDTH, HEIGHT, parts, "figure")


def intervals(
    rows: Sequence[tuple[str, float, float, float, str]], axis: str, title: str
) -> Markup:
    """Return points with their intervals, one below the other.

    Args:
        rows: name, value, low, high, and the class of the mark (``baseline``, ``model``, ``test``).
        axis: what is measured.
    """
    line, left = 26, 150
    height = TOP + line * len(rows) + BOTTOM
    low, high = min(r[2] for r in rows), max(r[3] for r in rows)
    margin = (high - low or 1) * 0.05
    x = _Scale(low - margin, high + margin, left, WIDTH - RIGHT - 30)
    parts = []
    for tick in _ticks(low, high):
        parts.append(
            Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>').format(
                x(tick), TOP, height - BOTTOM
            )
        )
        parts.append(_text(x(tick), height - BOTTOM + 16, f"{tick:.4g}", "middle"))
    parts.append(_text((left + WIDTH) / 2, height - 6, axis, "middle"))
    for i, (name, value, lower, upper, style) in enumerate(rows):
        at = TOP + line * i + line / 2
        parts.append(_text(left - 10, at + 4, name, "end"))
        parts.append(
            Markup(
                '<line class="{0}" x1="{1:.1f}" x2="{2:.1f}" y1="{3}" y2="{3}"/>'
                '<circle class="{0}" cx="{4:.1f}" cy="{3}" r="4.5"/>'
            ).format(style, x(lower), x(upper), at, x(value))
        )
    return _svg(title, WIDTH, height, parts, "figure")


def scatter(truth: Sequence[float], answers: Sequence[float], name: str, title: str) -> Markup:
    """Return answers against the truth, with the line on which they agree."""
    low, high = min(*truth, *answers), max(*truth, *answers)
    x, y = _Scale(low, high, LEFT, WIDTH - RIGHT), _Scale(low, high, HEIGHT - BOTTOM, TOP)
    parts = _axes(low, high, y, "answer")
    for tick in _ticks(low, high):
        parts.append(_text(x(tick), HEIGHT - BOTTOM + 16, f"{tick:.4g}", "middle"))
    parts.append(_text((LEFT + WIDTH) / 2, HEIGHT - 6, f"true {name}", "middle"))
    parts.append(
        Markup('<line class="mark" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
            x(low), y(low), x(high), y(high)
        )
    )
    for t, a in list(zip(truth, answers, strict=True))[:500]:
        parts.append(
            Markup('<circle class="point" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(x(t), y(a))
        )
    return _svg(title, WIDTH, HEIGHT, parts, "figure")


class _Scale:
    """Maps values to pixels."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.start = low, start
        self.factor = (end - start) / ((high - low) or 1)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * self.factor


def _axes(low: float, high: float, y: _Scale, name: str) -> list[Markup]:
    parts = [
        Markup(
            '<text transform="translate(14 {}) rotate(-90)" text-anchor="middle">{}</text>'
        ).format((HEIGHT - BOTTOM + TOP) / 2, name)
    ]
    for tick in _ticks(low, high):
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                LEFT, WIDTH - RIGHT, y(tick), y(tick)
            )
        )
        parts.append(_text(LEFT - 8, y(tick) + 4, f"{tick:.4g}", "end"))
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers between the ends."""
    span = (high - low) or 1.0
    power = 10.0 ** int(f"{span / 5:e}".partition("e")[2])
    step = next(m * power for m in (1, 2, 5, 10, 20) if span / (m * power) <= 6)
    first = -(-low // step)
    count = int((high - first * step) // step) + 1
    return [round((first + i) * step, 10) for i in range(max(count, 0))]


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, text
    )


def _svg(title: str, width: float, height: float, parts: Sequence[Markup], style: str) -> Markup:
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(style, width, height, escape(title), escape(title), Markup("").join(parts))
