"""Numbers from outside. `"²".isdigit()` is true although `int("²")` fails, and no database stores 10**30."""

LARGEST = 2**63 - 1


def whole(text: str, most: int = LARGEST) -> int | None:
    """The whole number in ASCII digits, or None for anything else: a sign, a space, a number above `most`."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None
