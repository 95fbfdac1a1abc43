"""Invented personal data, mails that hold it, and the search for it in all that leaves the process or is stored.

`Watch` hears every model, embedder and reranker, every line of the log and every event to browsers. `found` then looks
through these, through every table of the database and every file, so that a new model or a new file is searched too.
"""

import base64
import binascii
import contextlib
import json
import logging
import re
import zlib
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from logging.config import DictConfigurator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from copilot.llm import ChatMessage, FirstToken, Piece, Priority, Sampling
from knowledge.index.embeddings import FakeEmbedder
from knowledge.search.rerank import BUDGET, FakeReranker
from tests.fakes import INTO_ENGLISH, FakeModel
from tickets import live

CUSTOMER, EMAIL, PHONE = "Marisol Quintero", "marisol.quintero@lumenhof.example", "+44 7700 900417"
COLLEAGUE = "Ingrid Halvorsen"
STRANGER = "Oluwaseun Adebimpe"  # no word beside it says that it is a name: only the tagger finds it
ADDRESS = "48 Wetherby Crescent, Leeds LS8 2QT"
CARD, IBAN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
PASSWORD, KEY = "Blue$ky99", "sk_live_9aBcDeFgHiJkLmNoPq"  # noqa: S105 - invented
LINK = "https://tallybird.example/magic/550e8400-e29b-41d4-a716-446655440000"
BORN, IP = "3 May 1984", "86.231.85.193"
# Beginnings of names: in some languages they have endings.
NAMES = (
    *("Marisol", "Quintero", "Ingrid", "Halvorsen", "Wetherby", "Annegret", "Kowalczyk", "Mathilde", "Lefebvre"),
    *("Rocío", "Villanueva", "Ginevra", "Bianchini", "Catarina", "Figueiredo", "Sanne", "Hoekstra"),
    *("Agnieszk", "Wiśniewsk", "Oluwaseun", "Adebimpe"),
)
# However they are grouped: only letters and digits are compared.
VALUES = (EMAIL, "7700 900417", "LS8 2QT", CARD, IBAN, PASSWORD, KEY, "550e8400-e29b", BORN, IP)
MAILS = {
    "en": f"My colleague {COLLEAGUE} was charged twice in March. Why was {COLLEAGUE} charged twice?",
    "de": "Meiner Kollegin Annegret Kowalczyk wurde im März zweimal Geld abgebucht, und wir verstehen das nicht. "
    "Warum sieht Frau Kowalczyk auf ihrer Karte zwei Zahlungen? Ihr Passwort: {password}",
    "fr": "Ma collègue Mathilde Lefebvre a été débitée deux fois en mars, et nous ne comprenons pas pourquoi. "
    "Quand pouvez-vous rembourser Mathilde Lefebvre ? Son mot de passe : {password}",
    "es": "Han cobrado dos veces en marzo a mi compañera Rocío Villanueva, y no entendemos por qué. "
    "¿Cuándo devuelven el dinero a Rocío Villanueva? Su contraseña: {password}",
    "it": "Alla mia collega Ginevra Bianchini è stato addebitato due volte lo stesso importo, e non capiamo perché. "
    "Quando rimborsate Ginevra Bianchini? La sua password: {password}",
    "pt": "A minha colega Catarina Figueiredo foi cobrada duas vezes em março, e não percebemos porquê. "
    "Quando devolvem o dinheiro à Catarina Figueiredo? A senha dela: {password}",
    "nl": "Bij mijn collega Sanne Hoekstra is in maart twee keer geld afgeschreven, en wij begrijpen niet waarom. "
    "Wanneer krijgt Sanne Hoekstra het geld terug? Haar wachtwoord: {password}",
    "pl": "Moja koleżanka Agnieszka Wiśniewska zapłaciła w marcu dwa razy i nie rozumiemy dlaczego. "
    "Kiedy Agnieszka Wiśniewska dostanie zwrot pieniędzy? Jej hasło: {password}",
}
MAILS = {language: text.format(password=PASSWORD) for language, text in MAILS.items()}
EVERYTHING = (
    f"I am {CUSTOMER}, write to {EMAIL} or call {PHONE}. I was born on {BORN}.\n"
    f"Please send the invoice of {COLLEAGUE} to {ADDRESS}.\n"
    f"Her card {CARD} and my IBAN {IBAN} were both used. My password is {PASSWORD}, the API key {KEY}.\n"
    f"The link {LINK} is dead. Then {STRANGER} logged in from {IP}."
)
# Without a word of English, which would make a mail in another language English.
NUMBERS = f"{STRANGER}, {EMAIL}\n{CUSTOMER}, {PHONE}\nVisa {CARD}, IBAN {IBAN}\nAPI: {KEY}\n{LINK}\nIP {IP}"
SIGNATURE = f"Kind regards\n{CUSTOMER}\n{ADDRESS}\n{PHONE}\n{EMAIL}"
QUOTED = f"On 3 March 2026, {COLLEAGUE} <{EMAIL}> wrote:\n> " + f"{MAILS['en']}\n{EVERYTHING}".replace("\n", "\n> ")
SUBJECT = f"Charged twice in March: {STRANGER}, my colleague {COLLEAGUE}, {EMAIL}, card {CARD}"


