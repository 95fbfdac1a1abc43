"""The colours that are used together keep WCAG AA, in light and in dark. Read from the stylesheet itself."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[3] / "static/css/tokens.css").read_text()
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS)
}
TEXT = [
    *[(ink, ground) for ink in ("ink", "dim", "faint") for ground in ("pane", "bg", "sel", "hover")],
    *[(name, ground) for name in ("ok", "warn", "bad", "ai", "acc") for ground in ("pane", "bg")],
    *[(name, f"{name}-bg") for name in ("ok", "warn", "bad", "ai")],
    *[("ink", f"{name}-bg") for name in ("ok", "warn", "bad", "ai")],
    *[(name, f"{ground}-bg") for name in ("dim", "faint") for ground in ("ai", "warn")],
    *[(name, "sel") for name in ("acc", "bad", "warn", "ai")],
    ("acc-ink", "acc"),
    ("person-ink", "person"),
    ("customer-ink", "customer"),
    ("pane", "ai"),
]
PARTS = [("field-line", "pane"), ("acc", "pane"), ("acc", "bg")]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"), [*[(*pair, 4.5) for pair in TEXT], *[(*pair, 3.0) for pair in PARTS]]
)
def test_contrast(front: str, back: str, least: float, theme: str) -> None:
    place = ["light", "dark"].index(theme)
    found = contrast(COLOURS[front][place], COLOURS[back][place])
    assert found >= least, f"--{front} on --{back} in {theme}: {found:.2f}, needs {least}"
