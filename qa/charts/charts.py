"""Plots as SVG, drawn on the server. Positions are attributes, colours are classes in static/css/lead/plots.css.

The functions take values and return markup; figures are computed elsewhere. Each plot is drawn in every width of
WIDTHS and the style sheet shows the one that fits, so that text is never scaled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config import formats

WIDTHS = {"wide": 1054, "large": 958, "middle": 660, "narrow": 318}
LEFT, TOP, BOTTOM = 34.0, 12.0, 22.0
LINE = 15.0  # smallest distance between two labels
JOIN = format_html_join


@dataclass(frozen=True)
class Part:
    """One layer of a stack. `name` is its CSS class, `short` the label for narrow plots."""

    name: str
    label: str | Promise
    short: str | Promise


@dataclass(frozen=True)
class Column:
    """One day or week: its label, and for each layer the count and the address that lists its rows."""

    label: str
    values: Sequence[int]
    links: Sequence[str]


@dataclass(frozen=True)
class Line:
    """One value per column, or None. `name` is its CSS class, `label` is written where the line ends."""

    name: str
    label: str
    values: Sequence[float | None]


def joined(*parts: SafeString) -> SafeString:
    return JOIN("", "{}", ((part,) for part in parts))


def n(value: float) -> str:
    """A coordinate as SVG text, with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def axis_end(most: float) -> float:
    """The round number where an axis for values up to `most` ends: 2, 4, …, 10, 12, 16, 20, … Its half is whole."""
    for end in (2, 4, 6, 8, 10):
        if end >= most:
            return float(end)
    step = 10.0
    while True:
        for factor in (1.2, 1.6, 2, 3, 4, 6, 8, 10):
            if factor * step >= most:
                return round(factor * step)
        step *= 10