def mail(language: str) -> str:
    """The text of a mail: what is asked, all that is personal, a signature, and a quotation."""
    values = EVERYTHING if language == "en" else NUMBERS
    return f"{MAILS[language]}\n\n{values}\n\n{SIGNATURE}\n\n{QUOTED}"


# --- What may hold it ---

# "table.column": why. The record of what was written itself, and what belongs to it and is deleted with it.
RECORD: Mapping[str, str] = {
    **{f"tickets_customer.{each}": "who the customer is" for each in ("name", "email", "phone")},
    **{f"tickets_ticket.{each}": "beginning and subject of the mail" for each in ("subject", "preview")},
    **{f"tickets_message.{each}": "the mail, reply or note" for each in ("text", "quoted", "html")},
    **{f"tickets_message.{each}": "header of the mail" for each in ("from_name", "from_email", "message_id")},
    **{f"tickets_message.{each}": "header of the mail" for each in ("in_reply_to", "references")},
    "tickets_message.composition": "the reply as it was in the composer, for undoing",
    "tickets_attachment.filename": "as the sender named it",
    **{f"tickets_outgoingmail.{each}": "the mail on its way to the customer" for each in ("subject", "error")},
    **{f"tickets_recipient.{each}": "to whom a mail went" for each in ("name", "email", "refused")},
    **{f"tickets_inboundmail.{each}": "header of the mail" for each in ("identity", "from_email", "subject")},
    **{f"tickets_term.{each}": "words of tickets, to correct typos in searches" for each in ("term", "written")},
    "tickets_trigram.term": "the same words",
    "tickets_ticketevent.data": "the timeline: what a person typed, such as the reason of a transfer",
    "copilot_sentreply.warnings": "words of the sent reply, deleted with it",
}
# The full-text index of tickets, with which agents find them. Its table has no columns of its own.
RECORD_TABLES = re.compile(r"tickets_fulltext(?:_\w+)?")
# copilot_maskedvalue is not here: its values are encrypted. Neither are copilot_draft and copilot_draftrecord: a draft
# keeps its placeholders, and what was restored becomes a message.


# --- The search ---

ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_NAMES = re.compile("|".join(rf"(?<![^\W\d_]){re.escape(name.casefold())}" for name in NAMES))


def bare(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def canaries_in(text: str) -> list[str]:
    """Also in JSON, HTML, addresses, and in what is only encoded, such as pickled jobs and signed tokens."""
    return sorted({canary for reading in _readings(text) for canary in _in_plain(reading)})


def _in_plain(text: str) -> Iterator[str]:
    yield from _NAMES.findall(text.casefold())
    letters = bare(text)
    yield from (value for value in VALUES if bare(value) in letters)


def _readings(text: str) -> Iterator[str]:
    yield text
    yield ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if "&" in text or "%" in text:
        yield unquote(unescape(text))
    yield from filter(None, map(_decoded, ENCODED.findall(text)))


def _decoded(text: str) -> str:
    plain = text.rstrip("=")
    try:
        decoded = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return ""
    with contextlib.suppress(zlib.error):
        decoded = zlib.decompress(decoded)
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), decoded.decode("utf-8", "ignore"))


def as_text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "ignore")
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list | tuple) else str(value)


