"""Numbers from outside, and percentiles of measured ones.

`"²".isdigit()` is true although `int("²")` fails, and no database stores 10**30.
"""

import math
from collections.abc import Sequence

LARGEST = 2**63 - 1


def whole(text: str, most: int = LARGEST) -> int | None:
    """The whole number in ASCII digits, or None for anything else: a sign, a space, a number above `most`."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
