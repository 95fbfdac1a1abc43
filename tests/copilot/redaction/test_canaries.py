"""Personal data is planted wherever somebody can write, and searched in all that leaves the process or is stored.

One test for each way out, through the real code with the real tagger; only models and vectors are fakes that listen.
What was written itself may hold it (`canaries.RECORD`), everything else not: prompts, what is embedded or reranked, the
log, events, exports, files, and every column of every table.

The tagger finds names by their likelihood, so the canaries are ordinary names that it finds where they stand. This
proves that everything goes through the masking. How much that finds is measured by `manage.py evaluate_redaction`.
"""

import ast
import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config import catalogue, jobs
from copilot import leases, llm, tasks
from copilot.customers import telling
from copilot.drafting import states, writing
from copilot.drafting.record import shown_text
from copilot.evidence import question_vectors
from copilot.gap_articles import run as gap_articles_run
from copilot.grounding import checking, weights
from copilot.llm import ModelError, Priority
from copilot.llm.health import Health
from copilot.models import (
    Draft,
    Escalation,
    GapArticleRun,
    MaskedValue,
    ModelCall,
    QuestionVector,
    RevisedText,
    SentReply,
    SolvedTicket,
    TextTrial,
    ThreadSummary,
    Triage,
    TrialCase,
)
from copilot.preparation import pipeline
from copilot.similar import indexing, min_similarity
from copilot.similar.min_similarity import Minimum
from copilot.text_changes import trials
from copilot.triage import correcting, retraining, versions
from knowledge.articles.exporting import export_zip
from knowledge.gaps import closing, topics
from knowledge.help_center import visits
from knowledge.models import Article, Gap, GapTopic, HelpSearch, HelpVisit, HelpVote
from knowledge.search import retrieval
from knowledge.sync import storing
from qa.metrics.reads import COUNTED, FIRST_RESPONSE
from tests import cast
from tests.articles import indexed
from tests.copilot.redaction import canaries
from tests.copilot.redaction.canaries import (
    ADDRESS,
    CARD,
    COLLEAGUE,
    CUSTOMER,
    EMAIL,
    EVERYTHING,
    IBAN,
    MAILS,
    PASSWORD,
    PHONE,
    STRANGER,
    SUBJECT,
    Watch,
    canaries_in,
)
from tests.copilot.texts.conftest import saved, with_task
from tests.copilot.triage.conftest import messages as triage_messages
from tests.knowledge.fakes import MemoryStore
from tests.modules import ROOT
from tests.tickets.mails import raw
from tickets import lifecycle, notes, outbox
from tickets.contact import receiving
from tickets.delivery import deliver
from tickets.mail import intake, message_creation
from tickets.models import Message, OutgoingMail, Ticket

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.any_database,
    pytest.mark.usefixtures("drafts_for_all"),
    pytest.mark.skipif(not (catalogue.model_path("rampart-q4") / "config.json").exists(), reason="no tagger"),
]
ARTICLE = (
    "A second charge in March is often a pending authorisation, which disappears from the card within 5 business"
    " days.\n\n## Refunds\n\nWe refund double payments to the card within 10 business days after they were charged."
)
REPLY = (
    f"Hi Marisol,\n\nI have written to {COLLEAGUE} at {ADDRESS}. We refund double payments to the card.\n{EVERYTHING}"
)
NOTE = f"{COLLEAGUE} called from {PHONE}, she is angry. Card {CARD}, IBAN {IBAN}."
IN_ENGLISH = "We were charged twice in March. When do you refund double payments?"
STATED = (
    f"The customer {STRANGER} pays with card {CARD} twice every March. "
    f"Refunds for {CUSTOMER} go to the account {IBAN} within two business days."
)
Publish = Callable[[], Article]


