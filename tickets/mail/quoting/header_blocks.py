"""Finds header blocks (`From: … Sent: … To: … Subject: …`) above a quoted or forwarded mail, and separators. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tickets.mail import words
from tickets.mail.quoting.lines import MAX_LINE, Line

MAX_LABEL = 32
MAX_HEADERS = 30
MAX_WRAPPED = 8  # lines of a long list of recipients

_DRAWN = "-_=—–*#> \t"
_RULE = re.compile(r"[-_=—–]{8,}")
_TIME = re.compile(r"\d{1,2}[:.h]\d\d(?!\d)")
_COLON = re.compile(r"[:：]")


@dataclass(frozen=True)
class Block:
    start: int
    stop: int


@dataclass(frozen=True)
class _Header:
    roles: frozenset[tuple[str, str]]
    value: str


def find(lines: Sequence[Line], subject: str = "") -> list[Block]:
    """Blocks that mail programs wrote, not other lists with colons (a trip "From: Hamburg To: Oslo", a form)."""
    found: list[Block] = []
    at = 0
    while at < len(lines):
        if _header(lines[at]) is None:
            at += 1
            continue
        headers, stop = _run(lines, at)
        if _is_block(headers, lines, at, subject):
            found.append(Block(_first_drawn(lines, at), stop))
        at = stop
    return found


def separators(lines: Sequence[Line]) -> list[int]:
    """Lines like `-----Original Message-----`."""
    return [at for at, line in enumerate(lines) if _is_named_rule(line, "original")]


def forward_mark(lines: Sequence[Line]) -> int | None:
    """The first line that announces a forwarded mail."""
    return next((at for at, line in enumerate(lines) if _is_named_rule(line, "forwarded")), None)


def _is_named_rule(line: Line, kind: str) -> bool:
    text = line.inner
    name = text.strip(_DRAWN)
    if not 3 <= len(name) <= 120:
        return False
    shown = words.plain(name)
    drawn = len(text) - len(text.lstrip(_DRAWN)) >= 2
    if drawn:
        return bool(words.opening(kind).match(shown))
    return kind == "forwarded" and shown.endswith((":", "：")) and shown.rstrip(":： ") in words.phrases(kind)


def _header(line: Line) -> _Header | None:
    text = line.inner[:MAX_LINE].lstrip("*_|> \t")
    colon = _COLON.search(text, 0, MAX_LABEL)
    if colon is None:
        # French webmail: "Message du 16/11/26 16:10"
        said = words.plain(text[:60])
        return (
            _Header(frozenset({("fr", "sent")}), said)
            if said.startswith("message du ") and said[11:12].isdigit()
            else None
        )
    roles = words.labels().get(words.plain(text[: colon.start()].strip("*_| \t")))
    return _Header(roles, text[colon.end() :].strip("*_ \t")) if roles else None


def _run(lines: Sequence[Line], start: int) -> tuple[list[_Header], int]:
    """The headers from `start` on, and the line after them. Single empty lines between them are skipped."""
    headers: list[_Header] = []
    at, stop, wrapped = start, start, 0
    while at < len(lines) and lines[at].mark == lines[start].mark:
        header = _header(lines[at])
        if header is not None:
            headers.append(header)
            stop, wrapped = at + 1, 0
        elif lines[at].blank:
            if at + 1 >= len(lines) or lines[at - 1].blank or _header(lines[at + 1]) is None:
                break
        else:
            wrapped += 1
            text = lines[at].inner
            listed = "@" in text or text.endswith((";", ","))
            goes_on = at + 1 < len(lines) and _header(lines[at + 1]) is not None
            if wrapped > MAX_WRAPPED or not (listed or goes_on):
                break
            stop = at + 1 if listed else stop
        at += 1
    return headers, stop


def _is_block(headers: list[_Header], lines: Sequence[Line], start: int, subject: str) -> bool:
    headers = headers[:MAX_HEADERS]
    roles = _roles(headers)
    address = any("@" in header.value for header in headers)
    if "from" not in roles or len(roles) < (2 if address else 3) or (len(roles) == 2 and "to" in roles):
        return False
    if address or start > _first_drawn(lines, start) or _titled(headers, subject):
        return True
    # A quoted mail has the subject of the new one, apart from "Re:".
    return _dated(headers, any_label=not ("subject" in roles and subject))


def _roles(headers: list[_Header]) -> set[str]:
    """The roles of the labels, in the language (together with English) that knows most of them."""
    found: dict[str, set[str]] = {"en": set()}
    for header in headers:
        for language, role in header.roles:
            found.setdefault(language, set()).add("sent" if role == "date" else role)
    return max((roles | found["en"] for roles in found.values()), key=len)


def _dated(headers: list[_Header], any_label: bool) -> bool:
    """Whether a time comes before the recipient: in a list about a trip the destination comes first.

    `any_label`: also after a label that people use ("Date:"), not only after one of mail programs ("Sent:").
    """
    for header in headers:
        roles = {role for _, role in header.roles}
        if "sent" in roles or (any_label and "date" in roles):
            return bool(_TIME.search(header.value)) or "午" in header.value
        if roles == {"to"}:
            return False
    return False


def _titled(headers: list[_Header], subject: str) -> bool:
    wanted = words.bare(subject)
    titles = [header.value for header in headers if any(role == "subject" for _, role in header.roles)]
    return any(
        words.is_answer(title) or words.is_forward(title) or (bool(wanted) and words.bare(title) == wanted)
        for title in titles
    )


def _first_drawn(lines: Sequence[Line], first: int) -> int:
    """The line or separator drawn above the block. `first` if there is none."""
    at, drawn = first - 1, first
    while at >= max(first - 4, 0) and lines[at].mark == lines[first].mark:
        text = lines[at].inner[:MAX_LINE]
        if _RULE.match(text) and not text.strip(_DRAWN) or _is_named_rule(lines[at], "original"):
            drawn = at
        elif text:
            break
        at -= 1
    return drawn
