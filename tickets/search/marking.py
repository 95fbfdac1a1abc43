"""The words that were found, marked in the rows of a search: in subject, customer, labels and the message that has most
of them. For the rows of one page, in two queries; what people wrote is escaped."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, takewhile

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from config.words import endings
from config.words.clauses import Choice, Phrase
from config.words.terms import JOINT, LONGEST, fold, is_unspaced, placed
from tickets.models import Attachment, Message, Ticket
from tickets.search.query import Query

WINDOW = 120  # characters of a message that a row shows
LEAD = 12  # of them before the first hit: a row has little room, and the hit is what it is about
WORD = 24  # characters of a word that is not cut
READ = 800  # characters that are read around the first hit, to find more of them
Hit = tuple[int, int]  # where it begins and ends


@dataclass(frozen=True)
class Marks:
    """What a row shows, with the hits marked. `preview`: of the message; empty if none has a hit. `tags`, `files`: only
    those with a hit."""

    subject: SafeString
    customer: SafeString
    preview: SafeString
    tags: dict[str, SafeString]
    files: list[SafeString]


def mark(tickets: Sequence[Ticket], query: Query) -> None:
    """Gives each ticket its `marks`. Their tags and customers have been fetched."""
    ids, every = [ticket.pk for ticket in tickets], query.every
    said, files = _best_messages(ids, every), _files(ids)
    for ticket in tickets:
        found = _of(ticket, every, said.get(ticket.pk, ""), files.get(ticket.pk, []))
        ticket.marks = found  # type: ignore[attr-defined]


def _of(ticket: Ticket, wanted: Sequence[Choice], said: str, files: list[str]) -> Marks:
    def found(names: Iterable[str]) -> dict[str, SafeString]:
        return {name: marked(name, there) for name in names if (there := hits(name, wanted))}

    return Marks(
        marked(ticket.subject, hits(ticket.subject, wanted)),
        _customer(str(ticket.customer), ticket.customer.email, wanted),
        snippet(said, wanted),
        found(tag.name for tag in ticket.tags.all()),
        list(found(dict.fromkeys(files)).values()),
    )


def _customer(name: str, email: str, wanted: Sequence[Choice]) -> SafeString:
    """With the address, if only that was found."""
    by_name = hits(name, wanted)
    if by_name or name == email or not (by_email := hits(email, wanted)):
        return marked(name, by_name)
    return mark_safe(f"{escape(name)} ({marked(email, by_email)})")  # noqa: S308 - both parts are escaped


def _files(ids: Sequence[int]) -> dict[int, list[str]]:
    rows = Attachment.objects.filter(message__ticket__in=ids).order_by("message__ticket", "pk")
    by_ticket = groupby(rows.values_list("message__ticket", "filename"), key=lambda row: row[0])
    return {pk: [name for _, name in group] for pk, group in by_ticket}


def _best_messages(ids: Sequence[int], wanted: Sequence[Choice]) -> dict[int, str]:
    """Of each ticket the newest message that has most of what is wanted, judged by its longest words, which is quick:
    only this message is read word by word."""
    best: dict[int, tuple[int, str]] = {}
    rows = Message.objects.filter(ticket__in=ids).order_by("created_at", "pk").values_list("ticket", "text")
    for pk, text in rows.iterator(chunk_size=500):
        folded = fold(text)
        count = sum(_first([choice], folded) >= 0 for choice in wanted)
        if count and count >= best.get(pk, (1, ""))[0]:
            best[pk] = count, text
    return {pk: text for pk, (_, text) in best.items()}


# --- pure -----------------------------------------------------------------------------------------


def hits(text: str, wanted: Sequence[Choice]) -> list[Hit]:
    """Where the text has what is wanted, in order; those that touch are one."""
    places = list(placed(text))
    phrases: dict[str, list[Phrase]] = {}  # by their first letters, which all forms of a word share
    for phrase in (phrase for choice in wanted for phrase in choice):
        phrases.setdefault(phrase.terms[0][:2], []).append(phrase)
    found = sorted(
        hit
        for place, (term, _, _) in enumerate(places)
        for start in {term[:1], term[:2]} & phrases.keys()
        for phrase in phrases[start]
        for hit in _at(places, place, phrase)
    )
    joined: list[Hit] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _at(places: Sequence[tuple[str, int, int]], place: int, phrase: Phrase) -> Iterator[Hit]:
    """The words of the phrase, if it begins at this place."""
    there = places[place : place + len(phrase.terms)]
    if len(there) < len(phrase.terms):
        return
    *before, last = phrase.terms
    term, start, end = there[-1]
    begins = phrase.begins and term.startswith(last)
    if (begins or endings.alike(term, last)) and all(map(endings.alike, before, (each[0] for each in there))):
        yield from ((begin, stop) for _, begin, stop in there[:-1])
        part = begins and is_unspaced(last) and end - start == len(term)  # one letter of a pair
        yield start, start + len(last) if part else end


def marked(text: str, found: Sequence[Hit]) -> SafeString:
    parts, place = [], 0
    for start, end in found:
        parts += [escape(text[place:start]), "<mark>", escape(text[start:end]), "</mark>"]
        place = end
    return mark_safe("".join([*parts, escape(text[place:])]))  # noqa: S308 - every part of the text is escaped


def snippet(text: str, wanted: Sequence[Choice]) -> SafeString:
    """About WINDOW characters around the first hit, of whole words; empty if there is none."""
    part, cut = _around(text, wanted)
    line = " ".join(part.split())
    found = hits(line, wanted)
    if not found:
        return mark_safe("")
    start = _word_start(line, found[0][0] - LEAD) if found[0][0] > LEAD else 0
    end = _word_end(line, start + WINDOW)
    inside = [(begin - start, stop - start) for begin, stop in found if stop <= end]
    before, after = "… " if start or cut[0] else "", " …" if end < len(line) or cut[1] else ""
    return mark_safe(f"{before}{marked(line[start:end], inside)}{after}")  # noqa: S308 - `marked` escapes


def _around(text: str, wanted: Sequence[Choice]) -> tuple[str, tuple[bool, bool]]:
    """The part of a long text in which the first hit is, and whether something was cut off before and after it."""
    if len(text) <= READ:
        return text, (False, False)
    folded = fold(text)
    place = max(0, _first(wanted, folded)) * len(text) // max(1, len(folded))  # folding moves it a little: ß is two
    start = _word_start(text, place - READ // 4) if place > READ // 4 else 0
    end = _word_end(text, start + READ)
    return text[start:end], (start > 0, end < len(text))


def _first(wanted: Sequence[Choice], folded: str) -> int:
    """Where the first word begins that is the longest of one of these; -1 if there is none."""
    places = [_place(phrase, folded) for choice in wanted for phrase in choice]
    return min((place for place in places if place >= 0), default=-1)


def _place(phrase: Phrase, folded: str) -> int:
    term = max(phrase.terms, key=len)
    part = Phrase((term,), begins=phrase.begins and term == phrase.terms[-1])
    found = (match.start() for match in _written(term, phrase.terms).finditer(folded))
    return next((place for place in found if _is_word(part, folded, place)), -1)


@lru_cache(maxsize=1000)
def _written(term: str, terms: tuple[str, ...]) -> re.Pattern[str]:
    """What the term may look like in a text, at its beginning: other words may begin like this too."""
    signs = re.sub("^dot", ".", term).replace("plusplus", "++").replace("sharp", "#")
    looks = {re.escape(endings.stem(term)), re.escape(signs)}
    if len(terms) > 1 and term == "".join(terms[:-1]):  # of "e-mail"
        looks.add(JOINT.pattern.join(map(re.escape, terms[:-1])))
    return re.compile("|".join(sorted(looks)))


def _is_word(part: Phrase, folded: str, place: int) -> bool:
    if is_unspaced(part.terms[0]):
        return True
    if place and folded[place - 1].isalnum():
        return False
    first = takewhile(lambda each: each[1] == 0, placed(folded[place : place + LONGEST]))
    return any(hit for each in first for hit in _at([each], 0, part))


def _word_start(text: str, place: int) -> int:
    """Where the word at `place` begins; `place` itself where there are no spaces."""
    space = text.rfind(" ", max(0, place - WORD), place)
    return space + 1 if space >= 0 or place <= WORD else place


def _word_end(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", place - WORD, place + 1)
    return space if space >= 0 else place
