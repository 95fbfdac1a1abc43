"""Markdown that is left in a chunk -> words for a mail in plain text. Pure, linear time.

Chunks come without links, pictures and most emphasis (knowledge.text.markup.readable). What is still there is emphasis
around code or over several lines, the marks of code, and what an author wrote so that it looks like Markdown.
"""

import re

from knowledge.text.code_marks import spans
from knowledge.text.markup import AUTOLINK, BREAK, DEFINITION, IMAGE, LINK, STRONG, STRUCK, UNDERLINED

# Emphasis of several sentences leaves a mark in the first and in the last.
_STRAY = re.compile(r"(?<![\w*])\*{2,3}(?=\w)|(?<=[\w.!?:,;)])\*{2,3}(?![\w*])")


def plain(text: str) -> str:
    """The words on one line."""
    said = " ".join(DEFINITION.sub("", text).split())
    said = LINK.sub(lambda found: found["text"], IMAGE.sub(lambda found: found["alt"], said))
    said = STRONG.sub(lambda found: found[2], said)
    parts: list[str] = []
    place = 0
    for start, end in spans(said):
        parts += [_unmarked(said[place:start]), said[start:end].strip("`").strip()]
        place = end
    return " ".join("".join([*parts, _unmarked(said[place:])]).split())


def _unmarked(text: str) -> str:
    text = BREAK.sub(" ", AUTOLINK.sub(lambda found: found[1].removeprefix("mailto:"), text))
    text = UNDERLINED.sub(lambda found: found[2], text)
    return _STRAY.sub("", STRUCK.sub(lambda found: found[1], text))


def without_comments(text: str) -> str:
    """The text with its HTML comments replaced by spaces: every other character keeps its place."""
    first, *others = text.split("<!--")
    return first + "".join(_after_comment(other) for other in others)


def _after_comment(text: str) -> str:
    comment, closed, after = text.partition("-->")
    return re.sub(r"[^\n]", " ", f"<!--{comment}-->") + after if closed else f"<!--{text}"