def spread(wanted: Sequence[float], low: float, high: float, gap: float = LINE) -> list[float]:
    """Label positions close to the wanted ones: in order, `gap` apart and, if there is room, from `low` to `high`."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + gap) if placed else max(y, low))
    limit = high
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - gap
    return placed


def ticks(columns: int, width: float) -> list[int]:
    """The columns that get a label: the last one, and as many before it as there is room for."""
    every = max(1, -(-columns * 52 // int(width)))
    return sorted(range(columns - 1, -1, -every))


def svg(name: str, width: float, height: float, title: str, desc: str, body: SafeString) -> SafeString:
    """The SVG element with title and description. `name` must be unique on the page: ids are made from it."""
    return format_html(
        '<svg class="chart chart-{}" role="group" aria-labelledby="{}-title {}-desc" viewBox="0 0 {} {}" width="{}" '
        'height="{}"><title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
        name.rsplit("-", 1)[-1], name, name, n(width), n(height), n(width), n(height), name, title, name, desc, body,
    )  # fmt: skip


def axis(right: float, height: float, top: float, words: Sequence[tuple[float, str]]) -> SafeString:
    """The horizontal lines and, left of each, its value."""
    low, high = height - BOTTOM, TOP
    rows = [(n(low - (low - high) * value / top), word) for value, word in words]
    return JOIN(
        "",
        '<line class="rule" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}" dy="4" text-anchor="end"'
        ' aria-hidden="true">{}</text>',
        [(n(LEFT), n(right), y, y, n(LEFT - 6), y, word) for y, word in rows],
    )


def column_names(labels: Sequence[str], left: float, slot: float, height: float) -> SafeString:
    named = ticks(len(labels), slot * len(labels))
    return JOIN(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="middle" aria-hidden="true">{}</text>',
        [(n(left + slot * (place + 0.5)), n(height - 5), labels[place]) for place in named],
    )


def stacks(
    name: str,
    width: float,
    parts: Sequence[Part],
    columns: Sequence[Column],
    total: Column,
    desc: str,
    title: str,
) -> SafeString:
    """Stacked columns over time. A bar at the right shows the whole period; its parts have the labels."""
    height = 236.0
    labels = 216.0 if width > 400 else 140.0
    right = width - labels
    slot = (right - LEFT) / max(1, len(columns))
    top = axis_end(max([sum(column.values) for column in columns], default=0))
    scale = (height - BOTTOM - TOP) / top
    gap = min(slot * 0.25, 4.0)
    wide = min(slot - gap, 44.0)
    drawn = [
        _stack(column, parts, LEFT + slot * place + (slot - wide) / 2, wide, height - BOTTOM, scale)
        for place, column in enumerate(columns)
    ]
    return svg(
        name,
        width,
        height,
        title,
        desc,
        joined(
            axis(right, height, top, [(0, "0"), (top / 2, f"{top / 2:.0f}"), (top, f"{top:.0f}")]),
            *drawn,
            column_names([column.label for column in columns], LEFT, slot, height),
            _total_bar(total, parts, right + 14, height, short=width < 400),
        ),
    )


def _stack(column: Column, parts: Sequence[Part], x: float, wide: float, base: float, scale: float) -> SafeString:
    drawn = []
    for part, value, link in zip(parts, column.values, column.links, strict=True):
        if value:
            base -= value * scale
            words = _stack_words(column, part, value)
            drawn.append((link, words, part.name, n(x), n(base), n(wide), n(value * scale), words))
    return JOIN(
        "",
        '<a href="{}" tabindex="-1" aria-label="{}"><rect class="part part-{}" x="{}" y="{}" width="{}" height="{}">'
        "<title>{}</title></rect></a>",
        drawn,
    )


def _stack_words(column: Column, part: Part, value: int) -> str:
    return _("%(when)s – %(label)s: %(count)d") % {"when": column.label, "label": part.label, "count": value}


def _total_bar(total: Column, parts: Sequence[Part], x: float, height: float, short: bool) -> SafeString:
    """The whole period as one bar, as high as the plot, with a label for each part."""
    low, high, shown = height - BOTTOM, TOP, sum(total.values)
    if not shown:
        return SafeString("")
    y, bars, middles = low, [], []
    for part, value, link in zip(parts, total.values, total.links, strict=True):
        if value:
            tall = (low - high) * value / shown
            y -= tall
            bars.append((part.name, n(x), n(y), n(tall)))
            words = f"{part.short if short else part.label} {value}"
            middles.append((y + tall / 2, link, words, f" {formats.percent(value / shown)}"))
    middles.reverse()
    places = spread([found[0] for found in middles], high + 4, low - 2)
    return format_html(
        '{}<g class="labels">{}</g>',
        JOIN("", '<rect class="part part-{}" x="{}" y="{}" width="12" height="{}"/>', bars),
        JOIN(
            "",
            '<path class="leader" d="M{} {}L{} {}"/><a href="{}"><text x="{}" y="{}" dy="4">{}<tspan class="soft">{}'
            "</tspan></text></a>",
            [
                (n(x + 13), n(was), n(x + 20), n(place), link, n(x + 23), n(place), words, share)
                for place, (was, link, words, share) in zip(places, middles, strict=True)
            ],
        ),
    )


def axis_limit(values: Sequence[float], target: float) -> float:
    """The highest value that the axis must reach. An outlier may lie above it, so that it does not flatten the rest."""
    most = max(values, default=0.0)
    usual = median(values) if values else 0.0
    return max(most, target * 1.2) if most <= 5 * usual else max(3 * usual, target * 1.2)


def lines(
    name: str, width: float, labels: Sequence[str], found: Sequence[Line], target: float, title: str, desc: str
) -> SafeString:
    """Lines from zero with a target line. A value above the axis is written beside an arrow. Unit: seconds."""
    height = 176.0
    right = width - (176.0 if width > 400 else 116.0)
    slot = (right - LEFT) / max(1, len(labels))
    top = axis_end(axis_limit([value for line in found for value in line.values if value is not None], target))
    base = height - BOTTOM
    scale = (base - TOP) / top
    goal = _("target %(seconds)s") % {"seconds": _seconds(target)}
    body = joined(
        axis(right, height, top, [(0, _seconds(0)), (top / 2, f"{top / 2:.0f}"), (top, f"{top:.0f}")]),
        format_html(
            '<line class="target" x1="{}" x2="{}" y1="{}" y2="{}"/>', n(LEFT), n(right), *2 * [n(base - target * scale)]
        ),
        *[_line(line, slot, base, scale, top) for line in found],
        column_names(labels, LEFT, slot, height),
        _ends([*found, Line("target", goal, [target])], right + 8, base, scale, top),
    )
    return svg(name, width, height, title, desc, body)


def _seconds(number: float) -> str:
    return _("%(number)s s") % {"number": f"{number:.0f}"}


def _ends(found: Sequence[Line], x: float, base: float, scale: float, top: float) -> SafeString:
    """The label of each line, at its last value."""
    last = [next((value for value in reversed(line.values) if value is not None), None) for line in found]
    wanted = [(base - min(end, top) * scale, line) for end, line in zip(last, found, strict=True) if end is not None]
    wanted.sort(key=lambda item: item[0])
    places = spread([y for y, _ in wanted], TOP, base)
    return JOIN(
        "",
        '<text class="end end-{}" x="{}" y="{}" dy="4">{}</text>',
        [(line.name, n(x), n(y), line.label) for y, (_, line) in zip(places, wanted, strict=True)],
    )


def _line(line: Line, slot: float, base: float, scale: float, top: float) -> SafeString:
    points = [
        (LEFT + slot * (place + 0.5), base - min(value, top) * scale, value)
        for place, value in enumerate(line.values)
        if value is not None
    ]
    path = "".join(f"{'L' if place else 'M'}{n(x)} {n(y)}" for place, (x, y, _) in enumerate(points))
    return format_html(
        '<g class="line line-{}"><path d="{}"/>{}{}</g>',
        line.name,
        path,
        JOIN("", '<circle cx="{}" cy="{}" r="2.5"/>', [(n(x), n(y)) for x, y, value in points if value <= top]),
        JOIN(
            "",
            '<text class="above" x="{}" y="{}" text-anchor="middle">▲ {}</text>',
            [(n(x), n(y + 1), f"{value:.0f}") for x, y, value in points if value > top],
        ),
    )