@pytest.fixture
def watch(settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Watch]:
    caplog.set_level(logging.DEBUG)
    settings.REDACTION_MODEL, settings.EMBEDDING_MODEL, settings.RERANK_MODEL = "rampart-q4", "fake", "fake"
    settings.RETRIEVAL_MIN_SCORE, settings.DRAFT_MIN_SCORE = 0.01, 0.01
    heard = canaries.watching(monkeypatch)
    monkeypatch.setattr(llm, "HttpModel", lambda: heard.model)
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: Health("ready", "model ready"))
    monkeypatch.setattr(checking, "weights_of_writer", lambda: next(iter(weights.of_writers().values())))
    monkeypatch.setattr(leases, "RENEW_EVERY", 3600.0)
    heard.model.in_english = IN_ENGLISH
    memory = MemoryStore()
    for module in (retrieval, storing):
        monkeypatch.setattr(module, "get_store", lambda name: memory)
    cache.clear()
    yield heard
    logging.getLogger().removeHandler(heard.log)


@pytest.fixture
def publish(watch: Watch) -> Publish:
    return lambda: indexed("Charged twice", ARTICLE)


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    """Signals are sent, jobs are queued, and the drafter's table is filled, as when a transaction ends."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def received(language: str = "en", number: int = 1, **headers: str) -> Message:
    """A raw mail with everything in it, taken in."""
    sender = f"{CUSTOMER} <{EMAIL}>"
    bytes_ = raw(
        canaries.mail(language), sender=sender, subject=SUBJECT, message_id=f"<{number}@lumenhof.example>", **headers
    )
    receipt = intake.receive(bytes_)
    assert receipt.action in {"created", "threaded"}, receipt
    message = Message.objects.select_related("ticket__customer").get(message_id=f"{number}@lumenhof.example")
    message.ticket.customer.phone = PHONE
    message.ticket.customer.save()
    return message


def replied(ticket: Ticket) -> Message:
    """What an agent wrote, sent."""
    reply = outbox.write_reply(ticket, cast.mira(), REPLY, submission=uuid4())
    assert deliver(reply.outgoing.pk) == OutgoingMail.State.SENT
    return reply


@pytest.fixture
def conversation(publish: Publish, commit: Callable[[], Any]) -> Callable[..., Message]:
    """A mail, a reply, a note and another mail; the last is returned."""

    def make(language: str = "en") -> Message:
        publish()
        with commit():
            first = received(language)
        with commit():
            replied(first.ticket)
            notes.write(first.ticket, cast.mira(), NOTE)
        with commit():
            latest = received(language, 2, in_reply_to="<1@lumenhof.example>")
        assert latest.ticket_id == first.ticket_id
        return latest

    return make


@pytest.fixture
def message(conversation: Callable[..., Message]) -> Message:
    return conversation()


def written(message: Message, watch: Watch, origin: Draft.Origin = Draft.Origin.ARRIVAL) -> Draft:
    draft, _ = states.request_draft(message.ticket, message, origin, cast.mira())
    priority: Priority = "interactive" if origin == Draft.Origin.REQUEST else "background"
    async_to_sync(writing.write)(draft.pk, watch.model, priority)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def draft(message: Message, watch: Watch) -> Draft:
    made = written(message, watch)
    assert made.state == Draft.State.READY
    return made


@pytest.fixture
def mira_at(client: Client) -> Client:
    client.force_login(cast.mira())
    return client


@pytest.fixture
def rosa_at(client: Client) -> Client:
    client.force_login(cast.rosa())
    return client


def body(response: Any) -> str:
    assert response.status_code == 200, response.content
    if not response.streaming:
        return str(response.content.decode())

    async def collect() -> str:
        return "".join([part.decode() async for part in response.streaming_content])

    return async_to_sync(collect)()


# --- The search itself -----------------------------------------------------------------------


class TestTheSearch:
    """A test that cannot fail is worthless."""

    @pytest.mark.parametrize("canary", [*canaries.NAMES, *canaries.VALUES])
    def test_each_canary_is_found_however_it_is_written(self, canary: str) -> None:
        for text in (canary, canary.upper(), json.dumps([f"to {canary}."]), f"<b>{canary}</b>", f"x={canary};"):
            assert canaries_in(text), text

    @pytest.mark.parametrize("text", [CARD.replace(" ", "-"), IBAN.replace(" ", ""), "+447700900417", "AGNIESZKI"])
    def test_numbers_are_found_in_any_grouping_and_names_with_any_ending(self, text: str) -> None:
        assert canaries_in(text)

    def test_the_mails_hold_all_of_them(self) -> None:
        every = {name.casefold() for name in canaries.NAMES} | set(canaries.VALUES)
        assert set(canaries_in("\n".join(map(canaries.mail, MAILS)))) == every

    def test_ordinary_text_holds_none(self) -> None:
        assert not canaries_in(ARTICLE + "4111 cards, born in May, masked <NAME> <PERSON_1>, 0123456789abcdef" * 9)

    def test_in_a_prompt(self, db: None, watch: Watch) -> None:
        async_to_sync(watch.model.first_token)([{"role": "user", "content": f"Who is {COLLEAGUE}?"}], "background")
        assert [place for place, *_ in watch.found()] == ["prompt"]

    def test_in_what_is_embedded_or_reranked(self, publish: Publish, watch: Watch) -> None:
        publish()
        retrieval.search(f"why was {COLLEAGUE} charged twice")
        assert {place for place, *_ in watch.found()} == {"embedded", "reranked"}

    def test_in_a_line_of_the_log(self, db: None, watch: Watch) -> None:
        logging.getLogger("copilot").debug("read: %s", f"a mail of {COLLEAGUE}")
        assert [place for place, *_ in watch.found()] == ["log"]

    @pytest.mark.parametrize(
        ("table", "fields"),
        [
            (GapTopic, {"name": f"What {COLLEAGUE} asks"}),
            (Gap, {"query": f"May {EMAIL} log in?", "asked_in": "help:1"}),
            (ModelCall, {"messages": [{"content": "¿Y Rocío Villanueva?"}]}),
            (QuestionVector, {"vectors": f"floats {CARD}".encode()}),
        ],
    )
    def test_in_a_table(self, watch: Watch, ticket: Ticket, table: Any, fields: dict[str, Any]) -> None:
        more = {"message": ticket.messages.get()} if table is QuestionVector else {}
        table.objects.create(**more, **fields)
        assert [place.partition(".")[0] for place, *_ in watch.found()] == [table._meta.db_table]

    def test_in_a_table_that_has_no_model(self, db: None, watch: Watch) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE new_cache (words text)")
            cursor.execute("INSERT INTO new_cache VALUES (%s)", [json.dumps({"said": "né à Wiśniewska"})])
        assert [place for place, *_ in watch.found()] == ["new_cache.words"]

    def test_in_a_pickled_job(self, db: None, watch: Watch, commit: Any) -> None:
        with commit():
            jobs.queue("copilot.tasks.prepare_message", COLLEAGUE, lane=jobs.WORKER)  # type: ignore[arg-type]
        assert [place for place, *_ in watch.found()] == ["config_job.payload"]

    def test_in_a_file(self, db: None, watch: Watch, settings: Any) -> None:
        path = Path(settings.VAR_DIR) / "canary.txt"
        path.write_text(f"a mail of {COLLEAGUE}")
        try:
            assert [place for place, *_ in watch.found()] == [str(path)]
        finally:
            path.unlink()

    def test_the_record_itself_may_hold_it(self, watch: Watch) -> None:
        received()
        assert not watch.found()
        assert canaries_in(Message.objects.get().text) and canaries_in(Ticket.objects.get().subject)

    def test_the_exceptions_are_columns_that_exist(self, db: None) -> None:
        with connection.cursor() as cursor:
            there = {
                f"{table}.{column.name}"
                for table in connection.introspection.table_names(cursor)
                for column in connection.introspection.get_table_description(cursor, table)
            }
        assert set(canaries.RECORD) <= there


# --- The ways out ----------------------------------------------------------------------------


class TestAMailArrives:
    def test_intake(self, message: Message, watch: Watch) -> None:
        """With the jobs that are queued, the events that browsers get, and the reply that goes out."""
        assert message.ticket.messages.count() == 4 and watch.events and watch.log.lines
        assert {"config_job.payload"} <= {place for place, _ in canaries.rows()}
        assert not watch.found()

    def test_contact_form(self, client: Client, watch: Watch, commit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(receiving, "MIN_SECONDS", -1)
        form = {"name": CUSTOMER, "email": EMAIL, "subject": SUBJECT[:200], "message": canaries.mail("en")}
        with commit():
            answer = client.post(
                reverse("contact"), form | {"lang": "en", "form": str(uuid4()), "opened": receiving.opened()}
            )
        assert answer.status_code == 302 and Ticket.objects.get().channel == Ticket.Channel.WEB
        assert not watch.found()

    def test_intake_that_fails(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        """The traceback quotes the mail. Names in it are not looked for: the log's formatter has rules alone."""

        def fail(*given: Any, **more: Any) -> None:
            raise ValueError(EVERYTHING)

        monkeypatch.setattr(message_creation, "add", fail)
        bytes_ = raw(canaries.mail("en"), sender=f"{CUSTOMER} <{EMAIL}>", subject=SUBJECT)
        assert intake.receive(bytes_).action == "quarantined"
        assert any("ValueError" in line for line in watch.log.lines)
        names = {name.casefold() for name in canaries.NAMES}
        # The log keeps network addresses, with which attacks are investigated (knowledge/masking/logs.py).
        allowed = names | {canaries.IP, "LS8 2QT"}
        assert not [found for found in watch.found() if set(found[1]) - allowed]


