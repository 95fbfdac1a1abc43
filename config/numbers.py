"""Numbers that came from outside. `"²".isdigit()` is true and `int("²")` fails; 10**30 fits into no database."""

LARGEST = 2**63 - 1


def whole(text: str, most: int = LARGEST) -> int | None:
    """The whole number written in ASCII digits, or None for anything else: a sign, a space, too large."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None
