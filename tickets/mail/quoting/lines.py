"""The text of a mail as lines, with how each is marked as quoted. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tickets.mail.html import sanitising

# Longer lines are prose, never attributions or headers.
MAX_LINE = 400

ANGLED = 10  # marked by `>` in plain text; lower numbers are the marks of HTML (tickets/mail/html/sanitising.py)
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
_RUN_LENGTH = 3  # words
_MAX_KNOWN = 200_000


@dataclass(frozen=True)
class Line:
    text: str
    mark: int = sanitising.PLAIN

    @property
    def blank(self) -> bool:
        return not self.inner

    @property
    def inner(self) -> str:
        """The line without its `>`."""
        return self.text.lstrip("> \t").rstrip() if self.mark == ANGLED else self.text.strip()


@dataclass(frozen=True)
class Known:
    """The words of earlier messages of the ticket, in runs of three, to recognize quotations of them."""

    runs: frozenset[tuple[str, ...]] = frozenset()

    def repeats(self, texts: Iterable[str]) -> bool | None:
        """Whether at least a third of the runs occur in earlier messages. None if there is nothing to compare."""
        runs = _runs(" ".join(text[:MAX_LINE] for text in texts))
        if not self.runs or not runs:
            return None
        return sum(run in self.runs for run in runs) * 3 >= len(runs)


def known(texts: Iterable[str]) -> Known:
    return Known(frozenset(run for text in texts for run in _runs(text[:_MAX_KNOWN])))


def _runs(text: str) -> list[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(text)]
    return [tuple(words[i : i + _RUN_LENGTH]) for i in range(len(words) - _RUN_LENGTH + 1)]


def of_plain(text: str) -> list[Line]:
    return [Line(line, ANGLED if line.lstrip().startswith(">") else 0) for line in sanitising.tidy(text).split("\n")]


def of_html(html: str) -> list[Line]:
    """At most one empty line in a row. A quotation begins on a new line."""
    found: list[Line] = []
    for run in sanitising.text_runs(html):
        for line in of_plain(run.text) if run.text.strip() else [Line("")]:
            mark = line.mark if run.mark == sanitising.PLAIN else run.mark
            if line.text or (found and found[-1].text):
                found.append(Line(line.text, mark))
        if run.text.endswith("\n\n") and found and found[-1].text:
            found.append(Line("", run.mark))
    return found
