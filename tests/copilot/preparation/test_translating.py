"""A customer writes in another language than the knowledge base: the question is translated before the search."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.running import doctor
from copilot import probes, tasks
from copilot.drafting import states, writing
from copilot.llm import Health, ModelError, Piece
from copilot.models import Draft, ModelCall, Preparation
from copilot.preparation import pipeline, translating
from copilot.preparation.translating import input_of, objection
from knowledge.search.query_language import to_translate_into
from tests import cast
from tests.copilot.preparation.conftest import Publish
from tests.fakes import FakeModel
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db
SPANISH = "Buenos días, nos han cobrado dos veces en marzo. ¿Cuándo nos devuelven el dinero?"
IN_ENGLISH = "We were charged twice in March. When do you refund the payments?"
AUDIENCE = {"de": "public", "en": "public", "fr": "internal"}
AWAY = ModelError("unavailable", "The model is not running.", retryable=True)


class Slow(FakeModel):
    """It does not answer in time, what was asked before the search."""

    async def stream(self, *asked: Any) -> AsyncGenerator[Piece]:
        await asyncio.Event().wait()
        yield Piece()


@pytest.fixture
def spanish(publish: Publish, settings: Any) -> Ticket:
    """No word of the mail is in the article that answers it."""
    settings.DRAFT_MIN_SCORE = 0.1
    publish()
    return cast.new_ticket(subject="Cobro", text=SPANISH, created_at=timezone.now() - timedelta(hours=1))


def written(ticket: Ticket, model: FakeModel, origin: Draft.Origin = Draft.Origin.ARRIVAL) -> Draft:
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).latest("pk")
    message.ticket = ticket
    draft = states.request_draft(ticket, message, origin)[0]
    async_to_sync(writing.write)(draft.pk, model, "background")
    draft.refresh_from_db()
    return draft


def titles(ticket: Ticket) -> list[str]:
    """What the page beside the ticket shows as reliable."""
    prepared = pipeline.preview(ticket.messages.latest("pk"))
    return [each.title for each in prepared.reliable]


def test_the_draft_is_made_from_what_its_translation_finds(spanish: Ticket) -> None:
    assert titles(spanish) == []
    model = FakeModel(in_english=IN_ENGLISH, points=[1])
    draft = written(spanish, model)
    assert draft.state == Draft.State.READY and "[1]" in draft.text
    assert SPANISH.split("? ")[0].split(". ")[1] in model.translated[0]
    assert set(titles(spanish)) == {"Charged twice"}
    call = ModelCall.objects.get(purpose="translate")
    assert (call.draft, call.output, call.settings["temperature"]) == (draft, IN_ENGLISH, 0)
    assert draft.record.retrieval["translation"] == {"language": "en", "texts": [IN_ENGLISH]}


def test_thanks_that_only_the_translation_shows_are_not_searched(spanish: Ticket) -> None:
    written(spanish, FakeModel(in_english=f"Charge\nGood morning, {IN_ENGLISH}\nThank you", points=[1]))
    assert pipeline.preview(spanish.messages.get()).translated.texts == (f"Charge\n{IN_ENGLISH}",)


def test_it_is_asked_for_once(spanish: Ticket) -> None:
    model = FakeModel(in_english=IN_ENGLISH, points=[1])
    for _ in range(2):
        written(spanish, model, Draft.Origin.REQUEST)
    assert len(model.translated) == 1


def test_it_is_not_lost_to_a_process_that_began_before_it(spanish: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is still searching with the words of the mail when the drafter stores the translation."""
    model, real = FakeModel(in_english=IN_ENGLISH, points=[1]), pipeline.facts_of

    def facts_of(message: Message) -> Any:
        monkeypatch.setattr(pipeline, "facts_of", real)
        written(spanish, model)
        return real(message)

    monkeypatch.setattr(pipeline, "facts_of", facts_of)
    tasks.prepare_message(spanish.messages.get().pk)
    assert Preparation.objects.get().steps["translation"]["reason"] == "translated by the writer"
    written(spanish, model, Draft.Origin.REQUEST)
    assert len(model.translated) == 1


def test_a_translation_that_cannot_be_used_is_not_asked_for_again(spanish: Ticket) -> None:
    model = FakeModel(in_english=f"{IN_ENGLISH} By 4 o'clock?", points=[1])
    for _ in range(2):
        assert written(spanish, model, Draft.Origin.REQUEST).state == Draft.State.NO_SOURCE
    assert len(model.translated) == 1
    assert Preparation.objects.get().steps["translation"]["reason"] == "numbers were changed"


