"""Whether a mail's HTML says something that its text does not. Pure.

Pictures, tables of data, text that is struck out or highlighted, and text of which a part has a colour ("my answers are
in red"). Not: bold letters, lists, a colour that all of the text has, or one that is not shown (colours.py).
"""

import html
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from tickets.mail.html import colours, content_ids
from tickets.mail.html.colours import RGB
from tickets.mail.html.tokens import Token

CELL = 200  # characters; more is layout
COLORED = 3  # letters
_STRUCK = frozenset(("s", "strike", "del"))
_INLINE = frozenset("a abbr b code del em font i ins q s small span strike strong sub sup u".split())  # noqa: SIM905


@dataclass
class _Element:
    name: str
    color: RGB | None = None  # None: that of most texts
    marked: bool = False  # struck out or highlighted
    rows: list[list[int]] = field(default_factory=list)  # of a table: letters of each cell
    nested: bool = False  # a table in which there is another


def carries_meaning(items: Iterable[Token], pictures: Collection[str]) -> bool:
    """`items` as colours.readable leaves them. `pictures`: the Content-IDs of attached ones that are worth a look."""
    wanted = {content_ids.plain(each) for each in pictures}
    stack: list[_Element] = []
    colors: Counter[RGB | None] = Counter()
    for item in items:
        if item.text:
            if _read(item.text, stack, colors):
                return True
        elif item.closes:
            if _close(stack, item.name):
                return True
        elif item.name == "img":
            if content_ids.plain(content_ids.of_image(item)) in wanted:
                return True
        elif item.name not in {"br", "hr"}:
            _open(stack, item)
    return len([color for color, letters in colors.items() if letters >= COLORED]) > 1


def _open(stack: list[_Element], item: Token) -> None:
    style = colours.values_of(item.attributes.get("style", ""))
    around = stack[-1] if stack else _Element("")
    color, behind = (colours.opaque(style.get(key, "")) for key in ("color", "background-color"))
    lines = (style.get("text-decoration"), style.get("text-decoration-line"))
    struck = item.name in _STRUCK or "line-through" in lines
    highlighted = item.name in _INLINE and behind is not None and not colours.is_white(behind)
    marked = around.marked or struck or highlighted
    plain = color is not None and colours.is_black(color)
    stack.append(_Element(item.name, None if plain else color or around.color, marked))
    if tables := [each for each in stack[:-1] if each.name == "table"]:
        if item.name == "table":
            for each in tables:
                each.nested = True
        elif item.name == "tr":
            tables[-1].rows.append([])
        elif item.name in {"td", "th"} and tables[-1].rows:
            tables[-1].rows[-1].append(0)


def _read(text: str, stack: list[_Element], colors: Counter[RGB | None]) -> bool:
    letters = sum(letter.isalnum() for letter in html.unescape(text))
    if not letters or not stack:
        colors[None] += letters
        return False
    if not any(each.name == "a" for each in stack):
        colors[stack[-1].color] += letters
    tables = [each for each in stack if each.name == "table"]
    if tables and tables[-1].rows and tables[-1].rows[-1]:
        tables[-1].rows[-1][-1] += letters
    return stack[-1].marked


def _close(stack: list[_Element], name: str) -> bool:
    """Closes the element; whether it was a table of data."""
    if not any(each.name == name for each in stack):
        return False
    while (closed := stack.pop()).name != name:
        pass
    rows = [[letters for letters in row if letters] for row in closed.rows]
    full = [row for row in rows if len(row) > 1 and max(row) <= CELL]
    return name == "table" and not closed.nested and len(full) > 1
