"""Which styles of a mail are shown: colours, emphasis, borders and distances. Pure.

Not the fonts and sizes of letters, which are the desk's own, and nothing that could cover the page, load something or
hide text. Every value is checked letter by letter, and what is not known is left out.
"""

import html
import re
from collections.abc import Mapping

MAX_STYLE = 2000  # characters
MAX_DECLARATIONS = 60
FURTHEST = 60  # pixels of a margin or padding; about as many points, a tenth as many em, no percent
WIDEST = 800  # pixels
_COLOR = re.compile(r"#[0-9a-f]{3,8}|rgba?\([0-9., %/]{5,40}\)|[a-z]{3,20}")
_LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)(px|pt|em|rem|%)?|auto", re.ASCII)
_WORD = re.compile(r"[a-z-]{2,20}")
_PLACE = re.compile(r"\s+(?![^(]*\))")
_UNITS = {"px": 1.0, "pt": 1.33, "em": 13.0, "rem": 13.0}

_COLORS = {"color", "background-color"}
_WORDS = {"font-weight", "font-style", "text-decoration", "text-decoration-line", "text-align", "vertical-align"}
_WORDS |= {"list-style-type", "border-collapse", "direction"}
_BORDERS = {"border", "border-top", "border-right", "border-bottom", "border-left"}
_BORDERS |= {f"{name}-{what}" for name in _BORDERS for what in ("color", "style", "width")}
_DISTANCES = {f"{name}{side}" for name in ("margin", "padding") for side in ("", "-top", "-right", "-bottom", "-left")}


def allowed(name: str, attributes: Mapping[str, str]) -> str:
    """The declarations for an element, from its `style` and from attributes such as bgcolor. "" if there are none."""
    found = _from_attributes(name, attributes)
    for declaration in html.unescape(attributes.get("style", "")[:MAX_STYLE]).lower().split(";")[:MAX_DECLARATIONS]:
        key, _, value = declaration.partition(":")
        key, value = key.strip(), " ".join(value.replace("!important", "").split())
        key = "background-color" if key == "background" else key
        if value and _is_allowed(key, value):
            found[key] = value
    return ";".join(f"{key}:{value}" for key, value in found.items())


def _from_attributes(name: str, attributes: Mapping[str, str]) -> dict[str, str]:
    given = {
        "color": attributes.get("color", "") if name == "font" else "",
        "background-color": attributes.get("bgcolor", ""),
        "text-align": attributes.get("align", "") if name != "img" else "",
        "vertical-align": attributes.get("valign", ""),
        "width": _as_length(attributes.get("width", "")) if name != "img" else "",
    }
    if name == "table" and attributes.get("border", "0").strip() not in {"", "0"}:
        given["border"] = "1px solid"
    return {key: value.lower() for key, value in given.items() if value and _is_allowed(key, value.lower())}


def _as_length(value: str) -> str:
    return f"{value}px" if value.isascii() and value.isdigit() else value


def _is_allowed(key: str, value: str) -> bool:
    if key in _COLORS:
        return bool(_COLOR.fullmatch(value))
    if key in _WORDS:
        return bool(_WORD.fullmatch(value) or (key == "font-weight" and re.fullmatch(r"[1-9]00", value)))
    if key == "width":
        return _pixels(value, percent=WIDEST) <= WIDEST
    parts = _PLACE.split(value)
    if key in _BORDERS:
        return all(_COLOR.fullmatch(part) or _pixels(part) <= 10 for part in parts)
    return key in _DISTANCES and all(_pixels(part) <= FURTHEST for part in parts)


def _pixels(value: str, percent: int = 0) -> float:
    """The length in pixels, infinite if it is none. 100 % count as `percent` pixels; without that, a share is none."""
    found = _LENGTH.fullmatch(value)
    if found is None or (found[2] == "%" and not percent):
        return float("inf")
    if found[1] is None:
        return 0.0
    number = float(found[1])
    return number * percent / 100 if found[2] == "%" else number * _UNITS.get(found[2] or "px", 1.0)
