"""Plots as SVG, drawn on the server: geometry in attributes, colour in classes (static/css/lead/plots.css).

Each function takes values and returns markup; no figure is computed here. Every plot comes in the
widths of WIDTHS, of which the style sheet shows the one that fits, so that text is never scaled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTHS = {"wide": 1054, "large": 958, "middle": 660, "narrow": 318}
LEFT, TOP, BOTTOM = 34.0, 12.0, 22.0
LINE = 15.0  # least distance between two labels
JOIN = format_html_join


@dataclass(frozen=True)
class Part:
    """One layer of a stack; `name` is its class, `short` its label where room is short."""

    name: str
    label: str
    short: str


@dataclass(frozen=True)
class Column:
    """One day or week: what a layer counts, where its rows are listed, how it is called."""

    label: str
    values: Sequence[int]
    links: Sequence[str]


@dataclass(frozen=True)
class Line:
    """One value per column, None where there is none. `name` is its class, `label` stands at its end."""

    name: str
    label: str
    values: Sequence[float | None]


def together(*parts: SafeString) -> SafeString:
    return JOIN("", "{}", ((part,) for part in parts))


def n(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.1f}".removesuffix(".0")


def nice(most: float) -> float:
    """The end of an axis from zero that holds `most`; its half is a whole number too: 2, 4, …, 10, 12, 16, 20, 30, …"""
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
    """Label positions near the wanted ones, in order, `gap` apart and within low…high if there is room."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + gap) if placed else max(y, low))
    limit = high
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - gap
    return placed


def ticks(columns: int, width: float) -> list[int]:
    """Which columns are named: the last, and backwards from it as many as have room."""
    every = max(1, -(-columns * 52 // int(width)))
    return sorted(range(columns - 1, -1, -every))


def frame(name: str, width: float, height: float, title: str, desc: str, body: SafeString) -> SafeString:
    """The SVG element with its title and description; `name` makes their ids unique on the page."""
    return format_html(
        '<svg class="chart chart-{}" role="group" aria-labelledby="{}-title {}-desc" viewBox="0 0 {} {}" width="{}" '
        'height="{}"><title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
        name.rsplit("-", 1)[-1], name, name, n(width), n(height), n(width), n(height), name, title, name, desc, body,
    )  # fmt: skip


def axis(right: float, height: float, top: float, words: Sequence[tuple[float, str]]) -> SafeString:
    """Zero baseline, hairlines and their values at the left."""
    low, high = height - BOTTOM, TOP
    rows = [(n(low - (low - high) * value / top), word) for value, word in words]
    return JOIN(
        "",
        '<line class="rule" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}" dy="4" text-anchor="end"'
        ' aria-hidden="true">{}</text>',
        [(n(LEFT), n(right), y, y, n(LEFT - 6), y, word) for y, word in rows],
    )


def names(labels: Sequence[str], left: float, slot: float, height: float) -> SafeString:
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
    title: str = "Drafts shown and what became of them",
) -> SafeString:
    """Stacked columns over time; at the right the whole period as one bar, whose parts carry the labels."""
    height = 236.0
    labels = 190.0 if width > 400 else 140.0
    right = width - labels
    slot = (right - LEFT) / max(1, len(columns))
    top = nice(max([sum(column.values) for column in columns], default=0))
    scale = (height - BOTTOM - TOP) / top
    gap = min(slot * 0.25, 4.0)
    wide = min(slot - gap, 44.0)
    drawn = [
        _stack(column, parts, LEFT + slot * place + (slot - wide) / 2, wide, height - BOTTOM, scale)
        for place, column in enumerate(columns)
    ]
    return frame(
        name,
        width,
        height,
        title,
        desc,
        together(
            axis(right, height, top, [(0, "0"), (top / 2, f"{top / 2:.0f}"), (top, f"{top:.0f}")]),
            *drawn,
            names([column.label for column in columns], LEFT, slot, height),
            _whole(total, parts, right + 14, height, short=width < 400),
        ),
    )


def _stack(column: Column, parts: Sequence[Part], x: float, wide: float, base: float, scale: float) -> SafeString:
    drawn = []
    for part, value, link in zip(parts, column.values, column.links, strict=True):
        if value:
            base -= value * scale
            words = f"{column.label}: {value} {part.label.lower()}"
            drawn.append((link, words, part.name, n(x), n(base), n(wide), n(value * scale), words))
    return JOIN(
        "",
        '<a href="{}" tabindex="-1" aria-label="{}"><rect class="part part-{}" x="{}" y="{}" width="{}" height="{}">'
        "<title>{}</title></rect></a>",
        drawn,
    )


def _whole(total: Column, parts: Sequence[Part], x: float, height: float, short: bool) -> SafeString:
    """The period as one bar of the plot's height, its parts named directly."""
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
            middles.append((y + tall / 2, link, words, f" {value / shown * 100:.0f}%"))
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


def ceiling(values: Sequence[float], target: float) -> float:
    """The top of the review-time axis: one slow day must not flatten all others, so it may lie above."""
    most = max(values, default=0.0)
    usual = median(values) if values else 0.0
    return max(most, target * 1.2) if most <= 5 * usual else max(3 * usual, target * 1.2)


def lines(
    name: str, width: float, labels: Sequence[str], found: Sequence[Line], target: float, title: str, desc: str
) -> SafeString:
    """Lines from zero with a target; a point above the axis is an arrow with its value."""
    height = 176.0
    right = width - (176.0 if width > 400 else 116.0)
    slot = (right - LEFT) / max(1, len(labels))
    top = nice(ceiling([value for line in found for value in line.values if value is not None], target))
    base = height - BOTTOM
    scale = (base - TOP) / top
    body = together(
        axis(right, height, top, [(0, "0 s"), (top / 2, f"{top / 2:.0f}"), (top, f"{top:.0f}")]),
        format_html(
            '<line class="target" x1="{}" x2="{}" y1="{}" y2="{}"/>', n(LEFT), n(right), *2 * [n(base - target * scale)]
        ),
        *[_line(line, slot, base, scale, top) for line in found],
        names(labels, LEFT, slot, height),
        _ends([*found, Line("target", f"target {target:.0f} s", [target])], right + 8, base, scale, top),
    )
    return frame(name, width, height, title, desc, body)


def _ends(found: Sequence[Line], x: float, base: float, scale: float, top: float) -> SafeString:
    """Each line's name where the line ends."""
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
