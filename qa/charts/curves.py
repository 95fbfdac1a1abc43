"""Plots of one share against another, both from 0 to 100%. See charts.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from config import formats
from copilot.confidence.weights import Bin
from qa.charts.charts import BOTTOM, JOIN, LEFT, LINE, TOP, axis, joined, n, svg

HEIGHT = 260.0
UNDER = 16.0  # for the name of the axis
EDGE = 16.0  # half the width of "100%"
LETTER = 5.6  # mean width
DOTS = (3.5, 9.0)  # radius of the smallest and of the largest
DRAFTS = gettext_lazy("%(label)s: %(said)s said, %(right)s right, %(count)d drafts")


@dataclass(frozen=True)
class Mark:
    """The point in use, with what it means in two short lines."""

    x: float
    y: float
    lines: tuple[str, str]


@dataclass(frozen=True)
class Series:
    """Dots of one kind. `name` is their CSS class, `words` say what one stands for. `counted`: with the number."""

    name: str
    label: str
    bins: Sequence[Bin]
    words: str | Promise = DRAFTS
    counted: bool = False


@dataclass(frozen=True)
class Axes:
    """What the shares are of: from left to right, and upwards."""

    across: str
    up: str


@dataclass(frozen=True)
class Frame:
    """Where a share is on the plot."""

    width: float

    @property
    def right(self) -> float:
        return self.width - EDGE

    @property
    def base(self) -> float:
        return HEIGHT - UNDER - BOTTOM

    def x(self, share: float) -> float:
        return LEFT + (self.right - LEFT) * share

    def y(self, share: float) -> float:
        return self.base - (self.base - TOP) * share


def tradeoff(
    name: str,
    width: float,
    points: Sequence[tuple[float, float]],
    mark: Mark | None,
    axes: Axes,
    title: str,
    desc: str,
) -> SafeString:
    """A line through all thresholds, with the one in use."""
    frame = Frame(width)
    path = "".join(f"{'L' if at else 'M'}{n(frame.x(x))} {n(frame.y(y))}" for at, (x, y) in enumerate(points))
    drawn = format_html('<g class="line"><path d="{}"/></g>', path)
    return svg(name, width, HEIGHT, title, desc, joined(_frame(frame, axes), drawn, _mark(frame, mark)))


def _mark(frame: Frame, mark: Mark | None) -> SafeString:
    """Its words stand below it at the right, where no curve that is better than chance passes."""
    if mark is None:
        return SafeString("")
    x, y = frame.x(mark.x), frame.y(mark.y)
    low = min(y + LINE, frame.base - LINE - 4)
    first, second = mark.lines
    left = min(x + 10, frame.width + EDGE / 2 - LETTER * max(len(first), len(second)))
    return format_html(
        '<circle class="in-use" cx="{}" cy="{}" r="5"/><text class="count" x="{}" y="{}">{}</text>'
        '<text x="{}" y="{}">{}</text>',
        n(x), n(y), n(left), n(low), first, n(left), n(low + LINE), second,
    )  # fmt: skip


def reliability(name: str, width: float, series: Sequence[Series], axes: Axes, title: str, desc: str) -> SafeString:
    """What was said against what was so. On the dashed line both are the same."""
    frame = Frame(width)
    diagonal = format_html(
        '<line class="target" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        n(frame.x(0)), n(frame.y(0)), n(frame.x(1)), n(frame.y(1)),
    )  # fmt: skip
    dots = [_dots(frame, one) for one in series]
    return svg(name, width, HEIGHT, title, desc, joined(_frame(frame, axes), diagonal, *dots, _legend(series)))


def _dots(frame: Frame, series: Series) -> SafeString:
    """The area of a dot grows with its share of what is counted. Its number stands where no other dot is: below it at
    the right, where dots are high, above it at the left."""
    small, large = DOTS
    most = max((each.count for each in series.bins), default=1)
    rows, counts = [], []
    for each in series.bins:
        radius = max(small, large * (each.count / most) ** 0.5)
        words = str(series.words) % {
            "label": series.label,
            "said": formats.percent(each.said),
            "right": formats.percent(each.right),
            "count": each.count,
        }
        x, y = n(frame.x(each.said)), frame.y(each.right)
        rows.append((series.name, x, n(y), n(radius), words))
        counts.append((x, n(y + radius + 12 if each.right > 0.5 else y - radius - 4), each.count))
    return joined(
        JOIN("", '<circle class="dot dot-{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>', rows),
        JOIN("", '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>', counts if series.counted else []),
    )


def _legend(series: Sequence[Series]) -> SafeString:
    rows = [(one.name, n(LEFT + 14), n(TOP + 14 + LINE * at), n(LEFT + 24), one.label) for at, one in enumerate(series)]
    return JOIN(
        "",
        '<circle class="dot dot-{}" cx="{}" cy="{}" r="4"/><text x="{}" y="{}" dy="4">{}</text>',
        [(name, x, y, at, y, label) for name, x, y, at, label in rows],
    )


def _frame(frame: Frame, axes: Axes) -> SafeString:
    ends = (0.0, 0.5, 1.0)
    names = [(n(frame.x(each)), n(frame.base + 14), formats.percent(each)) for each in ends]
    titles = ((frame.right, HEIGHT - 2, "end", f"{axes.across} →"), (LEFT, TOP - 5, "start", f"↑ {axes.up}"))
    return joined(
        axis(frame.right, HEIGHT - UNDER, 1.0, [(each, formats.percent(each)) for each in ends]),
        JOIN("", '<text class="tick" x="{}" y="{}" text-anchor="middle" aria-hidden="true">{}</text>', names),
        JOIN(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>',
            [(n(x), n(y), anchor, said) for x, y, anchor, said in titles],
        ),
    )
