"""Removes markup that readers are not meant to see from Markdown. Pure; time is linear in the text.

That is: comments; scripts and styles with their content; HTML tags and components (MDX); tags of Jekyll, Liquid, Hugo
and GitBook; attributes of kramdown. What only looks like markup stays: in code, and in prose such as "put {{name}}
there" or "replace <KEY>". One cursor goes through the text once, and every search for an end is limited.
"""

import html
import re
from bisect import bisect_left

from knowledge.text.code_marks import Ticks
from knowledge.text.tags import AUTOLINK, UNSEEN, Names, tag_at

OPENER = re.compile(r"`+|<!--|\{/\*|\{%|\{\{|\{:|<|\\(?=[<{`\\])")
# Marks where markup was removed, until `_tidy_lines`. Texts contain no NUL.
GONE, SPACE = "\x00", "\x00\x00"
WINDOW = 3000  # characters: the longest template tag

LIQUID = re.compile(r"\{%-?\s*(?P<name>[A-Za-z_]\w*|/)[^{}]*?(?:\{\{[^{}]*\}\}[^{}]*?)?-?%\}")
SHORTCODE = re.compile(r"\{\{(?:<\s*+/?\s*+[\w./-]+[^{}]*?>|%\s*+/?\s*+[\w./-]+[^{}]*?%)\}\}")
OUTPUT = re.compile(
    r"\{\{-?\s*+(?:(?:site|page|layout|include|content|paginator|theme|post|book|forloop|jekyll|section|\.)"
    r"(?:[.\s|}\[]|(?=\w))|['\"][^'\"{}]*['\"]\s*\||[^{}|]*\|\s*(?:relative_url|absolute_url|url|markdownify|date|"
    r"escape|jsonify|t|translate|locale_url|safeHTML|i18n)\b)[^{}]*\}\}"
)
ATTRIBUTES = re.compile(r"\{::?\s*(?:[.#/][^{}\n]*|toc|no_toc|[\w-]+\s*=[^{}\n]*|(?:options|nomarkdown)[^{}\n]*)\}")
OWN_ID = re.compile(r"\s#([\w.-]{1,200})")
LINE = 300  # characters: the longest heading
QUOTED_WORDS = re.compile(r"(?<![\w-])(?:alt|title|label|caption|content)\s*[=:]\s*(?:\"([^\"]*)\"|'([^']*)')")
ADDRESS = re.compile(r"^\s*[\"']?([^\s\"']+)")
LEADS = {"ref", "relref", "link", "post_url"}  # tags that are replaced by the address of another page
RAW, NOTED = {"raw", "verbatim"}, {"comment"}
TAG_IN_CODE = re.compile(r"<[^<>]{0,500}>")


def without(prose: str, names: Names) -> str:
    """The prose (no block of code) with only its words and Markdown."""
    if not ("<" in prose or "{" in prose):
        return prose
    return _tidy_lines(_Cursor(prose, names).run())


