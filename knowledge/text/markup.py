"""Markdown of authors and other systems -> Markdown without hidden markup. Pure; time is linear in the text.

What readers would not see is removed (front matter, comments, MDX imports, tags); what they would see stays, word
for word. Code stays as it is. `presentable` is for pages and `readable` for search: the same text without Markdown's
marks and link targets, so that both agree.
"""

import html
import re
from collections.abc import Callable

from knowledge.text import front_matter, headings
from knowledge.text.code_marks import pieces, spans
from knowledge.text.hidden_lines import Lines
from knowledge.text.hidden_markup import without
from knowledge.text.tags import Names

# A text that begins with a line of dashes has front matter only if it has one of these fields.
FRONT_KEY = re.compile(
    r"^(?:title|id|slug|layout|tags?|categor(?:y|ies)|draft|date|description|permalink|lang|language|author|weight|"
    r"redirect_from|sidebar_\w+|published|audience|state|toc|hide_\w+|keywords)[ \t]*[:=]",
    re.MULTILINE | re.IGNORECASE,
)
SETEXT = re.compile(r"(?:=+|-+)[ \t]*")
_TARGET = r"\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)"
IMAGE = re.compile(rf"!\[(?P<alt>[^\[\]]*)\](?:{_TARGET}|\[[^\[\]\n]*\])")
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+|[^<>\s@]{1,100}@[^<>\s@]{1,200})>")
BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
LINK = re.compile(rf"(?<![!\\])\[(?P<text>[^\[\]\n]+)\](?:{_TARGET}|\[[^\[\]\n]*\])")
DEFINITION = re.compile(
    r"^ {0,3}\[[^\[\]\n^][^\[\]\n]*\]:[ \t]*\S+(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*$", re.MULTILINE
)
STRONG = re.compile(r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]+?)(?<=[^\s*\\])\1(?![\w*])")
UNDERLINED = re.compile(r"(?<![\w\\])(_{1,2})(?=[^\s_])([^_\n]+?)(?<=[^\s_\\])\1(?!\w)")
STRUCK = re.compile(r"(?<![~\\])~~(?=[^\s~])([^~\n]+?)(?<=\S)~~(?!~)")
# An escape at the start of a line prevents a list or heading, so it stays.
ESCAPED = re.compile(r"\\([*_\[\](){}<>~$&\"'!,:;?/=^%@])")
BULLET = re.compile(r"^\s*[-*+]\s+")
ROW = re.compile(r"^\s*\|(.*)\|\s*$")
BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def readable(markdown: str) -> str:
    """The text that readers see: words, headings, lists, tables and code."""
    lines = Lines(presentable(markdown))
    parts = (part if code else _words_only(part) for code, part in pieces(lines.lines, lines.fenced))
    return BLANK_LINES.sub("\n\n", "".join(parts)).strip("\n")


def presentable(markdown: str) -> str:
    """For rendering: links, pictures and emphasis stay, hidden markup is removed."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    lines = Lines(_below_front_matter(text))
    names = Names.of(text)
    return "".join(part if code else without(part, names) for code, part in pieces(lines.lines, lines.fenced))


def _below_front_matter(text: str) -> str:
    if not text[:400].lstrip().startswith(("---", "+++")):
        return text
    try:
        found = front_matter.split(text.lstrip())
    except front_matter.BadFrontMatter:
        return text
    return found[2] if found and len(found[1]) <= front_matter.LIMIT and FRONT_KEY.search(found[1]) else text


def _words_only(prose: str) -> str:
    prose = _outside_code(_without_ids(prose), _unlinked)
    # A link's text may contain code, so links are replaced in the whole text.
    prose = LINK.sub(lambda found: found["text"], prose)
    return _outside_code(prose, _unmarked)


def _without_ids(prose: str) -> str:
    """Removes the ids that authors wrote behind headings."""
    if "#" not in prose or "{" not in prose:
        return prose
    lines = prose.split("\n")
    for number, (line, below) in enumerate(zip(lines, [*lines[1:], ""], strict=True)):
        if line.rstrip().endswith("}") and (line.lstrip().startswith("#") or SETEXT.fullmatch(below)):
            lines[number] = headings.split_id(line)[0]
    return "\n".join(lines)


def _outside_code(prose: str, treat: Callable[[str], str]) -> str:
    parts: list[str] = []
    place = 0
    for start, end in spans(prose):
        parts += [treat(prose[place:start]), prose[start:end]]
        place = end
    return "".join([*parts, treat(prose[place:])])


def _unlinked(prose: str) -> str:
    prose = IMAGE.sub(lambda found: found["alt"], prose)
    prose = AUTOLINK.sub(lambda found: found[1].removeprefix("mailto:"), prose)
    return BREAK.sub(" ", DEFINITION.sub("", prose))


def _unmarked(prose: str) -> str:
    prose = STRONG.sub(lambda found: found[2], prose)
    prose = UNDERLINED.sub(lambda found: found[2], prose)
    prose = STRUCK.sub(lambda found: found[1], prose)
    prose = ESCAPED.sub(lambda found: found[1], prose)
    return html.unescape(prose) if "&" in prose else prose


def is_rule(line: str) -> bool:
    """Is it the line between a table's header and its rows?"""
    return "-" in line and not line.strip("-|: \t")


def one_line(passage: str) -> str:
    """The passage as one line, without the Markdown of lists and tables, and without a table's header."""
    lines = passage.splitlines()
    heads = {place - 1 for place, line in enumerate(lines) if "|" in line and is_rule(line)}
    kept = [_row_or_point(line) for place, line in enumerate(lines) if place not in heads]
    return " ".join(" ".join(kept).split())


def _row_or_point(line: str) -> str:
    if is_rule(line):
        return ""
    if row := ROW.match(line):
        return "• " + " – ".join(cell.strip() for cell in row[1].split("|") if cell.strip())
    return BULLET.sub("• ", line).replace("`", "")