def test_pages_and_jobs_never_wait_for_it(spanish: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translating, "ask", lambda *asked: pytest.fail("the writer was asked"))
    tasks.prepare_message(spanish.messages.get().pk)
    assert titles(spanish) == []
    assert not Preparation.objects.get().degraded


def test_while_the_model_is_away_nobody_says_that_there_is_no_answer(spanish: Ticket) -> None:
    model = FakeModel(in_english=IN_ENGLISH, points=[1])

    async def away(*asked: Any) -> AsyncGenerator[Piece]:
        raise AWAY
        yield

    answering, model.stream = model.stream, away  # type: ignore[method-assign]
    draft = written(spanish, model)
    assert (draft.state, draft.retryable) == (Draft.State.FAILED, True)
    Draft.objects.update(retry_at=None)
    draft.refresh_from_db()
    model.stream = answering  # type: ignore[method-assign]
    assert states.try_again(draft)
    async_to_sync(writing.write)(draft.pk, model, "background")
    draft.refresh_from_db()
    assert draft.state == Draft.State.READY


def test_a_slow_writer_is_asked_again_once_later(spanish: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translating, "SECONDS", {"background": 0})
    first = written(spanish, Slow())
    assert first.state == Draft.State.NO_SOURCE and titles(spanish) == []
    assert tasks.prepare_waiting().endswith(" 0 drafts to be prepared again")
    Draft.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    assert tasks.prepare_waiting().endswith(" 1 drafts to be prepared again")
    second = Draft.objects.get(origin=Draft.Origin.RENEWAL)
    async_to_sync(writing.write)(second.pk, Slow(), "background")
    Draft.objects.update(finished_at=timezone.now() - timedelta(hours=1))
    assert tasks.prepare_waiting().endswith(" 0 drafts to be prepared again")


