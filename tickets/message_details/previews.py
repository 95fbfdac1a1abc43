"""Which attached pictures a page shows. A browser holds every pixel of them in memory, so each message has a limit."""

from collections.abc import Iterable

from tickets.models import Attachment

MOST = 50
MOST_PIXELS = 100_000_000  # a browser takes four bytes for each
MARK_PIXELS = 100_000  # of an icon or a line


def of(files: Iterable[Attachment]) -> frozenset[int]:
    """Ids of the pictures that are shown; the other files of the message are only named."""
    found: set[int] = set()
    pixels = 0
    for each in files:
        own = each.width * each.height
        if each.has_preview and len(found) < MOST and pixels + own <= MOST_PIXELS:
            found.add(each.pk)
            pixels += own
    return frozenset(found)


def is_mark(file: Attachment) -> bool:
    """An icon or a line: it stands in a mail, but is nothing to look at in full size."""
    return bool(file.file and file.picture) and not file.has_preview and file.width * file.height <= MARK_PIXELS
