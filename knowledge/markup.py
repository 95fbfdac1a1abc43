"""Markdown as authors and other systems write it -> plain Markdown without machinery. Pure.

What a reader would not see is removed (front matter, comments, MDX imports, tags, link
targets); what a reader would see stays, word for word. Code is left alone.
"""

import html
import re
from collections.abc import Callable

FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(?:[ \t]*[\w-]+:[^\n]*\n|[ \t]+[^\n]*\n|[ \t]*\n)*---[ \t]*(?:\n|\Z)")
FENCE = re.compile(
    r"^[ \t>]*(?P<mark>`{3,}|~{3,})[^\n]*\n(?:.*?\n)??[ \t>]*(?P=mark)[`~]*[ \t]*$", re.MULTILINE | re.DOTALL
)
CODE_SPAN = r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`\n]+(?P=ticks)(?!`))"

COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|\{/\*.*?\*/\}", re.DOTALL)
MODULE_LINE = re.compile(
    r"^(?:import\s+(?:[\w*{][^\n]*?\s+from\s+)?['\"][^'\"\n]+['\"];?"
    r"|export\s+(?:default|const|let|function)\b[^\n]*)[ \t]*$",
    re.MULTILINE,
)
LIQUID = re.compile(r"\{%.*?%\}|\{:\s*[.#][^}\n]*\}", re.DOTALL)
HEADING_ANCHOR = re.compile(r"[ \t]*\{#[\w-]+\}[ \t]*$", re.MULTILINE)
ADMONITION = re.compile(r"^[ \t]*:::+[ \t]*(?:[a-z]+\b)?[ \t]*\[?(?P<title>[^\]\n]*)\]?[ \t]*$", re.MULTILINE)
ALERT = re.compile(r"^([ \t]*>[ \t]*)\[!(\w+)\]", re.MULTILINE)
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\}|[^\s\"'=<>`]+)"
_ATTRIBUTES = rf"(?:\s+(?:\{{[^{{}}]*\}}|[\w:@.-]+(?:\s*=\s*{_VALUE})?))*"
_TARGET = r"\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)"
INLINE = re.compile(
    CODE_SPAN
    + rf"|(?P<image>!\[(?P<alt>[^\[\]]*)\]{_TARGET})"
    + r"|(?P<autolink><(?P<address>(?:https?://|mailto:)[^<>\s]+)>)"
    + rf"|(?P<tag></?[A-Za-z][\w.-]*(?P<attributes>{_ATTRIBUTES})\s*/?>)"
)
LINK = re.compile(rf"(?<!!)\[(?P<text>[^\[\]\n]+)\](?:{_TARGET}|\[[^\[\]\n]*\])")
SEEN_ATTRIBUTE = re.compile(r"\b(?:alt|title|label)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
STRONG = re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*\n]+?)(?<=[^\s*])\1(?![\w*])")
BULLET = re.compile(r"^\s*[-*+]\s+")
ROW = re.compile(r"^\s*\|(.*)\|\s*$")
RULE = re.compile(r"^[\s|:-]*-[\s|:-]*$")  # between a table's head and its rows
BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def readable(markdown: str) -> str:
    """The Markdown that a reader sees: words, headings, lists, tables and code."""
    return BLANK_LINES.sub(
        "\n\n", _outside_fences(markdown, lambda prose: _words_only(_without_machinery(prose)))
    ).strip("\n")


def presentable(markdown: str) -> str:
    """For rendering: links, images and emphasis stay, machinery goes."""
    return _outside_fences(markdown, _without_machinery)


def _outside_fences(markdown: str, treat: Callable[[str], str]) -> str:
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    text = FRONT_MATTER.sub("", text, count=1)
    parts: list[str] = []
    position = 0
    for fence in FENCE.finditer(text):
        parts += [treat(text[position : fence.start()]), fence[0]]
        position = fence.end()
    parts.append(treat(text[position:]))
    return "".join(parts)


def _without_machinery(prose: str) -> str:
    for pattern in (COMMENT, MODULE_LINE, LIQUID, HEADING_ANCHOR):
        prose = pattern.sub("", prose)
    prose = ADMONITION.sub(lambda found: found["title"].strip(), prose)
    return ALERT.sub(lambda found: f"{found[1]}{found[2].capitalize()}:", prose)


def _words_only(prose: str) -> str:
    return _outside_code(INLINE.sub(_inline, prose))


def _inline(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    if found["image"]:
        return found["alt"]
    if found["autolink"]:
        return found["address"].removeprefix("mailto:")
    seen = SEEN_ATTRIBUTE.search(found["attributes"] or "")
    return (
        (seen[1] or seen[2] or "")
        if seen
        else (" " if found["tag"].lower().startswith(("<br", "</td", "</th")) else "")
    )


def _outside_code(prose: str) -> str:
    """Links, emphasis and entities of the prose; code spans are put through untouched."""
    pieces: list[str] = []
    position = 0
    for code in re.finditer(CODE_SPAN, prose):
        pieces += [_unmark(prose[position : code.start()]), code[0]]
        position = code.end()
    pieces.append(_unmark(prose[position:]))
    # A link's text may itself hold a code span, so links are resolved over the whole.
    return LINK.sub(lambda found: found["text"], "".join(pieces))


def _unmark(prose: str) -> str:
    prose = STRONG.sub(lambda found: found[2], prose)
    return html.unescape(prose) if "&" in prose else prose


def one_line(passage: str) -> str:
    """The passage as one line of words: no Markdown of lists and tables; a table's head says little by itself."""
    lines = passage.splitlines()
    heads = {place - 1 for place, line in enumerate(lines) if "|" in line and RULE.match(line)}
    kept = [_row_or_point(line) for place, line in enumerate(lines) if place not in heads]
    return " ".join(" ".join(kept).split())


def _row_or_point(line: str) -> str:
    if RULE.match(line):
        return ""
    if row := ROW.match(line):
        return "• " + " – ".join(cell.strip() for cell in row[1].split("|") if cell.strip())
    return BULLET.sub("• ", line).replace("`", "")