def test_an_agent_waits_less_for_it_than_the_background(spanish: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    assert translating.SECONDS["interactive"] < translating.SECONDS["background"]
    monkeypatch.setattr(translating, "SECONDS", {"interactive": 0, "background": 60})
    message = spanish.messages.get()
    draft, given = states.request_draft(spanish, message, Draft.Origin.REQUEST)[0], pipeline.to_translate(message)
    assert given is not None
    ask = async_to_sync(translating.ask)
    late = ask(given, Slow(), "interactive", draft)
    assert late.waits and "0 seconds" in late.reason
    assert ask(given, FakeModel(in_english=IN_ENGLISH), "background", draft).texts == (IN_ENGLISH,)


def test_the_page_says_with_which_words_was_searched(spanish: Ticket, client: Client, mira: User) -> None:
    client.force_login(mira)
    address = reverse("copilot:hits", args=[spanish.pk])
    assert "Not translated into English yet" in client.get(address).content.decode()
    written(spanish, FakeModel(in_english=IN_ENGLISH, points=[1]))
    page = client.get(address).content.decode()
    assert "Searched in English as:" in page and IN_ENGLISH in page
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert "Englisch" in client.get(address).content.decode()


def test_quotation_marks_of_a_translation_are_shown_as_they_are(spanish: Ticket, client: Client, mira: User) -> None:
    client.force_login(mira)
    written(spanish, FakeModel(in_english='Where do I change "Charged twice"?', points=[1]))
    page = client.get(reverse("copilot:hits", args=[spanish.pk])).content.decode()
    assert 'Where do I change "Charged twice"?' in unescape(page)


def test_an_article_in_the_customers_language_is_found_too(spanish: Ticket, publish: Publish) -> None:
    publish("Cobro duplicado", "Si nos han cobrado dos veces: devuelven el dinero en marzo.", language="es")
    draft = written(spanish, FakeModel(in_english=IN_ENGLISH, points=[1, 2]))
    assert {"Cobro duplicado", "Charged twice"} <= set(draft.citations.values_list("title", flat=True))


def test_nothing_personal_is_translated(spanish: Ticket) -> None:
    Message.objects.update(text=f"{SPANISH} Escríbame a ana@mail.example, por favor. Me llamo Tomas.")
    model = FakeModel(in_english=IN_ENGLISH, points=[1])
    written(spanish, model)
    assert model.translated and not [each for each in ("ana@", "Tomas") if each in model.translated[0]]


@pytest.mark.parametrize(
    ("language", "main", "into"),
    [("es", "en", "en"), ("en", "de", "de"), ("en", "en", ""), ("", "en", ""), ("es", "", "")],
)
def test_it_is_translated_into_the_language_of_most_articles(language: str, main: str, into: str) -> None:
    assert to_translate_into(language, main) == into


def test_an_embedder_for_many_languages_needs_no_translation(spanish: Ticket, settings: Any) -> None:
    settings.EMBEDDING_MULTILINGUAL = True
    assert pipeline.to_translate(spanish.messages.get()) is None


def test_most_articles_for_customers_count(publish: Publish) -> None:
    for number, language in enumerate(("de", "de", "en", "fr", "fr", "fr")):
        publish(f"Title {number}", f"Text {number}.", language=language, audience=AUDIENCE[language])
    ticket = cast.new_ticket(text=SPANISH)
    given = pipeline.to_translate(ticket.messages.get())
    assert given is not None and given.into == "de"


class TestWhatIsTranslated:
    """input_of: what the search reads, not the whole mail."""

    def test_subject_and_question_without_greeting(self) -> None:
        given = input_of("Cobro\nHola,\n¿por qué dos veces?\nGracias", (), "es", "en")
        assert given.texts == ("Cobro\n¿por qué dos veces?",)

    def test_several_questions_one_by_one(self) -> None:
        given = input_of("¿Puedo cambiar la tarjeta guardada? ¿Puedo exportar las reservas antiguas?", (), "es", "en")
        assert len(given.texts) == 2

    def test_of_a_long_mail_the_questions(self) -> None:
        given = input_of("Una larga historia. " * 100 + "¿Qué hago?", (), "es", "en")
        assert "¿Qué hago?" in given.texts[0] and len(given.texts[0].split()) < 80

    def test_with_the_message_before_it(self) -> None:
        given = input_of("¿Y cuánto cuesta?", ("El plan Studio.", "older"), "es", "en")
        assert given.texts == ("¿Y cuánto cuesta?\nEl plan Studio.",)

    def test_nothing_into_a_language_that_the_prompt_has_no_name_for(self) -> None:
        assert input_of("Cobro", (), "es", "xx").into == ""


class TestObjections:
    """A translation that may have changed the question is not searched with."""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("Hasta el 3 de marzo, 12,50 €", "Until March 3, €12.50"),
            ("請求書 2044 はどこですか", "Where is invoice 2044?"),
            ("Error AUTH-403 en <URL_1>", "Error AUTH-403 in <URL_1>"),
            ("Saludos, <NAME>", "Regards"),
            ("aparece DOM-404 todavía", "DOM 404 still appears"),
            ("Gestern gegen 17 Uhr, um 12 und um 8:30", "Yesterday around 5 PM, at 12 p.m. and at 8:30"),
        ],
    )
    def test_none(self, text: str, said: str) -> None:
        assert objection(text, said, "en") == ""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("¿Dónde está?", ""),
            ("Dos veces", "Dos veces"),
            ("¿Cuándo nos devuelven el dinero?", "¿Cuándo es que nos devuelven todo el dinero, por favor?"),
            ("30 días", "13 days"),
            ("a las 17", "at 5"),
            ("30 días", "Days"),
            ("Días", "30 days"),
            ("Error AUTH-403", "Error 403"),
            ("la clave api_key", "the API key"),
            ("Hola", "Hello <NAME>"),
        ],
    )
    def test_some(self, text: str, said: str) -> None:
        assert objection(text, said, "en") != ""


@pytest.mark.parametrize(
    ("ready", "multilingual", "state", "said"),
    [
        (True, False, "ok", "no articles in es 2, it 1 (mails of the last 30 days); the writer translates"),
        (False, False, "degraded", "No articles in es 2, it 1"),
        (False, True, "ok", "the embedder knows many languages"),
    ],
)
def test_the_doctor_says_in_which_languages_there_are_mails_and_no_articles(
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    ready: bool,
    multilingual: bool,
    state: str,
    said: str,
) -> None:
    publish()
    for language in ("es", "it", "es", "en", ""):
        cast.new_ticket(language=language)
    cast.new_ticket(language="fr", created_at=timezone.now() - timedelta(days=40))
    settings.EMBEDDING_MULTILINGUAL = multilingual
    monkeypatch.setattr(probes.llm, "health", lambda: Health("ready" if ready else "down", ""))
    (found,) = doctor.examine("languages")
    assert found.state == state and said in found.why
    for language in ("es", "it"):
        publish(f"In {language}", "Texto.", language=language)
    assert "in the languages of all mails" in doctor.examine("languages")[0].why
