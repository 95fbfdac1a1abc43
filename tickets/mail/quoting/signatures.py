"""Cuts off the signature: name, telephone number and legal note below the text. Pure.

A signature is at the end and contains no questions and no sentences. If a P.S. or another sentence follows, nothing
is cut: a name too many on the screen is better than a question that nobody reads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets.mail import words as mail_words
from tickets.mail.quoting.lines import MAX_LINE

MAX_LINES = 14
MAX_WITH_LEGAL = 40  # if companies add a legal note
WRAPPED = 55  # characters; a shorter line was not wrapped by a mail program
MAX_PLACES = 20  # where a signature may begin

_DASHES = re.compile(r"(?:--|__|—) ?")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>]{1,300}")
_QUESTION = re.compile("[?？؟\u037e]")
_SENTENCE_END = re.compile(r"[.!:。！：][\"')\]]?$")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Cut:
    text: str
    signature: str = ""


def cut(lines: Sequence[str]) -> Cut:
    """Cuts at the first place from which everything is a signature."""
    written = next((at for at, line in enumerate(lines) if re.search(r"\w", line)), len(lines))
    last = max(written + 1, len(lines) - 3 * MAX_WITH_LEGAL)
    places = [at for at in range(last, len(lines)) if _begins(lines[at])]
    for at in places[-MAX_PLACES:]:
        if _is_signature(lines[at:]):
            return Cut("\n".join(lines[:at]).rstrip(), "\n".join(lines[at:]).strip())
    return Cut("\n".join(lines).strip())


def begins_with_dashes(line: str) -> bool:
    return bool(_DASHES.fullmatch(line.strip()))


def _begins(line: str) -> bool:
    if begins_with_dashes(line):
        return True
    said = mail_words.plain(line[:MAX_LINE])
    # "Sent from my desk is much easier than …" is a sentence.
    machine = mail_words.opening("machine").match(said) and len(said.split()) < 10
    return bool(machine) or _is_closing(said)


def _is_closing(said: str) -> bool:
    """ "Best regards", "Thanks, Tom"; not "Thanks, it works now but …", not "Tak for it"."""
    found = mail_words.opening("closing").match(said)
    if found is None or len(said) > 60:
        return False
    rest = said[found.end() :].strip(" .!")
    if not rest:
        return True
    named = rest[0] in ",，/|-–" or len(found[0].split()) > 1
    return named and len(re.findall(r"\w+", rest)) <= 2


def _is_signature(tail: Sequence[str]) -> bool:
    shown = [line for line in tail if line.strip()]
    if len(shown) == 1 and mail_words.plain(shown[0]).rstrip(" ,.!") in mail_words.phrases("closing"):
        return False  # only a closing, without a name
    if len(shown) > MAX_WITH_LEGAL or (len(shown) > MAX_LINES and not any(map(_is_legal, shown[: MAX_LINES + 1]))):
        return False
    if any(_is_question(line) or (i and _is_postscript(line)) for i, line in enumerate(shown)):
        return False
    return not any(_is_prose(sentence) for sentence in _unwrapped(tail[1:]))


def _is_postscript(line: str) -> bool:
    said = mail_words.plain(line[:60])
    found = mail_words.opening("postscript").match(said)
    return bool(found and said[found.end() :].lstrip(" .:：,-"))


def _is_question(line: str) -> bool:
    return bool(_QUESTION.search(_LINK.sub("", line[:2000])))


def _is_legal(line: str) -> bool:
    return bool(mail_words.within("legal").search(mail_words.plain(line[:MAX_LINE])))


def _unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """The lines, with lines joined that a mail program has wrapped."""
    now = before = ""
    for line in lines:
        if now and line.strip() and len(before) >= WRAPPED:
            now = f"{now} {line.strip()}"
        else:
            yield now
            now = line.strip()
        before = line
    yield now


def _is_prose(sentence: str) -> bool:
    """A sentence that is not part of a legal note."""
    words = sentence[:2000].split()
    small = sum(word[:1].islower() for word in words)
    prose = (
        (len(words) >= 5 and bool(_SENTENCE_END.search(sentence)))
        or (len(words) >= 6 and small * 2 > len(words))
        or len(_WIDE.findall(sentence[:2000])) >= 12
        or len(words) >= 16
    )
    return (
        prose and not _is_legal(sentence) and not mail_words.opening("machine").match(mail_words.plain(sentence[:200]))
    )