@pytest.mark.parametrize("language", list(MAILS))
class TestInEachLanguage:
    def test_preparation_and_draft(
        self, conversation: Callable[..., Message], watch: Watch, language: str, commit: Any
    ) -> None:
        """As worker and drafter do it: all steps, the translated question, the draft with its checks."""
        message = conversation(language)
        with commit():
            tasks.prepare_message(message.pk)
            made = written(message, watch)
        assert made.state == Draft.State.READY and watch.model.checked and watch.embedded and watch.reranked
        assert bool(watch.model.translated) == (language != "en")
        assert MaskedValue.objects.filter(placeholder__startswith="PERSON").exists()
        assert not watch.found()


class TestDrafts:
    def test_interactive(self, draft: Draft, message: Message, watch: Watch) -> None:
        """An agent asks for another one, and reads it with the real values."""
        made = written(message, watch, Draft.Origin.REQUEST)
        assert made.state == Draft.State.READY and "Marisol" in shown_text(made)
        assert {priority for _, priority in watch.model.checked} == {"background", "interactive"}
        assert not watch.found()

    def test_pages_that_only_read(self, message: Message, watch: Watch, mira_at: Client) -> None:
        """Nothing is prepared yet, so the page prepares for itself."""
        for name in ("hits", "sources", "draft"):
            body(mira_at.get(reverse(f"copilot:{name}", args=[message.ticket_id])))
        pipeline.preview(message)
        assert watch.embedded and not watch.found()

    def test_failure(self, message: Message, watch: Watch) -> None:
        watch.model.error = ModelError("unavailable", "The model is not running.", retryable=True)
        assert written(message, watch, Draft.Origin.REQUEST).state == Draft.State.FAILED
        assert watch.model.heard and not watch.found()

    def test_reviewed_and_sent(self, draft: Draft, watch: Watch, mira_at: Client, commit: Any) -> None:
        """Placeholders are restored on the way to the customer; what is kept about the reply holds none of it."""
        ticket = draft.ticket
        fields = {"text": f"{shown_text(draft)}\n\n{REPLY}", "submission": str(uuid4()), "prepared": str(draft.pk)}
        with commit():
            answer = mira_at.post(reverse("tickets:reply", args=[ticket.pk]), fields)
        assert answer.status_code == 200, answer.content
        assert SentReply.objects.filter(message=answer.json()["message"]).exists()
        assert not watch.found()


