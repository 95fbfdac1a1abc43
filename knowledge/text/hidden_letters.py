"""Letters that no font shows, and marks that turn the order of the letters behind them. Pure."""

import re

# An England flag is a black flag and its name in invisible letters: these readers do see.
_FLAG = "\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f"
# Copies of ASCII; rows of marks that choose a form of the letter before them (one alone is honest); fillers, and
# operators of formulas that stand for nothing.
_UNSEEN = (
    "[\U000e0000-\U000e007f]|[\ufe00-\ufe0f\U000e0100-\U000e01ef](?=[\ufe00-\ufe0f\U000e0100-\U000e01ef])"
    "|(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    "|[\u2061-\u2064\u206a-\u206f\u115f\u1160\u3164\uffa0\u180e]"
)
_TURNING = "[\u202d\u202e]"
HIDDEN = re.compile(f"(?P<flag>{_FLAG})|(?P<unseen>(?:{_UNSEEN})+)|(?P<turning>{_TURNING})")


def hidden(text: str) -> list[re.Match[str]]:
    """Where they are: groups `unseen` and `turning`."""
    return [found for found in HIDDEN.finditer(text) if not found["flag"]]


def without_hidden(text: str) -> str:
    return HIDDEN.sub(lambda found: found["flag"] or "", text)
