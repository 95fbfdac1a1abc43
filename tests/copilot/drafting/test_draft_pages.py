"""The URLs of drafts: what agents get, and what others do not."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from config.background import lanes
from copilot import llm, views
from copilot.drafting import drafter_queue, excerpt, states
from copilot.models import Citation, Draft, DraftRecord
from knowledge.articles import publishing
from knowledge.models import Article, Chunk
from tests import cast
from tests.articles import approved
from tests.copilot.conftest import withdraw
from tickets import live, outbox
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def model_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("ready", "model ready"))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(views, "start_writing", ids.append)
    return ids


@pytest.fixture
def drafter_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "alive", lambda name: 1)


@pytest.fixture
def charges(db: None) -> Article:
    return approved("Pending charges", "It takes 5 days.")


@pytest.fixture
def draft(ticket: Ticket, charges: Article) -> Draft:
    draft = Draft.objects.create(
        ticket=ticket, message=ticket.messages.get(), state=Draft.State.READY, text="Hi <NAME>, it takes 5 days [1]."
    )
    Citation.objects.create(
        draft=draft, number=1, article=charges, title=charges.title, excerpt="It takes 5 days.", score=0.81, cited=True
    )
    return draft


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def address(ticket: Ticket) -> str:
    return f"/copilot/tickets/{ticket.pk}/draft"


def test_the_snapshot_has_real_names_citations_and_figures(desk: Client, draft: Draft) -> None:
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert found["text"] == "Hi Tomas, it takes 5 days [1]."
    assert found["citations"] == [
        {
            "number": 1,
            "title": "Pending charges",
            "heading_path": "",
            "internal": False,
            "score": 0.81,
            "cited": True,
            "article": Article.objects.get().pk,
        }
    ]
    assert found["figures"] == {
        "words": 6,
        "seconds": None,
        "first_token_seconds": None,
        "sources": 1,
        "supported": 0,
        "sentences": 0,
        "questions": 0,
        "answered": 0,
        "sure": False,
    }


TEXT = "Hi <NAME>,\n\nIt takes 5 days 💳 [1].\n\nAsk <FULL_NAME> at <EMAIL> [1]."


def checked(draft: Draft, state: Draft.State = Draft.State.READY, **values: Any) -> None:
    """The draft is TEXT, as its record has it: each paragraph after the greeting was checked."""
    Draft.objects.filter(pk=draft.pk).update(state=state, text=TEXT)
    verdicts = [("supported", "word_for_word", ""), ("weak", "time", "5 days")]
    sentences = [
        {"start": TEXT.index(said), "end": TEXT.index(said) + len(said), "units": [1]}
        | dict(zip(("support", "reason", "words"), verdict, strict=True))
        for said, verdict in zip(TEXT.split("\n\n")[1:], verdicts, strict=True)
    ]
    questions = [{"text": "Why, <NAME>?", "units": [1]}, {"text": "And <PHONE>?", "units": []}]
    fields = {"form": "evidence", "sentences": sentences, "questions": questions, "answers": 0.9}
    DraftRecord.objects.create(draft=draft, **(fields | {"first_token_ms": 240, "total_ms": 1250} | values))


@pytest.mark.parametrize("state", [Draft.State.READY, Draft.State.STOPPED, Draft.State.FAILED])
def test_the_snapshot_of_a_finished_draft_counts_what_was_checked(
    desk: Client, draft: Draft, state: Draft.State
) -> None:
    checked(draft, state)
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert (found["form"], found["insisted"]) == ("evidence", False)
    assert found["figures"] == {
        "words": 12,
        "seconds": 1.2,
        "first_token_seconds": 0.2,
        "sources": 1,
        "supported": 1,
        "sentences": 2,
        "questions": 2,
        "answered": 1,
        "sure": True,
    }


def test_checked_parts_are_places_in_the_text_with_real_names(desk: Client, draft: Draft) -> None:
    checked(draft)
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert [found["text"][each["start"] : each["end"]] for each in found["sentences"]] == [
        "It takes 5 days 💳 [1].",
        "Ask Tomas Okafor at tomas@okafor.example [1].",
    ]
    assert [(each["support"], each["reason"]) for each in found["sentences"]] == [
        ("supported", ""),
        ("weak", "“5 days” is not in the source."),
    ]


def test_questions_are_shown_with_real_names(desk: Client, draft: Draft) -> None:
    checked(draft)
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert found["questions"] == [
        {"text": "Why, Tomas?", "answered": True},
        {"text": "And <PHONE>?", "answered": False},
    ]


@pytest.mark.parametrize(("answers", "sure"), [(0.91, True), (0.89, False), (None, False)])
def test_a_draft_is_sure_only_if_its_sources_probably_answer(
    desk: Client, draft: Draft, answers: float | None, sure: bool
) -> None:
    checked(draft, answers=answers)
    assert desk.get(address(draft.ticket)).json()["draft"]["figures"]["sure"] is sure


def test_a_draft_that_was_insisted_on_says_so(desk: Client, draft: Draft) -> None:
    checked(draft, insisted=True, form="written")
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert (found["form"], found["insisted"]) == ("written", True)


def test_while_a_draft_is_written_nothing_is_counted(desk: Client, draft: Draft) -> None:
    checked(draft, Draft.State.WRITING)
    Draft.objects.update(lease_until=timezone.now() + timedelta(seconds=9))
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert found["text"].startswith("Hi Tomas,")
    assert (found["form"], found["sentences"], found["questions"], found["figures"]) == ("", [], [], None)


def test_a_failed_draft_without_a_text_has_no_figures(desk: Client, draft: Draft) -> None:
    checked(draft, Draft.State.FAILED)
    Draft.objects.update(text="")
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert (found["form"], found["sentences"], found["figures"]) == ("", [], None)


def test_a_sentence_that_was_cut_off_by_stopping_was_not_checked(desk: Client, draft: Draft) -> None:
    checked(draft, Draft.State.STOPPED)
    Draft.objects.update(text=TEXT[: TEXT.index("💳")])
    found = desk.get(address(draft.ticket)).json()["draft"]
    assert found["sentences"] == [
        {
            "start": 11,
            "end": len(found["text"]),
            "support": "weak",
            "reason": "This sentence has not been checked against its source.",
        }
    ]
    assert (found["figures"]["supported"], found["figures"]["sentences"]) == (0, 1)


@pytest.mark.parametrize("verb", ["archive", "erase", "expire", "make internal"])
def test_a_source_withdrawn_after_the_draft_was_written_is_named(desk: Client, draft: Draft, verb: str) -> None:
    assert desk.get(address(draft.ticket)).json()["draft"]["withdrawn"] == []
    withdraw(Article.objects.get(), verb)
    for state in ("stopped", "failed", "ready"):
        Draft.objects.update(state=state)
        assert desk.get(address(draft.ticket)).json()["draft"]["withdrawn"] == [1]
    assert "withdrawn" in desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()


def test_what_was_sent_or_only_read_is_not_said_to_be_withdrawn(desk: Client, draft: Draft) -> None:
    withdraw(Article.objects.get(), "archive")
    Draft.objects.update(review=Draft.Review.ACCEPTED)
    assert desk.get(address(draft.ticket)).json()["draft"]["withdrawn"] == []
    Draft.objects.update(review=Draft.Review.PENDING)
    Citation.objects.update(cited=False)
    assert desk.get(address(draft.ticket)).json()["draft"]["withdrawn"] == []


@pytest.mark.django_db(transaction=True)
def test_open_ticket_pages_are_updated_when_a_source_is_withdrawn(
    draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[Any, ...]] = []
    monkeypatch.setattr(live, "ticket_changed", lambda *news: heard.append(news))
    Ticket.objects.update(status=Ticket.Status.CLOSED, closed_at=timezone.now())
    withdraw(Article.objects.get(), "archive")
    assert heard == []
    Ticket.objects.update(status=Ticket.Status.OPEN, closed_at=None)
    for state in ("ready", "failed"):  # what the sources say stands there without a model too
        Draft.objects.update(state=state)
        publishing.approve(Article.objects.get(), sync=False)
        withdraw(Article.objects.get(), "archive")
        assert heard.pop() == (draft.ticket_id, "draft") and not heard


def test_a_ticket_without_a_draft_says_so(desk: Client, ticket: Ticket) -> None:
    assert desk.get(address(ticket)).json() == {"draft": None, "notice": None}


def test_asking_starts_one_writer_and_asking_again_none(desk: Client, ticket: Ticket, started: list[int]) -> None:
    first = desk.post(address(ticket))
    assert first.status_code == 202
    Draft.objects.update(state=Draft.State.WRITING, lease_until=timezone.now() + timedelta(seconds=9))
    assert desk.post(address(ticket)).status_code == 409
    assert started == [first.json()["draft"]["id"]]


def test_a_missing_model_is_named(desk: Client, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("down", "The model is not running."))
    assert desk.get(address(ticket)).json()["notice"] == {"code": "model_down", "text": "The model is not running."}


def test_a_failed_draft_says_why_and_how_often_it_was_tried(desk: Client, draft: Draft) -> None:
    stored = {"state": Draft.State.FAILED, "error": "The model is not running.", "failures": 1}
    Draft.objects.update(**stored)
    assert desk.get(address(draft.ticket)).json()["draft"]["error"] == "The model is not running."
    Draft.objects.update(failures=states.MAX_FAILURES)
    shown = "The model is not running. Copydesk tried it 4 times. Press g to try again."
    assert desk.get(address(draft.ticket)).json()["draft"]["error"] == shown
    Draft.objects.update(error="The model is not running. It was tried 4 times.")  # as older versions stored it
    answer = desk.get(address(draft.ticket)).json()
    assert answer["draft"]["error"] == "The model is not running. It was tried 4 times."


def abandon(draft: Draft) -> None:
    """Its writer died a moment ago."""
    Draft.objects.update(state=Draft.State.WRITING, attempts=1, lease_until=timezone.now() - timedelta(seconds=1))
    Ticket.objects.update(preparation=Ticket.Preparation.WORKING)


def test_opening_the_ticket_shows_an_abandoned_draft_as_waiting_and_writes_nothing(desk: Client, draft: Draft) -> None:
    abandon(draft)
    shown = desk.get(address(draft.ticket)).json()
    assert (shown["draft"]["state"], shown["draft"]["text"]) == ("queued", "")
    assert shown["notice"]["code"] == "no_drafter"
    draft.refresh_from_db()
    assert (draft.state, draft.failures) == (Draft.State.WRITING, 0)


def test_the_queue_does_not_say_that_an_abandoned_draft_is_being_written(desk: Client, draft: Draft) -> None:
    abandon(draft)
    page = desk.get("/desk/queue?view=all").content.decode()
    assert "draft waiting" in page and "being written" not in page
    Draft.objects.update(lease_until=timezone.now() + timedelta(seconds=9))
    assert "being written" in desk.get("/desk/queue?view=all").content.decode()


def test_asking_takes_an_abandoned_draft_over(desk: Client, draft: Draft, started: list[int]) -> None:
    abandon(draft)
    assert desk.post(address(draft.ticket)).status_code == 409
    assert started == [draft.pk]


def test_a_waiting_draft_says_how_many_are_before_it(desk: Client, ticket: Ticket, drafter_alive: None) -> None:
    urgent = cast.new_ticket(subject="Locked out", priority=Ticket.Priority.URGENT)
    for waiting in (ticket, urgent):
        states.request_draft(waiting, waiting.messages.get(), Draft.Origin.ARRIVAL)
    assert desk.get(address(ticket)).json()["notice"]["text"].startswith("1 draft is ahead of this one.")
    assert desk.get(address(urgent)).json()["notice"]["text"] == "This draft is next in the queue."


def test_asking_for_a_draft_that_waits_makes_it_the_one_that_is_asked_for(
    desk: Client, mira: User, ticket: Ticket, drafter_alive: None, started: list[int]
) -> None:
    draft, _ = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)
    answer = desk.post(address(ticket))
    assert started == [draft.pk]
    assert answer.json()["notice"]["text"] == "The draft is being started."
    draft.refresh_from_db()
    assert (draft.origin, draft.requested_by) == (Draft.Origin.REQUEST, mira)
    assert drafter_queue.agents_are_waiting(timezone.now())


def test_stop_answers_with_the_stopped_draft(desk: Client, draft: Draft) -> None:
    Draft.objects.update(state=Draft.State.WRITING, lease_until=timezone.now() + timedelta(seconds=9))
    assert desk.post(f"/copilot/drafts/{draft.pk}/stop").json()["draft"]["state"] == "stopped"


def test_rejecting_needs_a_known_reason(desk: Client, draft: Draft) -> None:
    assert desk.post(f"/copilot/drafts/{draft.pk}/reject", {"reason": "because"}).status_code == 422
    assert desk.post(f"/copilot/drafts/{draft.pk}/reject", {"reason": "wrong"}).json()["draft"]["review"] == "rejected"
    assert desk.post(f"/copilot/drafts/{draft.pk}/reject", {"reason": "wrong"}).status_code == 409


def test_a_chip_opens_its_excerpt(desk: Client, draft: Draft) -> None:
    page = desk.get(f"/copilot/drafts/{draft.pk}/excerpts/1").content.decode()
    assert "Pending charges" in page
    assert "It takes 5 days." in page
    assert desk.get(f"/copilot/drafts/{draft.pk}/excerpts/2").status_code == 404


def test_sources_say_that_there_are_none(desk: Client, draft: Draft) -> None:
    Draft.objects.update(state=Draft.State.NO_SOURCE)
    assert "No source answers this." in desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()


def test_sources_of_a_draft_that_the_rules_do_not_allow(desk: Client, draft: Draft) -> None:
    Draft.objects.update(state=Draft.State.BY_RULE, text="")
    page = desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
    assert "You decide.</strong> This is what the articles say:" in page and "It takes 5 days." in page
    draft.citations.all().delete()
    page = desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
    assert "No draft by rule.</strong> See what was found below." in page and "Searching" not in page


def test_sources_of_a_draft_that_was_stopped_early_are_no_longer_searched_for(desk: Client, draft: Draft) -> None:
    Draft.objects.update(state=Draft.State.STOPPED)
    draft.citations.all().delete()
    page = desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
    assert "Stopped before the sources were found." in page and "Searching" not in page


@pytest.mark.parametrize("who", ["ken", "otto"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/copilot/tickets/{ticket}/draft"),
        ("post", "/copilot/tickets/{ticket}/draft"),
        ("get", "/copilot/tickets/{ticket}/sources"),
        ("post", "/copilot/drafts/{draft}/stop"),
        ("post", "/copilot/drafts/{draft}/shown"),
        ("post", "/copilot/drafts/{draft}/first-key"),
        ("post", "/copilot/drafts/{draft}/reject"),
        ("get", "/copilot/drafts/{draft}/excerpts/1"),
        ("get", "/copilot/status"),
    ],
)
def test_who_does_not_work_tickets_gets_nothing(
    client: Client, draft: Draft, who: str, method: str, path: str, request: pytest.FixtureRequest
) -> None:
    url = path.format(ticket=draft.ticket_id, draft=draft.pk)
    assert getattr(client, method)(url).status_code == 302  # to the login page
    client.force_login(request.getfixturevalue(who))
    assert getattr(client, method)(url).status_code == 403


def test_a_draft_that_does_not_exist_is_404(desk: Client) -> None:
    assert desk.post("/copilot/drafts/999/stop").status_code == 404


def test_a_draft_says_that_somebody_has_replied_since(
    desk: Client, draft: Draft, ticket: Ticket, mira: User, settings: Any
) -> None:
    """Or it would stand in the composer as if it were still to be sent."""
    settings.UNDO_SEND_SECONDS = 60
    assert desk.get(address(ticket)).json()["draft"]["answered"] is False
    sent = outbox.write_reply(ticket, mira, "My own words.", submission=None)
    assert desk.get(address(ticket)).json()["draft"]["answered"] is True
    assert outbox.undo(sent.pk, mira)
    assert desk.get(address(ticket)).json()["draft"]["answered"] is False


LIST = """# Pending charges

