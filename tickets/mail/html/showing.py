"""The HTML of a mail as agents see it, and whether they see it at once or the text. Pure.

Every tag is written anew, from HTML that is safe already (sanitising.py). Styles are written as `data-style`, because
the pages allow no style attributes: static/js/desk/mail_view.js applies them. Pictures that came with the mail are
`<img data-cid>`, the descriptions of others `<span class="remote">`: tickets/message_details/formatted.py puts in what
is shown for them when the page is made. What is below the new text has the class `rest`, and the page folds it.
"""

import html as entities
import re
from collections.abc import Collection
from dataclasses import dataclass

from tickets.mail.html import colours, content_ids, sanitising
from tickets.mail.html.meaning import carries_meaning
from tickets.mail.html.quoted_rest import rest_from
from tickets.mail.html.tokens import Token, tokens

EMPTY = frozenset(("br", "hr", "img"))
COPIED = ("href", "rel", "target", "colspan", "rowspan")
_NUMBER = re.compile(r"[1-9]\d{0,3}")


@dataclass(frozen=True)
class Shown:
    """`by_default`: the HTML says something that the text does not, so it is what agents see first."""

    html: str = ""
    by_default: bool = False


def show(html: str, text: str = "", *, folded: bool = False, pictures: Collection[str] = ()) -> Shown:
    """`text`: the new text of the mail. `folded`: there is more than that. `pictures`: Content-IDs worth a look."""
    items = list(colours.readable(tokens(sanitising.safe(html))))
    rest = rest_from(items, text) if folded else None
    return Shown(_Writer(rest).write(items), carries_meaning(items[:rest], pictures))


class _Writer:
    def __init__(self, rest: int | None) -> None:
        self.rest = rest
        self.out: list[str] = []
        self.open: list[tuple[str, bool]] = []  # tag, and whether it belongs to the rest

    def write(self, items: list[Token]) -> str:
        for at, item in enumerate(items):
            after = self.rest is not None and at >= self.rest
            # Inside an element that belongs to the rest nothing has to be said again.
            first = after and not (self.open and self.open[-1][1])
            if item.text:
                self.text(item.text, first)
            elif item.closes:
                self.close(item.name)
            else:
                self.start(item, after, first)
        while self.open:
            self.out.append(f"</{self.open.pop()[0]}>")
        return "".join(self.out).strip()

    def text(self, text: str, first: bool) -> None:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
        self.out.append(f'<span class="rest">{text}</span>' if first and text.strip() else text)

    def start(self, item: Token, after: bool, first: bool) -> None:
        name = "span" if item.name == "font" else item.name
        classes = [each for each in (item.attributes.get("class", ""), "rest" if first else "") if each]
        kept = {"class": " ".join(classes), "data-style": item.attributes.get("style", "")}
        kept |= {key: entities.unescape(item.attributes[key]) for key in COPIED if key in item.attributes}
        if name == "img":
            linked = any(each == "a" for each, _after in self.open)
            self.out.append(_picture(item, kept, ["rest"] * after, ["linked"] * linked))
            return
        self.out.append(_tag(name, kept))
        if name not in EMPTY:
            self.open.append((name, after))

    def close(self, name: str) -> None:
        name = "span" if name == "font" else name
        if not any(each == name for each, _after in self.open):
            return
        closed = ""
        while closed != name:
            closed, _after = self.open.pop()
            self.out.append(f"</{closed}>")


def _picture(image: Token, kept: dict[str, str], rest: list[str], linked: list[str]) -> str:
    """Pictures of other hosts are never loaded; their description is shown instead."""
    alt = entities.unescape(image.attributes.get("alt", "")).strip()[:120]
    if cid := content_ids.of_image(image):
        sizes = {key: value for key in ("width", "height") if _NUMBER.fullmatch(value := image.attributes.get(key, ""))}
        return _tag("img", {"data-cid": cid[:200], "alt": alt} | sizes | kept | {"class": " ".join(rest + linked)})
    if not alt:
        return ""
    return f"{_tag('span', {'class': ' '.join([*rest, 'remote'])})}{entities.escape(alt)}</span>"


def _tag(name: str, attributes: dict[str, str]) -> str:
    kept = ((key, value) for key, value in attributes.items() if value or key == "alt")
    written = "".join(f' {key}="{entities.escape(value)}"' for key, value in kept)
    return f"<{name}{written}>"