def rows() -> Iterator[tuple[str, str]]:
    """`table.column` and the text of every value that is no record, in every table, with or without a model."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if RECORD_TABLES.fullmatch(table):
                continue
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [f"{table}.{column[0]}" for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((name, as_text(value)) for name, value in zip(names, row, strict=True) if value)


def files() -> Iterator[tuple[str, str]]:
    """What was written, without mails and attachments, which are the record, and the database, which `rows` reads."""
    record = (Path(settings.MAIL_DIR), Path(default_storage.path("")))
    for folder in (Path(settings.VAR_DIR), Path(settings.MAIL_DIR).parent):
        for path in folder.rglob("*"):
            mine = not any(path.is_relative_to(each) for each in record) and ".sqlite3" not in path.name
            if path.is_file() and mine:
                yield str(path), path.read_bytes().decode("utf-8", "ignore")


# --- What is heard ---


PLAIN = logging.Formatter("%(message)s")


class Lines(logging.Handler):
    """Every line of the log, as the project's own formatter writes it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        line = dict(settings.LOGGING["formatters"]["line"])  # a copy: the configurator takes it apart
        self.setFormatter(DictConfigurator({"version": 1}).configure_formatter(line))

    def emit(self, record: logging.LogRecord) -> None:
        # Masking thousands of lines takes long, and most have nothing to mask.
        line = PLAIN.format(record)
        self.lines.append(self.format(record) if any(_in_plain(line)) else line)


@dataclass
class HeardModel(FakeModel):
    """Remembers every message it got. It answers `fixed`, or what `says` has for a word of the text, or the text."""

    fixed: str = ""
    says: Mapping[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        self.heard.append(as_text(list(messages)))
        return await super().first_token(messages, priority)

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]:
        self.heard.append(as_text(list(messages)))
        last = messages[-1]["content"]
        text = last.removeprefix("Sentence: ").partition("\n")[0].removesuffix(INTO_ENGLISH).strip()
        self.answer = self.fixed or next((said for word, said in self.says.items() if word in text), text)
        async for piece in super().stream(messages, sampling, priority):
            yield piece


@dataclass
class Watch:
    """Everything that left the process in one test."""

    model: HeardModel
    log: Lines
    embedded: list[str] = field(default_factory=list)
    reranked: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    exported: list[tuple[str, str]] = field(default_factory=list)

    def outputs(self) -> Iterator[tuple[str, str]]:
        yield from (("prompt", each) for each in self.model.heard)
        yield from (("embedded", each) for each in self.embedded)
        yield from (("reranked", each) for each in self.reranked)
        yield from (("log", each) for each in self.log.lines)
        yield from (("event", each) for each in self.events)
        yield from self.exported
        yield from rows()
        yield from files()

    def found(self, *leave_out: str) -> list[tuple[str, list[str], str]]:
        """Where, which, and how the text begins; `leave_out`: places that another test is about."""
        return list(_found(pair for pair in self.outputs() if pair[0] not in leave_out))


def _found(outputs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str], str]]:
    for place, text in dict.fromkeys(outputs):
        if place not in RECORD and (canaries := canaries_in(text)):
            yield place, canaries, text[:300]


def watching(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Puts an ear to everything. The log's handler is to be removed at the end."""
    watch = Watch(HeardModel(), Lines())
    _hear_vectors(watch, monkeypatch)

    async def to_group(group: str, message: dict[str, Any], what: str) -> None:
        # The only event with text: the draft as agents see it, for the browsers that have the ticket open.
        if what != "draft.delta":
            watch.events.append(as_text([group, message]))

    monkeypatch.setattr(live, "_to_group", to_group)
    logging.getLogger().addHandler(watch.log)
    return watch


def _hear_vectors(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    vector, scores = FakeEmbedder.embed_query, FakeReranker.scores

    def embed_query(self: FakeEmbedder, text: str) -> np.ndarray:
        watch.embedded.append(text)
        return vector(self, text)

    def heard_scores(self: FakeReranker, query: str, passages: Sequence[str], budget: int = BUDGET) -> np.ndarray:
        watch.reranked.extend([query, *passages])
        return scores(self, query, passages, budget)

    monkeypatch.setattr(FakeEmbedder, "embed_query", embed_query)  # passages go through it too
    monkeypatch.setattr(FakeReranker, "scores", heard_scores)
