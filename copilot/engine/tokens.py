"""From token bytes to text that may be shown: whole characters only, nothing of a stop string. Pure."""

import codecs
from collections.abc import Sequence


class TextStream:
    """Takes the bytes of each token and returns the text that is safe to show.

    Bytes of a character that is not complete are held back, and so is text that may still become a stop
    string. After a stop string `stopped` is true and what followed it is lost.
    """

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self.stops = [stop for stop in stops if stop]
        self.stopped = False
        self._bytes = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""

    def feed(self, piece: bytes) -> str:
        if self.stopped:
            return ""
        text = self._held + self._bytes.decode(piece)
        found = [at for at in (text.find(stop) for stop in self.stops) if at >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        cut = len(text) - self._may_become_stop(text)
        self._held = text[cut:]
        return text[:cut]

    def finish(self) -> str:
        """What was held back for a stop string that never came. Half a character is dropped."""
        held, self._held = self._held, ""
        return held

    def _may_become_stop(self, text: str) -> int:
        """Length of the longest end of `text` that a stop string begins with."""
        return max((_overlap(text, stop) for stop in self.stops), default=0)


def _overlap(text: str, stop: str) -> int:
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
