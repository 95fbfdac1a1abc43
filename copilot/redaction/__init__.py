"""Masks personal data before a model reads it, and restores it on the agent's screen.

`knowledge.masking` finds what any text may contain (numbers, keys, links, street addresses, names of others). This
adds the customer's own record and numbers the placeholders; `values` stores what a ticket's placeholders stand for.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from knowledge import masking
from knowledge.masking import Span, tagger
from knowledge.masking.all_kinds import find_all
from knowledge.masking.forms import people_in, words_of_articles, words_to_keep
from knowledge.masking.names import occurrences, parts, telling_parts

PLACEHOLDER = re.compile(rf"<((?:FULL_)?NAME|SURNAME|(?:{'|'.join(masking.KINDS)})(?:_\d{{1,6}})?)>")
WHITE = re.compile(r"\s")
MOST_SEARCHED = 200  # values
LEFT_OUT = frozenset({"PERSON", "ADDRESS", "FULL_NAME", "SURNAME", "NAME"})  # of what is searched
MIN_PHONE = 6  # digits; a shorter number of the customer is not searched for
# Characters kept of a longer text: nobody reads more of it, and masking takes time for every character.
BEGINNING, ENDING = 48_000, 16_000


@dataclass(frozen=True)
class Person:
    """The customer's own record, as far as it identifies them."""

    name: str = ""
    email: str = ""
    phone: str = ""


def without_placeholders(text: str) -> str:
    """Somebody who types "<NAME>" into a mail or an article must not get a value inserted."""
    return PLACEHOLDER.sub(lambda found: f"({found.group(1).lower()})", text)


def bounded(text: str) -> str:
    """The text, or of a very long one the beginning and the end, cut between words."""
    if len(text) <= BEGINNING + ENDING:
        return text
    head, tail = text[:BEGINNING], text[-ENDING:]
    head = head[: max(head.rfind(" "), head.rfind("\n")) if WHITE.search(head, BEGINNING - 500) else BEGINNING]
    first = WHITE.search(tail, 0, 500)
    return f"{head}\n…\n{tail[first.end() if first else 0 :]}"


def _only_digits(value: str) -> str:
    return "".join(each for each in value if each.isdigit())


class Masker:
    """Replaces personal values by placeholders, the same value always by the same one.

    `known` are the numbered placeholders assigned before; `added` those that this masker assigns.
    """

    def __init__(self, person: Person, known: Mapping[str, str] | None = None) -> None:
        self.values: dict[str, str] = {}
        self.added: dict[str, str] = {}
        self.person = person
        self._known: dict[str, str] = {}
        self._count: dict[str, int] = {}
        # One text is masked for the model and for the search.
        self._read: dict[tuple[str, int], tuple[str, list[Span]]] = {}
        if person.email:
            self._give("EMAIL", person.email)
        self._phone = _only_digits(person.phone)
        self._phone_form: re.Pattern[str] | None = None
        if len(self._phone) >= MIN_PHONE:
            self._give("PHONE", person.phone)
            self._phone_form = re.compile(r"(?<!\d)\+?" + r"[\s()/.-]{0,3}".join(self._phone) + r"(?!\d)")
        self._names(person.name)
        for placeholder, value in (known or {}).items():
            kind, _, number = placeholder.rpartition("_")
            self._count[kind] = max(self._count.get(kind, 0), int(number))
            if value:  # of one that cannot be opened only the number is taken
                self._give(placeholder, value)

    def _give(self, placeholder: str, value: str) -> None:
        self.values[placeholder] = value
        self._known.setdefault(value.lower(), placeholder)

    def _names(self, name: str) -> None:
        self._searched: list[tuple[str, str]] = []
        said = parts(name)
        if len(said) > 1:
            self._searched += [("FULL_NAME", " ".join(name.split())), ("SURNAME", said[-1])]
        self._searched += [("NAME", each) for each in said[:1]]
        for placeholder, value in self._searched:
            self.values[placeholder] = value

    def mask(self, text: str) -> str:
        """`text` with every known or recognised personal value replaced; a very long one shortened."""
        text, spans = self.found(text)
        return masking.replaced(text, spans, lambda span: self._placeholder(span.kind, text[span.start : span.end]))

    def mask_for_search(self, texts: Sequence[str]) -> list[str]:
        """The same for a search, which needs words: names and addresses are left out, without placeholders.

        A word of somebody else's name that stands in a public article stays too (`knowledge.masking.forms`); all texts
        are taken at once, so that articles are asked once.
        """
        found = [self.found(text) for text in texts]
        kept = words_of_articles(name for each in found for name in people_in(*each))

        def instead(text: str, span: Span) -> str:
            if span.kind in LEFT_OUT:
                return words_to_keep(text, span, kept)
            return self._placeholder(span.kind, text[span.start : span.end])

        return [masking.replaced(text, spans, partial(instead, text)) for text, spans in found]

    def learn(self, *texts: str) -> None:
        """Give every name in these texts its placeholder: one that is known is found wherever it stands."""
        for text in texts:
            self.mask(text)

    def found(self, text: str) -> tuple[str, list[Span]]:
        """The text as it is read, and what is personal in it, in order."""
        read = (text, len(self.values))  # with another name known, more may be found
        if read not in self._read:
            plain = without_placeholders(masking.tidy(bounded(text)))
            own, others = self._own_spans(plain), self._spans_of_others(plain)
            self._read[read] = plain, find_all(plain, tagger.words(plain), own, others)
        return self._read[read]

    def _own_spans(self, text: str) -> Iterable[Span]:
        if self._phone_form is not None:
            for found in self._phone_form.finditer(text):
                yield Span(found.start(), found.end(), "PHONE")
        for placeholder, value in self._searched:
            for start, end in occurrences(value, text):
                yield Span(start, end, placeholder)

    def _spans_of_others(self, text: str) -> Iterable[Span]:
        """Names that were recognised before, and their parts, where nothing around says that they are names."""
        low = text.lower()
        known = [(placeholder.partition("_")[0], value) for placeholder, value in self.values.items()]
        for kind, value in [each for each in known if each[0] in ("PERSON", "ADDRESS")][:MOST_SEARCHED]:
            for piece in [value, *(telling_parts(value) if kind == "PERSON" else ())]:
                if piece.lower() in low:
                    yield from (Span(start, end, kind) for start, end in occurrences(piece, text))

    def _placeholder(self, kind: str, value: str) -> str:
        if kind in {"FULL_NAME", "SURNAME", "NAME"}:
            return f"<{kind}>"
        if kind == "PHONE" and self._phone and _only_digits(value).lstrip("0") == self._phone.lstrip("0"):
            return "<PHONE>"
        placeholder = self._known.get(value.lower())
        if placeholder is None:
            self._count[kind] = self._count.get(kind, 0) + 1
            placeholder = f"{kind}_{self._count[kind]}"
            self._give(placeholder, value)
            self.added[placeholder] = value
        return f"<{placeholder}>"

    def restore(self, text: str) -> str:
        """Replace placeholders by their values; unknown ones stay."""
        return restore(text, self.values)

    @property
    def kinds(self) -> dict[str, str]:
        """placeholder -> kind, without the values, for the draft's record."""
        return {placeholder: placeholder.split("_")[0].lower() for placeholder in self.values}


def restore(text: str, values: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values.get(found.group(1), found.group()), text)
