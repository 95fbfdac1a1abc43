"""What a customer's message asks: masked, shortened, with earlier messages and its language.

Nothing here writes. `inputs` and `question_of` read the ticket, `mask` asks the tagger and the index of words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from copilot.evidence.question_text import shortened
from copilot.redaction import PLACEHOLDER, Masker, Person, bounded
from copilot.redaction.values import known, masker_of, person_of
from knowledge.masking import tagger
from tickets import languages
from tickets.models import Message, OutgoingMail, Ticket

HISTORY = 4  # earlier messages of the thread that help to understand the latest one
HISTORY_CHARACTERS = 500  # of each
CUT = 200  # more are masked, so that no value is cut before it is found
QUESTION_WORDS = 260
SEARCHED = 950  # characters of subject and text that the search takes as they are
SEARCH_WORDS = 130


@dataclass(frozen=True)
class MaskInput:
    """A message and the ones before it, newest first, unmasked.

    `tagger`: the one that looks for names; empty without one. `known`: placeholders that the ticket has already. They
    are not compared: new ones do not change this message.
    """

    subject: str
    text: str
    earlier: tuple[str, ...]
    person: Person
    tagger: str = ""
    known: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Masked:
    """`asked` is what the model reads, `query` what is searched. `added`: its new placeholders. `whole`: all of the
    message, "" if that is `asked`.

    They differ where a name of somebody else is also a word of our articles: the search needs it.
    """

    asked: str
    query: str
    history: tuple[str, ...]
    reason: str = ""
    added: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    whole: str = ""


@dataclass(frozen=True)
class LanguageInput:
    """Where the language may come from, the most certain first. `earlier`: what the customer wrote before."""

    text: str
    earlier: tuple[str, ...]
    ticket: str
    customer: str


@dataclass(frozen=True)
class Language:
    """`code`: in which the customer is answered. `close`: where it was not read in the message, and that is in one of
    other languages, the first of them."""

    code: str
    reason: str
    close: str = ""

    @property
    def searched(self) -> str:
        """What the search takes the message to be in."""
        return self.close or self.code


@dataclass(frozen=True)
class Question:
    """One customer message, masked, with the masker that can restore it."""

    text: str
    query: str
    language: str
    masker: Masker
    history: tuple[str, ...] = ()


def mask(given: MaskInput) -> Masked:
    masker = Masker(given.person, given.known)
    before = [each[: HISTORY_CHARACTERS + CUT] for each in given.earlier]
    masker.learn(given.text, given.subject, *before)
    subject, text = masker.mask(given.subject), masker.mask(given.text)
    short = shortened(text, QUESTION_WORDS)
    asked = short if subject.lower().removeprefix("re: ") in short.lower() else f"{subject}\n{short}"
    about, searched, *history = masker.mask_for_search([given.subject, given.text, *before])
    # The search reads 1000 characters: of a longer mail the questions, not the beginning.
    searched = searched if len(about) + len(searched) < SEARCHED else shortened(searched, SEARCH_WORDS)
    earlier = tuple(each[:HISTORY_CHARACTERS] for each in history)
    query = f"{about}\n{searched}"[:1500]
    # Placeholders that are only in earlier messages are never shown: those texts are only searched with.
    whole = "" if short == text else f"{subject}\n{text}"
    named = {each[1] for kept in (asked, query, whole) for each in PLACEHOLDER.finditer(kept)}
    reason = f"masked: {', '.join(sorted(named))}" if named else "nothing personal in it"
    reason += "" if given.tagger else "; names of others were looked for by rules alone"
    added = {name: value for name, value in masker.added.items() if name in named}
    return Masked(asked, query, earlier, reason, added, whole)


def language(given: LanguageInput) -> Language:
    """The latest message decides: a colleague of the customer may write in another language than the ticket's.

    One that is too short or not clear is in the language of the message before it. Danish or Norwegian may not be
    clear, but neither is English: one of them counts before others, and the search takes it for one of them.
    """
    detected = languages.detect(given.text)
    if detected:
        return Language(detected, "read in the message")
    close = languages.close(given.text)
    earlier = next(filter(None, map(languages.detect, given.earlier)), "")
    known = [
        (earlier, "read in an earlier message"),
        (given.ticket, "the ticket's"),
        (given.customer, "the customer's"),
    ]
    there = sorted((each for each in known if each[0]), key=lambda each: bool(close) and each[0] not in close)
    code, reason = there[0] if there else ("", "not known")
    return Language(code, reason, close[0] if close and code not in close else "")


def inputs(message: Message) -> tuple[MaskInput, LanguageInput]:
    ticket, text = message.ticket, bounded(message.text)
    before = written_before(message)
    earlier = tuple(each for _, each in before)
    theirs = tuple(each for kind, each in before if kind == Message.Kind.CUSTOMER)
    return (
        MaskInput(ticket.subject, text, earlier, person_of(ticket), tagger.name(), known(ticket)),
        LanguageInput(text, theirs, ticket.language, ticket.customer.language),
    )


def written_before(message: Message) -> list[tuple[str, str]]:
    """Kind and text of what was said before, newest first."""
    said = message.ticket.messages.filter(kind__in=Message.WITH_CUSTOMER).exclude(
        outgoing__state=OutgoingMail.State.UNDONE
    )
    earlier = said.filter(created_at__lt=message.created_at).order_by("-created_at")
    return [(kind, bounded(text)) for kind, text in earlier.values_list("kind", "text")[:HISTORY]]


def question_of(ticket: Ticket, message: Message) -> Question:
    """The question without storing its placeholders, for callers that restore no values."""
    message.ticket = ticket
    to_mask, to_read = inputs(message)
    masked, spoken = mask(to_mask), language(to_read)
    return Question(masked.asked, masked.query, spoken.code, masker_of(ticket), masked.history)
