"""What a draft may rest on: the question of a ticket, and the passages found for it."""

from dataclasses import dataclass

from knowledge.search import Passage, SearchResult, search

from copilot.excerpts import window
from copilot.redaction import Masker, Person, masker_for, without_placeholders
from tickets.models import Message, Ticket

MAX_EXCERPTS = 3
EXCERPT_WORDS = 110
QUESTION_WORDS = 260


@dataclass(frozen=True)
class Question:
    """One customer message, masked, with the masker that can restore it."""

    text: str
    query: str
    language: str
    masker: Masker


@dataclass(frozen=True)
class Grounds:
    """Numbered from 1 in this order: `excerpts[0]` is what `[1]` refers to."""

    passages: tuple[Passage, ...]
    excerpts: tuple[str, ...]
    found: SearchResult


def masker_of(ticket: Ticket) -> Masker:
    """The ticket's masker, always numbered alike: it reads the customer's messages from the first on."""
    customer = ticket.customer
    texts = ticket.messages.filter(kind=Message.Kind.CUSTOMER).values_list("text", flat=True)
    return masker_for(Person(customer.name, customer.email, customer.phone), [ticket.subject, *texts])


def question_of(ticket: Ticket, message: Message) -> Question:
    masker = masker_of(ticket)
    words = masker.mask(message.text).split(" ")
    text = " ".join(words[:QUESTION_WORDS])
    subject = masker.mask(ticket.subject)
    asked = text if subject.lower().removeprefix("re: ") in text.lower() else f"{subject}\n{text}"
    return Question(asked, f"{subject}\n{text}"[:1500], ticket.language or ticket.customer.language, masker)


def find(question: Question, category: str = "") -> Grounds:
    """Search the knowledge base for what may answer. No passages: nothing good enough was found."""
    found = search(question.query, limit=5, language=question.language, category=category)
    passages = tuple(found.passages[:MAX_EXCERPTS])
    excerpts = tuple(excerpt(passage, question.query) for passage in passages)
    return Grounds(passages, excerpts, found)


def excerpt(passage: Passage, query: str) -> str:
    """Title, section and the most relevant sentences, as one numbered entry of the prompt."""
    where = passage.title if not passage.heading_path else f"{passage.title} — {passage.heading_path}"
    return f"{where}: {without_placeholders(window(passage.text, query, EXCERPT_WORDS))}"
