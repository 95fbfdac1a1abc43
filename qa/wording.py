"""Figures in words: percentages, durations, names."""

from qa.metrics import Share

NOTHING = "–"


def percent(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate * 100:.0f}%"


def duration(seconds: float | None) -> str:
    """`24 s`, `3 m 5 s`, `2 h 10 m`, `3 d 4 h`: the two largest units that matter."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 3600:
        return _pair(whole, 60, "m", 1, "s")
    if whole < 48 * 3600:
        return _pair(whole, 3600, "h", 60, "m")
    return _pair(whole, 86400, "d", 3600, "h")


def _pair(whole: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = whole % large // small
    return f"{whole // large} {large_name}" + (f" {rest} {small_name}" if rest else "")


def interval(share: Share) -> str:
    """The Wilson interval in words where few drafts make the share uncertain; else nothing."""
    if not share.uncertain:
        return ""
    low, high = share.interval
    return f"95% sure: {low * 100:.0f}–{high * 100:.0f}%"


def distance(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def category_name(category: str) -> str:
    return category.replace("_", " ").capitalize() if category else "No category"
