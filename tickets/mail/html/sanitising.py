"""Turns the HTML of a mail into safe HTML, and into text. Pure."""

import html as entities
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby

import nh3

from tickets.mail.html.repairing import EMPTY, KEPT, repair
from tickets.mail.html.tokens import tokens
from tickets.mail.mime.decoding import storable

MAX_SHOWN = 400_000  # characters; more is too much for a browser
MAX_SHOWN_TAGS = 15_000
MAX_READ = 1_500_000  # characters; of more HTML only the words are read
MAX_READ_TAGS = 50_000

TAGS = set(KEPT | EMPTY)
BLOCKS = set("blockquote caption dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split())  # noqa: SIM905
VOID = {"br", "hr", "img"}
STANDS_FOR = {"li": "- ", "hr": "________________________________\n"}
_CELL = {"colspan", "rowspan", "bgcolor", "width", "valign"}
ATTRIBUTES = {
    "*": {"style", "class", "align"},
    "a": {"href"},
    "font": {"color"},
    "img": {"src", "alt", "width", "height"},
    "table": {"bgcolor", "width", "border"},
    "td": _CELL,
    "th": _CELL,
    "tr": {"bgcolor", "valign"},
}

# Elements of mail programs in which everything is quoted.
QUOTE_CLASSES = {
    "gmail_quote",
    "gmail_quote_container",
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "moz-cite-prefix",
    "gmail_attr",
    "reply-intro",
    "zohomail_quote",
}
QUOTE_IDS = {"olk_src_body_section", "reply-intro", "orimsghtmlseperator", "yahoo_quoted"}
# Elements after which everything is quoted.
SEPARATOR_IDS = {
    "divrplyfwdmsg",
    "appendonsend",
    "stopspelling",
    "x_divrplyfwdmsg",
    "mail-editor-reference-message-container",
}
# The line at the side of a quotation. Text that was indented with a button has none.
_SIDE_LINE = re.compile(r"border-left(?:-width|-style)?:\s{0,5}(?!none|0|medium)\S", re.IGNORECASE)
_OUTLOOK_LINE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s+#?(?:e1e1e1|b5c4df)", re.IGNORECASE)


def safe(html: str) -> str:
    """HTML without scripts, forms and remote images, for showing.py, which reads the styles. "" if it is too much."""
    if len(html) > MAX_SHOWN or html.count("<") > MAX_SHOWN_TAGS:
        return ""
    cleaned = nh3.clean(
        repair(html),
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "iframe"},
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_relative="deny",
    )
    return storable(cleaned).strip()


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if value.lower().startswith("cid:") else None
    if tag == "a" and value.lower().startswith("cid:"):
        return None
    if name == "class":  # Outlook's paragraphs have no space between them
        return "tight" if "mso" in value.lower() else None
    return value[:2000]


# How a mail program marked text: not at all, indented (a quotation, or the writer's own list), cited as a mail,
# or certainly quoted.
PLAIN, INDENTED, CITED, QUOTED = range(4)


@dataclass(frozen=True)
class Run:
    """Text with one `mark` (PLAIN to QUOTED)."""

    text: str
    mark: int


def text_runs(html: str) -> list[Run]:
    """The text in order, cut where the mark changes."""
    if len(html) > MAX_READ or html.count("<") > MAX_READ_TAGS:
        return [Run(_rough_text(html), PLAIN)]
    # Makes a well-formed tree first, so that the walk below can rely on every end tag.
    whole = nh3.clean(
        repair(html),
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "iframe"},
        attributes={"*": {"class", "id", "style", "type", "cite"}, "a": {"href"}, "img": {"alt"}},
        link_rel=None,
        url_relative="pass_through",
    )
    walk = _TextWalk()
    walk.feed(whole)
    walk.close()
    return walk.runs()


def to_text(html: str) -> str:
    return tidy("".join(run.text for run in text_runs(html)))