class TestGaps:
    @pytest.fixture
    def gap(self, message: Message, watch: Watch) -> Gap:
        """Nothing answers: the question becomes a gap, and gaps become topics."""
        watch.model.points = ()
        assert written(message, watch).state == Draft.State.NO_SOURCE
        topics.regroup()
        return Gap.objects.get()

    def test_topics(self, gap: Gap, watch: Watch) -> None:
        closing.recheck_recently_published(timezone.now())
        assert gap.topic and gap.topic.name and gap.topic.keywords and gap.vector_model == "fake"
        assert not watch.found()

    def test_gap_article(self, gap: Gap, watch: Watch, commit: Any) -> None:
        """From what the agent replied, to the draft of an article, to the zip that authors export."""
        watch.model.fixed = "# Refunds\n\nWe refund double payments to the card."
        assert gap.topic
        run, _ = gap_articles_run.request(gap.topic, cast.ken())
        with commit():
            async_to_sync(gap_articles_run.write)(run.pk, watch.model)
        made = GapArticleRun.objects.get().article
        assert made and made.revisions.get().sources
        assert "refund double payments" in watch.model.heard[-1]
        with zipfile.ZipFile(io.BytesIO(export_zip(Article.objects.all()))) as archive:
            watch.exported += [(name, archive.read(name).decode()) for name in archive.namelist()]
        assert len(watch.exported) == 2 and not watch.found()


