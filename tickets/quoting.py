"""What somebody newly wrote, apart from what they quote and their signature. Pure.

Attribution lines ("On … wrote:", "Am … schrieb …:"), header blocks and closing formulas in
thirteen languages come from mail-parser-reply; this module decides what follows from them.
Nothing is ever dropped: whatever is not new text is kept as quoted, and where everything
would be quoted, everything is text.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

from tickets import sanitising
from tickets.mime_body import Piece

# The library's patterns are quadratic in a line's length: they see this much of each.
MAX_LINE = 160
MAX_LINES = 1000
MAX_SIGNATURE_LINES = 14

# Polish header blocks match single ordinary lines ("Do: …"): only for mail in Polish.
_SAFE = tuple(sorted(set(MAIL_LANGUAGES) - {"pl", "david"}))
_FORWARDED = re.compile(
    r"^[->\s]*(?:begin forwarded message|-+ ?(?:forwarded message|weitergeleitete nachricht|message transf[ée]r[ée]"
    r"|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|转发的邮件)\b)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^[>\s]*-{3,} ?(?:original message|original appointment|urspr(?:ü|ue)ngliche nachricht|message d'origine"
    r"|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|原始邮件|reply message"
    r"|reply above this line).{0,40}$",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(r"^[\s>*|]*\*?[^\s:][^:\n]{1,18}:\*?\s+\S")
_INTRODUCES = re.compile(r"(?:@|\d{1,2}[:.]\d\d|\d{4}|wrote).{0,120}[:：]$")
_DASHES = re.compile(r"^(?:--|__|—) ?$")
_RULE = re.compile(r"^[_-]{8,}$")


@dataclass(frozen=True)
class Split:
    """`text` + `signature` + `quoted` hold every word of the original."""

    text: str
    quoted: str = ""
    signature: str = ""


def split(pieces: tuple[Piece, ...], language: str = "", forwarded: bool = False) -> Split:
    """The pieces of a mail (tickets/mime_body.py) as one. A forwarded mail is news, not a quotation."""
    parts = [_split_piece(piece, language, forwarded) for piece in pieces]
    text, quoted, signature = (
        "\n\n".join(filter(None, (getattr(part, name) for part in parts))) for name in ("text", "quoted", "signature")
    )
    return Split(text, quoted, signature) if text else Split(quoted or signature, "", signature if quoted else "")


def _split_piece(piece: Piece, language: str, forwarded: bool) -> Split:
    if not piece.html.strip():
        return split_plain(piece.plain, language, forwarded)
    from_html = split_html(piece.html, language, forwarded)
    whole = len(from_html.text) + len(from_html.quoted) + len(from_html.signature)
    # "Your mail program cannot show HTML" is no text; nor is an empty plain part.
    if len(piece.plain.strip()) * 5 < whole:
        return from_html
    plain = split_plain(piece.plain, language, forwarded)
    return plain if plain.quoted or not from_html.quoted else from_html


def split_html(html: str, language: str = "", forwarded: bool = False) -> Split:
    """First by the marks of mail programs, then as plain text."""
    runs = sanitising.text_runs(html)
    marked = "" if forwarded else sanitising.tidy("\n".join(run.text for run in runs if run.quoted))
    new = sanitising.tidy("".join(run.text for run in runs if forwarded or not run.quoted))
    new, introduction = _cut_introduction(new) if marked else (new, "")
    marked = "\n".join(filter(None, (introduction, marked)))
    if not new:
        return split_plain(marked, language, forwarded)
    first = split_plain(new, language, forwarded)
    return Split(first.text, "\n\n".join(filter(None, (first.quoted, marked))), first.signature)


def _cut_introduction(text: str) -> tuple[str, str]:
    """The line above what the mail program marked, in languages the library does not know."""
    before, _, last = text.rpartition("\n")
    return (before.strip(), last) if before.strip() and _INTRODUCES.search(last) else (text, "")


def split_plain(text: str, language: str = "", forwarded: bool = False) -> Split:
    whole = sanitising.tidy(text)
    lines = whole.split("\n")
    quoted = [False] * len(lines)
    end = len(lines) if forwarded else _mark(lines, quoted, language)
    new = [line for line, is_quoted in zip(lines[:end], quoted, strict=False) if not is_quoted]
    rest = [line for i, line in enumerate(lines) if quoted[i] or i >= end]
    new_text = sanitising.tidy("\n".join(new))
    if not re.search(r"\w", new_text):
        return Split(whole)
    body, signature = _cut_signature(new_text.split("\n"), language)
    return Split(body, sanitising.tidy("\n".join(rest)), signature)


def _mark(lines: list[str], quoted: list[bool], language: str) -> int:
    """Marks quoted lines; returns the line from which everything is quoted."""
    end = len(lines)
    for start, stop in _introductions(lines, language):
        if _FORWARDED.match(lines[max(start - 1, 0)]) or _FORWARDED.match(lines[start]):
            break
        after = next((i for i in range(stop, len(lines)) if lines[i].strip()), len(lines))
        if after < len(lines) and not lines[after].lstrip().startswith(">"):
            if any(re.search(r"\w", line) for i, line in enumerate(lines[:start]) if not quoted[i]):
                end = start
            break
        quoted[start:stop] = [True] * (stop - start)
    for i in range(1, end):
        if lines[i].lstrip().startswith(">") and not quoted[i - 1]:
            _mark_introduction(lines, quoted, i - 1)
    _mark_angled(lines[:end], quoted)
    return end


def _mark_introduction(lines: list[str], quoted: list[bool], last: int) -> None:
    """A date or an address and a colon above a quotation introduces it, in whatever language."""
    last -= not lines[last].strip()
    if last < 1 or lines[last].lstrip().startswith(">"):
        return
    two_lines = bool(lines[last - 1].strip()) and (
        lines[last - 1].rstrip().endswith("<") or not _INTRODUCES.search(lines[last])
    )
    first = last - two_lines
    if _INTRODUCES.search(" ".join(lines[first : last + 1])):
        quoted[first : last + 1] = [True] * (last + 1 - first)


def _mark_angled(lines: list[str], quoted: list[bool]) -> None:
    """Lines that start with `>`; where answers stand between them, they stay as context."""
    angled = [line.lstrip().startswith(">") for line in lines]
    written = [i for i, line in enumerate(lines) if line.strip() and not angled[i] and not quoted[i]]
    signature = next((i for i in written if _DASHES.match(lines[i].strip())), len(lines))
    written = [i for i in written if i < signature]
    answers = sum(any(angled[before:here]) for before, here in pairwise(written))
    between = answers >= 2 or (answers == 1 and any(angled[: written[0]]))
    last = written[-1] if between else -1
    for i, is_angled in enumerate(angled):
        if is_angled and i > last:
            quoted[i] = True


def _introductions(lines: list[str], language: str) -> list[tuple[int, int]]:
    """(first line, line after) of every place that introduces a quotation, in order."""
    probe = [line.strip()[:MAX_LINE] for line in lines[:MAX_LINES]]
    starts, at = [], 0
    for line in probe:
        starts.append(at)
        at += len(line) + 1
    joined = "\n".join(probe)
    found = [(i, i + 1) for i, line in enumerate(probe) if _SEPARATOR.match(line)]
    for match in _header_pattern(language).finditer(joined):
        text = match[0]
        lead = len(text) - len(text.lstrip("\n"))
        first = joined.count("\n", 0, match.start() + lead)
        last = joined.count("\n", 0, match.end())
        stop = min(last + 1, len(lines))
        if text.strip().endswith((":", "：")) and "\n" not in text.strip("\n") or _is_attribution(text):
            found.append((first, stop))
        elif _is_header_block(probe[first:stop]):
            found.append((first - _rules_above(probe, first), stop))
    return sorted(found)


def _is_attribution(text: str) -> bool:
    lines = text.strip().split("\n")
    return len(lines) <= 3 and lines[-1].rstrip().endswith((":", "：")) and not _HEADER_LINE.match(lines[0])


def _is_header_block(lines: list[str]) -> bool:
    """`From: … Sent: … To: …`: three such lines, or two with an address; not any list with colons."""
    headers = [line for line in lines if _HEADER_LINE.match(line)]
    return len(headers) >= 3 or (len(headers) == 2 and any("@" in line for line in headers))


def _rules_above(lines: list[str], first: int) -> int:
    above = 0
    while first - above - 1 >= 0 and (not lines[first - above - 1] or _RULE.match(lines[first - above - 1])):
        above += 1
    return above


def _cut_signature(lines: list[str], language: str) -> tuple[str, str]:
    """A signature is short, stands at the end and asks nothing."""
    joined = "\n".join(line.strip()[:MAX_LINE] for line in lines)
    at = next((i for i, line in enumerate(lines) if i and _DASHES.match(line.strip())), None)
    sure = at is not None
    if at is None:
        for match in _signature_pattern(language).finditer(joined):
            first = joined.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip()))
            if first and _is_closing(lines[first:]):
                at = first
                break
    if at is None or not re.search(r"\w", "".join(lines[:at])):
        return "\n".join(lines).strip(), ""
    tail = [line for line in lines[at:] if line.strip()]
    if len(tail) > MAX_SIGNATURE_LINES * (2 if sure else 1):
        return "\n".join(lines).strip(), ""
    return "\n".join(lines[:at]).strip(), "\n".join(lines[at:]).strip()


def _is_closing(lines: list[str]) -> bool:
    """Not "Thanks, it works now but …": a formula, a name, and nothing that asks or tells at length."""
    formula = lines[0].strip()
    after_comma = formula.partition(",")[2].split()
    short = len(formula) <= 60 and len(formula.split()) <= 7 and len(after_comma) <= 2
    return short and not any("?" in line or len(line) > 90 for line in lines)


@lru_cache(maxsize=32)
def _header_pattern(language: str) -> re.Pattern[str]:
    languages = [*_SAFE, *(["pl"] if language == "pl" else [])]
    return EmailMessage(text="", languages=languages).HEADER_REGEX


@lru_cache(maxsize=32)
def _signature_pattern(language: str) -> re.Pattern[str]:
    """Without hyphen lists, which are answers more often than names; the tail is judged here."""
    known = [language] if language in MAIL_LANGUAGES else ["de", "es", "fr", "it", "nl"]
    rules = EmailMessage(text="", languages=known, keep_hyphen_lists=True)
    formulas = [rules._get_language_regex(one, "signatures") for one in rules.languages]
    machines = [rules._get_language_regex(one, "sent_from") for one in MAIL_LANGUAGES if one != "david"]
    either = "|".join(filter(None, (*formulas, *machines)))
    return re.compile(rf"^[ \t]*(?:{either})[^\n]*$", re.MULTILINE | re.IGNORECASE)