def tidy(text: str) -> str:
    """No spaces at the ends of lines, and at most one empty line in a row."""
    lines = [line.rstrip() for line in storable(text).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _rough_text(html: str) -> str:
    """For very long HTML: the words in order, with line breaks where blocks end."""
    out = []
    for token in tokens(html[:MAX_READ]):
        if token.text:
            out.append(re.sub(r"\s+", " ", entities.unescape(token.text)))
        elif token.name == "br" or (token.closes and token.name in BLOCKS):
            out.append("\n")
    return "".join(out)


class _TextWalk(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[tuple[str, int]] = []
        self.open: list[tuple[str, int, int, str]] = []  # tag, mark, where its text starts, link
        self.marks = [PLAIN]
        self.wrappers: list[int] = []  # which marks are Gmail's wrappers around quotations and answers to them
        self.rest_quoted = False
        self.has_text = False
        self.pre = 0

    def runs(self) -> list[Run]:
        found: list[Run] = []
        for mark, texts in groupby(self.out, key=lambda piece: piece[1]):
            lines = "".join(text for text, _ in texts).split("\n")
            text = _FILLER.sub(" ", "\n".join(line.strip(" ") for line in lines))
            found.append(Run(re.sub(r"\n{3,}", "\n\n", text), mark))
        return found

    def add(self, text: str) -> None:
        if not text:
            return
        self.out.append((text, QUOTED if self.rest_quoted else self.marks[-1]))

    def break_line(self, lines: int, always: bool = False) -> None:
        """A block begins on a new line. Two blocks make one break, not two."""
        before = self.out[-1][0][-8:] if self.out else ""
        there = len(before) - len(before.rstrip("\n")) if before.strip(" ") else 0
        self.add("\n" * (lines if always else max(lines - there, 0)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("id", "").lower() in SEPARATOR_IDS or _OUTLOOK_LINE.search(given.get("style", "")):
            self.rest_quoted = self.rest_quoted or self.has_text
        mark = self.mark_of(tag, given)
        if mark and tag not in VOID:
            self.marks.append(max(self.marks[-1], mark))
            if tag == "div" and "gmail_quote" in given.get("class", "").lower():
                self.wrappers.append(len(self.marks))
        if tag in BLOCKS or tag == "br":
            self.break_line(2 if tag == "p" else 1, tag == "br")
        if tag in STANDS_FOR:
            self.add(STANDS_FOR[tag])
        elif tag == "img" and given.get("alt", "").strip():
            self.add(f"[{given['alt'].strip()[:120]}]")
        self.pre += tag == "pre"
        if tag not in VOID:
            self.open.append((tag, mark, len(self.out), given.get("href", "")))

    def mark_of(self, tag: str, given: dict[str, str]) -> int:
        classes = set(given.get("class", "").lower().split())
        if classes & QUOTE_CLASSES or given.get("id", "").lower() in QUOTE_IDS:
            return QUOTED
        if tag != "blockquote":
            return PLAIN
        cited = given.get("type") == "cite" or "cite" in given or _SIDE_LINE.search(given.get("style", ""))
        return CITED if cited else INDENTED

    def close_mark(self, tag: str) -> None:
        """Text below the quotation in Gmail's wrapper is the answer to it, so it is not quoted."""
        if self.wrappers and self.wrappers[-1] == len(self.marks):
            self.wrappers.pop()
        self.marks.pop()
        if tag == "blockquote" and self.wrappers and self.wrappers[-1] == len(self.marks):
            self.marks[-1] = self.marks[-2]

    def handle_endtag(self, tag: str) -> None:
        if not any(opened[0] == tag for opened in reversed(self.open)):
            return
        closed = ""
        while closed != tag:
            closed, mark, start, link = self.open.pop()
            if closed in BLOCKS:
                self.break_line(2 if closed == "p" else 1)
            elif closed in {"td", "th"}:
                self.add(" ")
            elif closed == "a":
                self.add_link(link, start)
            if mark:
                self.close_mark(closed)
            self.pre -= closed == "pre"

    def add_link(self, link: str, start: int) -> None:
        """A short link is written behind its text: `our page (https://…)`."""
        shown = "".join(text for text, _ in self.out[start:])
        host = re.sub(r"^(?:https?://|mailto:)(?:www\.)?", "", link).rstrip("/")
        if link.startswith(("http://", "https://")) and len(link) <= 120 and shown.strip() and host not in shown:
            self.add(f" ({link})")

    def handle_data(self, data: str) -> None:
        if not self.pre and not data.strip() and (not self.out or self.out[-1][0].endswith("\n")):
            return
        self.has_text = self.has_text or bool(data.strip())
        # In <pre> spaces at the start of a line are kept, as hard spaces.
        self.add(_INDENT.sub(_hard, data) if self.pre else re.sub(r"[^\S\xa0]+", " ", data))


def _hard(found: re.Match[str]) -> str:
    return "\xa0" * len(found[0])


_INDENT = re.compile(r"^ +", re.MULTILINE)
# Invisible characters that newsletters put after their preheader.
_FILLER = re.compile("(?:[\u00ad\u034f\u200b-\u200f\u2007\u2060\ufeff][ \xa0]*+){4,}")