class TestQuestions:
    def test_vectors(self, message: Message, watch: Watch, client: Client) -> None:
        """Last month's questions, compared with each article, and shown to authors who write one."""
        question_vectors.fill()
        question_vectors.score_article(Article.objects.get().pk)
        QuestionVector.objects.update(best_score=0.001)
        Article.objects.update(state="archived")
        question_vectors.score_again()
        client.force_login(cast.ken())
        page = body(client.post(reverse("copilot:try_article"), {"title": "Charged twice", "body_md": ARTICLE}))
        assert "Charged twice in March" in page
        watch.exported.append(("page for authors", page))
        assert QuestionVector.objects.get().subject and watch.embedded and not watch.found()


class TestTriage:
    def test_quotes_signals_and_what_is_learnt(
        self, message: Message, watch: Watch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retraining, "seed", triage_messages)
        versions.activate(retraining.retrain())
        threat = f"My lawyer {COLLEAGUE} will sue you for the invoice and the refund on {CARD}. "
        Message.objects.filter(pk=message.pk).update(text=threat + message.text)
        asked = Message.objects.select_related("ticket__customer").get(pk=message.pk)
        pipeline.prepare(asked)
        row = Triage.objects.get(message=message)
        assert row.because["category"] and row.signals[0][0] == "legal_threat"
        correcting.correct_category(asked.ticket, None, cast.mira())
        learnt = [each.text for each in retraining.corrections()]
        watch.exported.append(("what is learnt", " ".join(learnt)))
        retraining.retrain()
        assert learnt and watch.embedded and not watch.found()


