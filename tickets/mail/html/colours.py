"""Which colours of a mail are shown: those in which its text can be read. Pure.

White words on white paper would be there for a model or a search, and not for the agent. So for each element the colour
of its text and that behind it are known; where they are too much alike, both are left out. What is around the element
was readable already, so what is left is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from tickets.mail.html.allowed_styles import allowed
from tickets.mail.html.tokens import Token

RGB = tuple[int, int, int]

INK: RGB = (0x1B, 0x1F, 0x24)  # static/css/tokens.css, on paper
PAPER: RGB = (255, 255, 255)
READABLE = 1.8  # contrast; light grey for what matters less is used in earnest
ALIKE = 64  # of 255: what is hardly another colour than black or white
VOID = frozenset(("br", "hr", "img"))
_HEX = re.compile(r"#([0-9a-f]{3,8})")
_RGB = re.compile(r"rgba?\(([0-9., %/]{5,40})\)")
_NUMBER = re.compile(r"(\d{1,4}(?:\.\d{0,9})?|\.\d{1,9})(%?)", re.ASCII)

# Those of CSS 1, and what mail programs write besides.
_TABLE = """
    black:000000 silver:c0c0c0 gray:808080 grey:808080 white:ffffff maroon:800000 red:ff0000 purple:800080
    fuchsia:ff00ff magenta:ff00ff green:008000 lime:00ff00 olive:808000 yellow:ffff00 navy:000080 blue:0000ff
    teal:008080 aqua:00ffff cyan:00ffff orange:ffa500 windowtext:000000 window:ffffff darkred:8b0000 darkblue:00008b
    darkgreen:006400 darkorange:ff8c00 darkcyan:008b8b darkmagenta:8b008b darkviolet:9400d3 darkgray:a9a9a9
    darkgrey:a9a9a9 darkslategray:2f4f4f darkslateblue:483d8b darkolivegreen:556b2f dimgray:696969 dimgrey:696969
    slategray:708090 lightgray:d3d3d3 lightgrey:d3d3d3 gainsboro:dcdcdc whitesmoke:f5f5f5 lightblue:add8e6
    lightgreen:90ee90 lightyellow:ffffe0 lightpink:ffb6c1 lightcyan:e0ffff lightsteelblue:b0c4de skyblue:87ceeb
    aliceblue:f0f8ff lavender:e6e6fa beige:f5f5dc ivory:fffff0 azure:f0ffff brown:a52a2a saddlebrown:8b4513
    sienna:a0522d chocolate:d2691e tan:d2b48c khaki:f0e68c gold:ffd700 goldenrod:daa520 coral:ff7f50 salmon:fa8072
    tomato:ff6347 orangered:ff4500 crimson:dc143c firebrick:b22222 indianred:cd5c5c pink:ffc0cb hotpink:ff69b4
    deeppink:ff1493 violet:ee82ee plum:dda0dd orchid:da70d6 mediumvioletred:c71585 blueviolet:8a2be2 indigo:4b0082
    rebeccapurple:663399 steelblue:4682b4 royalblue:4169e1 cornflowerblue:6495ed dodgerblue:1e90ff deepskyblue:00bfff
    mediumblue:0000cd midnightblue:191970 slateblue:6a5acd cadetblue:5f9ea0 turquoise:40e0d0 forestgreen:228b22
    seagreen:2e8b57 mediumseagreen:3cb371 limegreen:32cd32 olivedrab:6b8e23 greenyellow:adff2f palegreen:98fb98
"""
_NAMES: dict[str, str] = dict(re.findall(r"(\w+):(\w+)", _TABLE))


class Pair(NamedTuple):
    """The colour of an element's text, and that behind it."""

    text: RGB = INK
    behind: RGB = PAPER


def readable(items: Iterable[Token]) -> Iterator[Token]:
    """The same items; their attribute `style` is now all that is shown of their styles (allowed_styles.py)."""
    stack: list[tuple[str, Pair]] = []
    for item in items:
        if item.text:
            yield item
        elif item.closes:
            if any(name == item.name for name, _pair in stack):
                while stack.pop()[0] != item.name:
                    pass
            yield item
        else:
            style, pair = in_colours(allowed(item.name, item.attributes), stack[-1][1] if stack else Pair())
            if item.name not in VOID:
                stack.append((item.name, pair))
            yield replace(item, attributes=item.attributes | {"style": style})


def in_colours(style: str, around: Pair) -> tuple[str, Pair]:
    """The style without colours that would hide the text; and in which colours the text is then seen.

    Colours are written anew, so that no browser reads another one than was checked.
    """
    if "color:" not in style:
        return style, around
    values = values_of(style)
    text, behind = opaque(values.get("color", "")), opaque(values.get("background-color", ""))
    pair = Pair(text or around.text, behind or around.behind)
    if contrast(*pair) < READABLE:
        text, behind, pair = None, None, around
    for key, colour in (("color", text), ("background-color", behind)):
        if colour:
            values[key] = "#{:02x}{:02x}{:02x}".format(*colour)
        else:
            values.pop(key, None)
    return ";".join(f"{key}:{value}" for key, value in values.items()), pair


def values_of(style: str) -> dict[str, str]:
    """Of declarations that are checked already."""
    return dict(part.split(":", 1) for part in style.split(";") if part)


def opaque(value: str) -> RGB | None:
    """None for what is no colour, for one that is not known, and for one that lets something through."""
    if found := _RGB.fullmatch(value):
        return _of_numbers(re.split(r"[\s,/]+", found[1].strip()))
    digits = found[1] if (found := _HEX.fullmatch(value)) else _NAMES.get(value, "")
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in {6, 8} or digits[6:] not in {"", "ff"}:
        return None
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _of_numbers(parts: list[str]) -> RGB | None:
    numbers = [_NUMBER.fullmatch(part) for part in parts]
    if len(numbers) not in {3, 4}:
        return None
    found = [(float(each[1]), each[2] == "%") for each in numbers if each]
    if len(found) < len(numbers):
        return None
    if len(found) == 4 and found[3][0] < (100 if found[3][1] else 1):
        return None
    red, green, blue = (min(255, round(number * 255 / 100 if percent else number)) for number, percent in found[:3])
    return red, green, blue


def contrast(one: RGB, other: RGB) -> float:
    """From 1 to 21 (WCAG 2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=1024)
def _luminance(colour: RGB) -> float:
    red, green, blue = (part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def is_black(colour: RGB) -> bool:
    """Or nearly: as text it is hardly another colour."""
    return max(colour) <= ALIKE


def is_white(colour: RGB) -> bool:
    """Or nearly: behind a text it is hardly a mark."""
    return min(colour) >= 255 - ALIKE
