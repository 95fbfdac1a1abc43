"""Repairs HTML from strangers: closes every tag, limits the depth, removes what is hidden. Pure.

A parser that repairs HTML as browsers do can be made to take quadratic time and memory (unclosed formatting,
thousands of levels, thousands of attributes). The output of this module leaves it nothing to repair.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from tickets.mail.html.styles import NOTHING, Look, Sheet, look
from tickets.mail.html.tokens import Token, tokens

MAX_DEPTH = 120
KEPT = frozenset(
    "a abbr b blockquote caption code dd del div dl dt em font h1 h2 h3 h4 h5 h6 i ins li ol p pre q s "  # noqa: SIM905
    "small span strike strong sub sup table tbody td tfoot th thead tr u ul".split()
)
# Elements that become a <div>.
AS_DIV = frozenset(
    "section article header footer main aside nav center address form fieldset figure figcaption".split()  # noqa: SIM905
)
EMPTY = frozenset("br hr img".split())  # noqa: SIM905
IGNORED = frozenset("area base col embed input link meta param source track wbr html head body svg math".split())  # noqa: SIM905
NAMES = frozenset(
    "class id style type href src alt colspan rowspan align valign bgcolor color width height border".split()  # noqa: SIM905
)
_BLOCKS = frozenset("blockquote div dl h1 h2 h3 h4 h5 h6 hr ol p pre table ul".split())  # noqa: SIM905
# An opening tag → the open elements that it closes, and the elements that stop the search for them.
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "table"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl", "table"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl", "table"})),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "a": (frozenset({"a"}), frozenset({"td", "th", "table"})),
    **{name: (frozenset({"p"}), frozenset({"td", "th", "li", "blockquote", "div", "table"})) for name in _BLOCKS},
}


@dataclass(frozen=True)
class _Open:
    name: str
    written: str  # "": opened, but not written
    look: Look


@lru_cache(maxsize=4)
def repair(html: str) -> str:
    """Removes hidden text, unless all text is hidden."""
    shown = _Writer(hide=True).write(html)
    return shown if shown.strip() else _Writer(hide=False).write(html)


class _Writer:
    def __init__(self, hide: bool) -> None:
        self.hide = hide
        self.out: list[str] = []
        self.stack: list[_Open] = []
        self.open: Counter[str] = Counter()
        self.too_deep: Counter[str] = Counter()  # opened below MAX_DEPTH, and left out
        self.styles: list[str] = []
        self.sheet = Sheet()

    def write(self, html: str) -> str:
        for token in tokens(html, self.styles):
            while self.styles:
                self.sheet.add(self.styles.pop())
            if token.text:
                self.text(token.text)
            elif token.closes:
                self.close(token.name)
            else:
                self.start(token)
        while self.stack:
            self.pop()
        return "".join(self.out)

    @property
    def now(self) -> Look:
        return self.stack[-1].look if self.stack else NOTHING

    def text(self, text: str) -> None:
        now = self.now
        if self.hide and (now.hidden or now.tiny):
            return
        text = text.replace("<", "&lt;").replace(">", "&gt;")
        if now.breaks and not self.open["pre"]:
            text = text.replace("\r\n", "\n").replace("\n", "<br>").replace("  ", "&nbsp; ")
        self.out.append(text)

    def start(self, token: Token) -> None:
        name, given = token.name, token.attributes
        if name in EMPTY:
            if not (self.hide and self.now.hidden):
                self.out.append(f"<{name}{_attributes(given)}>")
            return
        if name in IGNORED:
            return
        name = "div" if name in AS_DIV else name
        if name in _ENDS:
            self.end_open(*_ENDS[name])
        if len(self.stack) >= MAX_DEPTH:
            self.too_deep[token.name] += 1
            return
        own = look(given.get("style", "")) if "style" in given else NOTHING
        own = own.over(self.sheet.of(token.name, given.get("class", ""), given.get("id", "")))
        own = own if "hidden" not in given else own.over(Look(no_display=True))
        found = own.inside(self.now)
        written = name if name in KEPT and not (self.hide and found.hidden) else ""
        self.stack.append(_Open(token.name, written, found))
        self.open[token.name] += 1
        if written:
            self.out.append(f"<{written}{_attributes(given)}>")

    def end_open(self, wanted: frozenset[str], until: frozenset[str]) -> None:
        if not any(self.open[name] for name in wanted):
            return
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at].name in wanted:
                while len(self.stack) > at:
                    self.pop()
                return
            if self.stack[at].name in until:
                return

    def close(self, name: str) -> None:
        if name == "br":
            self.out.append("<br>")
        if self.too_deep[name]:
            self.too_deep[name] -= 1
        elif self.open[name]:
            while self.stack and self.pop() != name:
                pass

    def pop(self) -> str:
        last = self.stack.pop()
        self.open[last.name] -= 1
        if last.written:
            self.out.append(f"</{last.written}>")
        return last.name


def _attributes(given: dict[str, str]) -> str:
    kept = ((name, value) for name, value in given.items() if name in NAMES)
    return "".join(f' {name}="{_quoted(value)}"' for name, value in kept)


def _quoted(value: str) -> str:
    return value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