class TestTheComposer:
    @pytest.mark.parametrize("action", RevisedText.Action.values)
    def test_revising(self, draft: Draft, watch: Watch, mira_at: Client, action: str) -> None:
        """Every action, on a text with everything in it, with an instruction that has it too."""
        watch.model.says = {"disappears": "A pending authorisation leaves the card within 5 business days."}
        text = f"{shown_text(draft)}\n\n{MAILS['en']}\n\n{EVERYTHING}"
        marks = [[found.start(), int(found[1]), draft.pk] for found in re.finditer(r"\[(\d)\]", text)]
        instruction = f"say that {STRANGER} may call {PHONE}, her password is {PASSWORD}"
        asked = {"action": action, "text": text, "instruction": instruction, "language": "de"}
        heard = len(watch.model.heard)
        answer = body(
            mira_at.post(
                reverse("copilot:revise", args=[draft.ticket_id]), asked | {"composition": json.dumps({"marks": marks})}
            )
        )
        row = RevisedText.objects.get()
        assert "error" not in answer and row.before and row.after
        assert (len(watch.model.heard) > heard) == (action not in {"warmer", "ask"})
        assert "<PERSON_" in row.instruction and not watch.found()

    def test_checking_before_sending(self, draft: Draft, watch: Watch, mira_at: Client) -> None:
        """The rules, and the model's doubts about what a person wrote."""
        heard = len(watch.model.heard)
        watch.model.yes = 0.01
        for name in ("presend", "doubts"):
            answer = body(
                mira_at.post(reverse(f"copilot:{name}", args=[draft.ticket_id]), {"text": f"Hi Marisol,\n\n{STATED}"})
            )
        assert {each["words"] for each in json.loads(answer)["findings"]} == set(re.split(r"(?<=\.) ", STATED))
        assert len(watch.model.heard) > heard and ModelCall.objects.filter(purpose="verify").exists()
        assert not watch.found()


class TestEscalation:
    def test_the_summary_and_the_package(self, draft: Draft, watch: Watch, mira_at: Client) -> None:
        """What the model sums up, and what is stored of a package with everything in it."""
        heard, ticket = len(watch.model.heard), draft.ticket_id
        body(mira_at.post(reverse("copilot:summary_stream", args=[ticket])))
        assert ThreadSummary.objects.get().finished_at and len(watch.model.heard) > heard
        told = {"asked": MAILS["en"], "next": f"{NOTE}\n{EVERYTHING}", "reply": REPLY}
        asked = {"team": cast.team("Legal").pk, "reason": "other", "seen": 2**40, **told}
        body(mira_at.post(reverse("copilot:escalate", args=[ticket]), asked))
        assert "<PERSON_" in str(Escalation.objects.get().package)
        assert not watch.found()


