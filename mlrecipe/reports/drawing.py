"""Turns a matplotlib figure into SVG that lives inside a page.

Text stays text in the page's own font, colours are the page's CSS variables and so follow its
light or dark theme, and the same figure gives the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE, PAPER, ACCENT, MUTED, GOOD, WARN, BAD = (f"#0102{i:02x}" for i in range(9))
"""Colours by their role in the page; each stands for a CSS variable of `base.html`."""

CLASSES = tuple(f"#0103{i:02x}" for i in range(10))
"""Colours of classes, told apart by people with colour-blind eyes too as far as ten can be."""

STEPS = tuple(f"#0104{i:02x}" for i in range(5))
"""Colours of a number from low to high."""

_ROLES = ("ink", "soft", "line", "paper", "accent", "training", "good", "warn", "bad")
_VARIABLES = (
    {f"#0102{i:02x}": f"var(--{role})" for i, role in enumerate(_ROLES)}
    | {colour: f"var(--class-{i})" for i, colour in enumerate(CLASSES)}
    | {colour: f"var(--step-{i})" for i, colour in enumerate(STEPS)}
)

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mlrecipe",
    "text.parse_math": False,  # a column named $x_1$ is no formula
    "axes.formatter.use_mathtext": False,
    "axes.unicode_minus": True,
    "path.simplify": False,
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "legend.fontsize": 10.5,
    "xtick.labelsize": 10.0,
    "ytick.labelsize": 10.0,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "legend.frameon": False,
    "figure.facecolor": "none",
}

POINTS = 72.0


@contextlib.contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """Give an empty figure of that many CSS pixels; draw on it, and take its `svg` inside."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # The first figure of an installation builds a list of fonts, and says so.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with warnings.catch_warnings(), matplotlib.rc_context(_SETTINGS):
        # Letters that matplotlib's own font lacks are drawn by the reader's browser.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=(width / POINTS, height / POINTS), dpi=POINTS)
        FigureCanvasSVG(figure)
        yield figure


def svg(figure: Figure, title: str, style: str = "figure", description: str = "") -> Markup:
    """Return the figure as an SVG element with a title for those who cannot see it."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = _slim(file.getvalue())
    width, height = (figure.get_size_inches() * POINTS).round()
    told = Markup("<title>{}</title>").format(clean(title))
    if description:
        told += Markup("<desc>{}</desc>").format(clean(description))
    head = Markup(
        '<svg class="{}" width="{:.0f}" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}'
    )
    body = Markup(text)  # matplotlib escapes what it writes
    return head.format(style, width, width, height, clean(title), told) + body + Markup("</svg>")


def clean(text: object, longest: int = 200) -> str:
    """Return a label without control characters, and not longer than a line may be."""
    words = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+", " ", str(text)).strip()
    return words if len(words) <= longest else words[: longest - 1] + "…"


def plain(axes: Axes, *, grid: str = "") -> None:
    """Take the frame away; keep faint lines along ``grid``, the axis x or y."""
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(axis=grid)  # type: ignore[arg-type]


def short(value: float) -> str:
    """Return a number as an axis shows it: 1.5M, 20k, 0.012."""
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            unit = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3}[letter]
            return f"{value / unit:.3g}{letter}"
    return f"{value:.4g}"


_PROLOG = re.compile(r"^.*?<svg[^>]*>", re.DOTALL)
_UNUSED = re.compile(
    r"<metadata>.*?</metadata>|<style.*?</style>|<clipPath.*?</clipPath>|<defs>\s*</defs>",
    re.DOTALL,
)
_INVISIBLE = re.compile(r'<path d="[^"]*" style="fill: none"/>')
_TAG = re.compile(r"<[^>]+>")
_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_FONT = re.compile(r"font: (?:[a-z]+ )?(?:\d{3} )?([\d.]+px)[^;\"]*|font-family: [^;\"]*;? ?")
_NOTHING = re.compile(r' clip-path="[^"]*"| transform="rotate\(-?0 [^"]*"')
_ID = re.compile(r' id="([^"]+)"')
_USED = re.compile(r'href="#([^"]+)"')
_COLOUR = re.compile(r"#010[234][0-9a-f]{2}")


def _slim(text: str) -> str:
    """Return what is inside matplotlib's SVG element, for a page that holds many of them.

    Only tags are rewritten: a label that looks like an attribute or a colour stays as it is.
    """
    text = _PROLOG.sub("", text, count=1).rsplit("</svg>", 1)[0]
    text = _TAG.sub(lambda tag: _slim_tag(tag.group()), _UNUSED.sub("", text))
    used = {name for tag in _TAG.findall(text) for name in _USED.findall(tag)}
    own = hashlib.sha256(text.encode()).hexdigest()[:8]
    text = _TAG.sub(lambda tag: _own_ids(tag.group(), used, own), text)
    return re.sub(r">\s+<", "><", _INVISIBLE.sub("", _UNUSED.sub("", text))).strip()


def _slim_tag(tag: str) -> str:
    tag = _NOTHING.sub("", " ".join(tag.split()).replace("xlink:href", "href"))
    tag = _FONT.sub(lambda font: f"font-size: {font[1]}" if font[1] else "", tag)
    tag = _NUMBER.sub(lambda number: f"{float(number.group()):.1f}".removesuffix(".0"), tag)
    return _COLOUR.sub(lambda colour: _VARIABLES[colour.group()], tag)


def _own_ids(tag: str, used: set[str], own: str) -> str:
    """Drop the ids that nothing refers to; make the others differ from those of other figures."""
    tag = _ID.sub(lambda i: f' id="f{own}-{i[1]}"' if i[1] in used else "", tag)
    return _USED.sub(rf'href="#f{own}-\1"', tag)