class _Cursor:
    def __init__(self, prose: str, names: Names) -> None:
        self.prose, self.lower, self.names = prose, prose.lower(), names
        self.ticks = Ticks(prose)
        self.last: dict[str, int] = {}
        self.ends: dict[str, list[tuple[int, int]]] = {}
        self.out: list[str] = []
        self.place = 0

    def run(self) -> str:
        while self.place < len(self.prose):
            found = OPENER.search(self.prose, self.place)
            self._keep_to(found.start() if found else len(self.prose))
            if found:
                self._one(found[0])
        return "".join(self.out)

    def _last(self, text: str) -> int:
        """The last place of `text`: beyond it there is nothing to search for."""
        if text not in self.last:
            self.last[text] = self.lower.rfind(text)
        return self.last[text]

    def _keep_to(self, place: int) -> None:
        self.out.append(self.prose[self.place : place])
        self.place = place

    def _skip_to(self, place: int, instead: str = GONE) -> None:
        self.out.append(instead)
        self.place = place

    def _one(self, opener: str) -> None:
        if opener[0] == "`":
            end = self.place + len(opener)
            self._keep_to(self.ticks.close(self.place, end) or end)
            return
        handled = {
            "<!--": lambda: self._between("-->"),
            "{/*": lambda: self._between("*/}"),
            "{%": self._liquid,
            "{{": self._double,
            "{:": self._attributes,
            "<": self._tag,
        }.get(opener)
        if handled is None:  # an escape, and what it escapes
            self._keep_to(min(self.place + 2, len(self.prose)))
        elif not handled():
            self._literal(opener)

    def _literal(self, opener: str) -> None:
        """Not markup: keep the text, with `<` escaped so that the page does not read it as a tag."""
        if opener.startswith("<") and NAMELIKE.match(self.prose, self.place):
            self._skip_to(self.place + 1, "&lt;")
        else:
            self._keep_to(self.place + len(opener))

    def _between(self, end: str) -> bool:
        found = self.prose.find(end, self.place + 3) if self._last(end) > self.place else -1
        if found < 0:  # never closed: keep the rest of the text
            return False
        self._skip_to(found + len(end))
        return True

    def _pattern(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.prose, self.place, self.place + WINDOW)
        if found:
            self._skip_to(found.end())
        return bool(found)

    def _attributes(self) -> bool:
        """Attributes of kramdown. The id of a heading stays, in the form that headings.py reads."""
        found = ATTRIBUTES.match(self.prose, self.place, self.place + WINDOW)
        if found is None:
            return False
        line = self.prose[max(0, self.place - LINE) : self.place].rpartition("\n")[2]
        own = OWN_ID.search(found[0]) if line.startswith("#") else None
        self._skip_to(found.end(), f"{{#{own[1]}}}" if own else GONE)
        return True

    def _liquid(self) -> bool:
        found = LIQUID.match(self.prose, self.place, self.place + WINDOW)
        if found is None:
            return False
        name = found["name"]
        if name == "highlight" and (end := self._end_of(name, found.end())):
            inner = self.prose[found.end() : end[0]].strip("\n")
            self._skip_to(end[1], inner if "```" in inner else f"\n```\n{inner}\n```\n")
        elif name in RAW | NOTED and (end := self._end_of(name, found.end())):
            inner = self.prose[found.end() : end[0]]
            self._skip_to(end[1], GONE if name in NOTED else inner.replace("<", "&lt;"))
        else:
            self._skip_to(found.end(), self._visible(found[0][2:-2]))
        return True

    def _end_of(self, name: str, after: int) -> tuple[int, int] | None:
        if name not in self.ends:
            closing = re.compile(rf"\{{%-?\s*+end{name}\s*+-?%\}}")
            self.ends[name] = [found.span() for found in closing.finditer(self.prose)]
        spans = self.ends[name]
        later = bisect_left(spans, (after, 0))
        return spans[later] if later < len(spans) else None

    def _double(self) -> bool:
        shortcode = SHORTCODE.match(self.prose, self.place, self.place + WINDOW)
        if shortcode:
            self._skip_to(
                shortcode.end(),
                self._visible(shortcode[0][3:-3]),
            )
            return True
        return self._pattern(OUTPUT)

    def _visible(self, tag: str) -> str:
        """What readers see of a tag (given without braces): an address inside a link, else a title or label."""
        name, *rest = tag.strip(" -").split(None, 1)
        if name in LEADS and self.out and self.out[-1].endswith("("):
            found = ADDRESS.match(rest[0]) if rest else None
            return found[1] if found else GONE
        found = QUOTED_WORDS.search(tag)
        return f"{GONE}{found[1] or found[2] or ''}" if found else GONE

    def _tag(self) -> bool:
        if found := AUTOLINK.match(self.prose, self.place):
            self._keep_to(found.end())
            return True
        tag = tag_at(self.prose, self.place, self.names)
        if tag is None:
            return False
        name = tag.name.lower()
        if name == "br":
            self._keep_to(tag.end)
        elif name in UNSEEN and not tag.closing and (end := self._closing(name, tag.end)) is not None:
            self._skip_to(end)
        elif name in {"code", "pre"} and not tag.closing and (end := self._closing(name, tag.end)) is not None:
            self._as_code(name, tag.end, end)
        else:
            apart = SPACE if tag.apart else GONE
            self._skip_to(tag.end, f"{apart}{tag.words}{apart}" if tag.words else apart)
        return True

    def _closing(self, name: str, after: int) -> int | None:
        """The place after `</name>`."""
        mark = f"</{name}"
        if self._last(mark) < after:
            return None
        end = self.lower.find(">", self.lower.find(mark, after))
        return end + 1 if end > 0 else None

    def _as_code(self, name: str, start: int, end: int) -> None:
        inner = self.prose[start : self.prose.rfind("<", start, end)]
        inner = html.unescape(TAG_IN_CODE.sub("", inner)).replace("\x00", "")
        at_line_start = not self.out or self.out[-1].endswith(("\n", SPACE)) or len(self.out) == 1 and not self.out[0]
        if name == "pre" and at_line_start and "```" not in inner:
            self._skip_to(end, f"\n\n```\n{inner.strip(chr(10))}\n```\n\n")
        elif "\n" in inner or "`" in inner or not inner.strip():
            self._skip_to(end, inner.replace("<", "&lt;"))
        else:
            self._skip_to(end, f"`{inner.strip()}`")


NAMELIKE = re.compile(r"</?[A-Za-z!?]")


def _tidy_lines(text: str) -> str:
    """Removes the marks, and the indents and trailing spaces that the removed markup has left."""
    if GONE not in text:
        return text
    return "\n".join(_line(line) if GONE in line else line for line in text.split("\n"))


def _line(line: str) -> str:
    bare = line.lstrip(" \t")
    if bare.startswith(GONE):
        line = line[: min(3, len(line) - len(bare))] + bare.lstrip("\x00 \t")
    return re.sub(r" ?\x00{2,} ?", " ", line).replace(GONE, "").rstrip()