class TestTheCustomersHistory:
    def test_what_is_told_of_another_ticket(
        self, message: Message, watch: Watch, mira_at: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The agent reads who it is about; the model and what is kept do not."""
        monkeypatch.setattr(telling, "_drafts_wait", lambda: False)
        other = cast.new_ticket(message.ticket.customer, "A new question")
        told = body(mira_at.post(reverse("copilot:history_stream", args=[other.pk])))
        kept = ThreadSummary.objects.get(ticket=message.ticket)
        assert canaries_in(told) and kept.lines and watch.model.heard
        assert kept.finished_at and not watch.found()


class TestSimilarTickets:
    def test_what_is_kept_of_a_closed_ticket_and_shown_on_another(
        self, message: Message, watch: Watch, mira_at: Client, commit: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory = MemoryStore()
        monkeypatch.setattr(indexing, "store_of", lambda embedder: memory)
        monkeypatch.setitem(min_similarity.MEASURED, "fake", Minimum(0.01, 0.01))
        with commit():
            lifecycle.close(message.ticket, cast.mira(), [])
        assert tasks.remember_solved(message.ticket_id) == "read, 1 stored, 0 removed"
        other = cast.new_ticket(cast.lena(), SUBJECT, canaries.mail("en"))
        page = body(mira_at.get(reverse("copilot:similar", args=[other.pk])))
        watch.exported.append(("page of another ticket", page))
        row = SolvedTicket.objects.get()
        assert "<PERSON_" in row.title and "<PERSON_" in row.question and "<ADDRESS_" in row.answer
        assert "We refund double payments" in page and "[name]" in page and watch.embedded and not watch.found()


class TestTextChanges:
    @pytest.mark.parametrize("name", ["point-1", "say-1"])
    def test_trial_of_a_prompt(self, conversation: Callable[..., Message], watch: Watch, name: str) -> None:
        """Trials are not recorded as model calls, but their cases are kept, and the model reads them."""
        message = conversation("en" if name == "point-1" else "de")
        trial = trials.request(saved(name, with_task(name)), None, [message], cast.rosa())
        async_to_sync(trials.write)(trial.pk, watch.model)
        assert TextTrial.objects.get().state == TextTrial.State.READY and watch.model.heard
        assert TrialCase.objects.get().question and TrialCase.objects.get().replies["tried"]["text"]
        assert not watch.found()


class TestTheHelpCenter:
    SEARCHED = f"why was {STRANGER} charged twice, {EMAIL} card {CARD}"

    @pytest.fixture
    def page(self, publish: Publish, client: Client) -> str:
        """A visitor searches, opens what was found, judges it, and goes on to the contact form."""
        article = publish()
        page = body(client.get(reverse("help:search", args=["en"]), {"q": self.SEARCHED}))
        found = re.search(r'data-record-token="([^"]+)" data-record-url="([^"]+)"', page)
        assert found and client.post(found[2], {"token": unescape(found[1])}).status_code == 204
        client.post(reverse("help:record_read", args=["en", article.pk]), {"from": "search"})
        client.post(reverse("help:vote", args=["en", article.pk]), {"helped": "no", "comment": EVERYTHING})
        body(client.get(reverse("help:suggest", args=["en"]), {"q": self.SEARCHED}))
        return str(client.get(reverse("help:to_contact", args=["en"])).headers["Location"]) + unescape(found[1])

    def test_what_is_recorded(self, page: str, watch: Watch) -> None:
        assert HelpSearch.objects.get().query and HelpVote.objects.get().comment and HelpVisit.objects.exists()
        watch.exported.append(("tokens that travel through the browser", page))
        assert not watch.found("embedded", "reranked")

    def test_what_becomes_a_gap(self, page: str, watch: Watch) -> None:
        HelpSearch.objects.update(searched_at=timezone.now() - timedelta(hours=1), found=0)
        assert visits.record_gaps() == 1
        topics.regroup()
        assert GapTopic.objects.get().name and not watch.found("embedded", "reranked")

    def test_what_is_searched(self, page: str, watch: Watch) -> None:
        assert watch.embedded and watch.reranked and not watch.found()


class TestTheKnowledgeBase:
    @pytest.mark.parametrize("name", ["search", "sandbox"])
    def test_what_members_search(self, publish: Publish, watch: Watch, rosa_at: Client, name: str) -> None:
        publish()
        asked = {"q": MAILS["en"], "earlier": NOTE}
        body(rosa_at.get(reverse(f"knowledge:{name}"), asked))
        assert watch.embedded and watch.reranked and not watch.found()


class TestFiles:
    def test_for_leads(self, draft: Draft, message: Message, watch: Watch, rosa_at: Client) -> None:
        """Every CSV, with every figure that has rows."""
        Draft.objects.update(shown_at=timezone.now(), review="rejected", reason="tone", reviewed_by=cast.mira())
        note = Message.objects.filter(kind=Message.Kind.NOTE).get()
        sent = {"note": note, "by": cast.mira(), "reason": "other", "due_at": timezone.now()}
        Escalation.objects.create(ticket=message.ticket, team=cast.team(), **sent)
        HelpSearch.objects.create(visit=HelpVisit.objects.create(), query="masked <person>", found=0, best_score=0.1)
        names = ["figures_csv", "sources_articles_csv", "sources_figures_csv", "help_center_csv", "triage_csv"]
        names += ["escalations_csv", "escalations_figures_csv"]
        asked: list[tuple[str, dict[str, str]]] = [(name, {}) for name in names]
        asked += [("drafts_csv", {"figure": figure}) for figure in (*COUNTED, FIRST_RESPONSE)]
        for name, given in asked:
            watch.exported.append((f"{name} {given}", body(rosa_at.get(reverse(f"qa:{name}"), given))))
        assert sum("Charged twice in March: " in text for _, text in watch.exported) >= 3
        assert not watch.found()


class TestTheAdmin:
    def test_a_customer_is_changed(self, message: Message, watch: Watch, client: Client, ada: Any) -> None:
        """Django keeps a log of what was done in its admin."""
        client.force_login(ada)
        customer = message.ticket.customer
        fields = {"name": customer.name, "phone": PHONE, "plan": "Studio", "tier": "paid", "lifetime_value": "1"}
        url = reverse("admin:tickets_customer_change", args=[customer.pk])
        assert client.post(url, fields | {"language": "en", "since": "2026-01-01"}).status_code == 302
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_admin_log")
            assert cursor.fetchone()[0] == 1
        assert not watch.found()


# --- None is forgotten -----------------------------------------------------------------------

# Whoever gives a text to a model or to vectors, keeps a gap, or answers with a file: the test that goes through it, or
# why no customer's words get there.
WAYS_OUT = {
    "copilot/articles/try_article.py": TestQuestions,
    "copilot/drafting/pointing.py": TestDrafts,
    "copilot/drafting/ending.py": TestGaps,
    "copilot/drafting/saying.py": TestInEachLanguage,
    "copilot/evidence/choosing.py": TestInEachLanguage,
    "copilot/evidence/question_vectors.py": TestQuestions,
    "copilot/gap_articles/run.py": TestGaps,
    "copilot/grounding/checking.py": TestTheComposer,
    "copilot/preparation/translating.py": TestInEachLanguage,
    "copilot/revising/rewording.py": TestTheComposer,
    "copilot/similar/likeness.py": TestSimilarTickets,
    "copilot/summaries/summarising.py": TestEscalation,
    "copilot/triage/features.py": TestTriage,
    "knowledge/admin/transfer.py": TestGaps,
    "knowledge/gaps/topics.py": TestGaps,
    "knowledge/help_center/visits.py": TestTheHelpCenter,
    "knowledge/search/retrieval.py": TestDrafts,
    "qa/pages/deflection.py": TestFiles,
    "qa/pages/escalations_views.py": TestFiles,
    "qa/pages/sources_views.py": TestFiles,
    "qa/pages/triage_views.py": TestFiles,
    "qa/pages/views.py": TestFiles,
    "knowledge/index/embeddings.py": "the embedders themselves",
    "knowledge/index/vector_cache.py": "sentences of articles",
    "knowledge/search/min_scores.py": "sentences of our own",
    "knowledge/sync/storing.py": "passages of articles",
    "tickets/mail/writing.py": "the reply itself and its files, for the customer",
    "tickets/views/mail.py": "the raw mail itself, for members who may open the ticket",
}
USED = {"embed_query", "embed_passages", "record_gap"}  # and who is called: ModelRequest, scores


def test_every_way_out_is_known() -> None:
    """A new caller belongs into WAYS_OUT, and its text through the masking. Measurements read files of cases alone."""
    modules = [
        path
        for app in ("config", "copilot", "knowledge", "qa", "tickets")
        for path in (ROOT / app).rglob("*.py")
        if not {"migrations", "management", "evaluation", "engine"} & set(path.relative_to(ROOT).parts)
    ]
    assert {str(path.relative_to(ROOT)) for path in modules if _is_way_out(path.read_text())} == set(WAYS_OUT)


def _is_way_out(source: str) -> bool:
    if "Content-Disposition" in source:
        return True
    nodes = list(ast.walk(ast.parse(source)))
    called = {_name(each.func) for each in nodes if isinstance(each, ast.Call)}
    return bool(called & {"ModelRequest", "scores"}) or bool(set(map(_name, nodes)) & USED)


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))