A pending authorisation is not a charge. It disappears within `5` business days.

| Card | Days |
|---|---|
| Visa | 3 |

- Only <Paid> lines count.
- Others go away."""


def excerpt_of(desk: Client, draft: Draft, words: str) -> str:
    """The excerpt of a citation whose unit is `words` in LIST."""
    article = Article.objects.get()
    assert article.published
    chunk = Chunk.objects.create(
        article=article, revision=article.published, ordinal=9, text=LIST, tokens=40, content_hash="x"
    )
    start = LIST.index(words)
    draft.citations.update(excerpt="Alone.", chunk=chunk, start=start, end=start + len(words))
    page = desk.get(f"/copilot/drafts/{draft.pk}/excerpts/1").content.decode()
    return page.split("<blockquote>")[1].split("</blockquote>")[0]


def test_the_words_of_a_citation_are_marked_in_the_text_around_them(desk: Client, draft: Draft) -> None:
    assert excerpt_of(desk, draft, "It disappears within `5` business days.").split("<br>") == [
        "Pending charges",
        "A pending authorisation is not a charge. <mark>It disappears within 5 business days.</mark>",
        "Card – Days",
        "Visa – 3",
        "• Only &lt;Paid&gt; lines count.",
        "• Others go away.",
    ]


def test_a_row_and_a_list_are_marked_without_their_markdown(desk: Client, draft: Draft) -> None:
    assert "<br><mark>Visa – 3</mark><br>" in excerpt_of(desk, draft, "| Visa | 3 |")
    Chunk.objects.filter(content_hash="x").delete()
    shown = excerpt_of(desk, draft, "- Only <Paid> lines count.\n- Others go away.")
    assert shown.endswith("• <mark>Only &lt;Paid&gt; lines count.</mark><br>• <mark>Others go away.</mark>")


def test_without_its_chunk_a_citation_shows_its_unit(desk: Client, draft: Draft) -> None:
    draft.citations.update(excerpt="It takes 5 days.\nOnly <Paid> lines count.", start=3, end=9)
    page = desk.get(f"/copilot/drafts/{draft.pk}/excerpts/1").content.decode()
    assert "<mark>It takes 5 days.</mark><br><mark>Only &lt;Paid&gt; lines count.</mark>" in page


def test_the_text_around_begins_and_ends_with_a_sentence() -> None:
    before, after = "Before it. " * 60, " After it." * 60
    ((first, *_, last),) = excerpt.around(f"{before}This one.{after}", len(before), len(before) + 9)
    assert first.text == "… " and last.text == " …"
    text = "".join(piece.text for line in excerpt.around(f"{before}This one.{after}", 660, 669) for piece in line)
    assert text.startswith("… Before it. ") and text.endswith("After it. …")
    assert 700 < len(text) < 820
    assert [piece.text for piece in excerpt.around("It is short.", 0, 12)[0]] == ["It is short."]


def units(draft: Draft, article: Article | None, *texts: tuple[str, str, bool]) -> None:
    """More citations of `draft`: (title, unit, cited)."""
    for number, (title, unit, cited) in enumerate(texts, start=2):
        draft.citations.create(number=number, article=article, title=title, excerpt=unit, score=0.5, cited=cited)


def test_sources_are_listed_by_article_and_what_was_not_cited_is_folded(
    desk: Client, draft: Draft, charges: Article
) -> None:
    units(draft, charges, (charges.title, "It is never collected.", False), (charges.title, "Look for Paid.", True))
    draft.citations.create(number=9, title="Gone", excerpt="An old text.", score=0.4)
    page = desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
    assert page.count("Pending charges</h3>") == 1 and page.count("Gone</h3>") == 1
    places = [page.index(each) for each in ("It takes 5 days", "Look for Paid", "Also read (1)", "never collected")]
    assert places == sorted(places)
    assert page.count("unit-cited") == 2
    assert page.count("Also read (1)") == 2 and page.index("Gone</h3>") < page.index("An old text.")


def test_an_article_that_is_cited_stands_before_one_that_is_not(desk: Client, draft: Draft, charges: Article) -> None:
    draft.citations.update(cited=False)
    units(draft, None, ("Refunds", "We refund it.", True))
    page = desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
    assert page.index(">Refunds") < page.index("Pending charges</h3>")


def test_while_a_draft_is_written_all_it_reads_is_shown(desk: Client, draft: Draft) -> None:
    Draft.objects.update(state=Draft.State.WRITING, lease_until=timezone.now() + timedelta(seconds=9))
    draft.citations.update(cited=False)
    page = desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
    assert "It takes 5 days" in page and "<details" not in page


def test_sources_of_a_draft_that_was_insisted_on_only_come_closest(desk: Client, draft: Draft) -> None:
    DraftRecord.objects.create(draft=draft, insisted=True)
    page = desk.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
    assert "No source answers this.</strong> These come closest." in page


@pytest.mark.parametrize(
    "text",
    [
        "My export fails. " + "x" * 59_000,
        "\n".join(f"person{number}@mail.example" for number in range(5_000)),
        "4 " * 30_000,
    ],
)
def test_a_message_made_to_cost_time_does_not_hold_up_the_page(
    text: str, draft: Draft, client: Client, mira: User
) -> None:
    Message.objects.filter(pk=draft.message_id).update(text=text)
    Draft.objects.filter(pk=draft.pk).update(text="Hi <NAME>, write to <EMAIL_7> [1].")
    client.force_login(mira)
    began = time.process_time()
    for _ in range(3):
        shown = client.get(f"/copilot/tickets/{draft.ticket_id}/draft").json()["draft"]["text"]
    assert shown.startswith("Hi Tomas,")
    assert time.process_time() - began < 3  # one look cost 10 s
