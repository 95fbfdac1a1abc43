"""A message is prepared once: each step's outcome is stored, and valid until its input changes."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from config.background import lanes
from config.jobs import WORKER
from copilot import receivers, tasks
from copilot.drafting import states, writing
from copilot.evidence import gathering
from copilot.models import Draft, DraftRecord, MaskedValue, Preparation
from copilot.preparation import backlog, pipeline, steps
from copilot.redaction import values
from knowledge.articles import publishing
from knowledge.models import Article
from knowledge.search import configuration, retrieval
from knowledge.search.rerank import FakeReranker, RerankerUnavailable
from tests import cast
from tests.copilot.conftest import withdraw
from tests.copilot.preparation.conftest import Publish
from tests.fakes import FakeModel
from tests.knowledge.fakes import MemoryStore
from tickets.models import Customer, Message, Ticket, User

pytestmark = pytest.mark.django_db
EVERY_STEP = ("mask", "language", "triage", "route", "translation", "search", "reliable", "evidence")
FROM_SEARCH = EVERY_STEP[5:]


@pytest.fixture
def searches(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query that was really searched."""
    asked: list[str] = []

    def search(query: str, **options: Any) -> retrieval.SearchResult:
        asked.append(query)
        return retrieval.search(query, **options)

    monkeypatch.setattr(gathering, "search", search)
    return asked


def message_of(ticket: Ticket) -> Message:
    return Message.objects.select_related("ticket__customer").filter(ticket=ticket, kind="customer").latest("pk")


def prepare(ticket: Ticket) -> pipeline.Prepared:
    """As the worker does, with everything read anew."""
    return pipeline.prepare(message_of(ticket))


def row(ticket: Ticket) -> Preparation:
    return Preparation.objects.get(message=message_of(ticket))


class TestWhatIsKept:
    def test_a_message_that_arrives_is_prepared_by_the_worker(
        self, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        queued: list[tuple[Any, ...]] = []
        monkeypatch.setattr(receivers, "queue", lambda *job, lane: queued.append((*job, lane)))
        message = message_of(ticket)
        receivers.on_message_received(Message, message_id=message.pk, ticket_id=ticket.pk)
        assert queued == [("copilot.tasks.prepare_message", message.pk, WORKER)]

    def test_every_step_keeps_its_outcome_with_version_and_reason(self, ticket: Ticket, publish: Publish) -> None:
        article = publish()
        assert prepare(ticket).fresh == EVERY_STEP
        kept = row(ticket).steps
        assert {name: kept[name]["version"] for name in EVERY_STEP} == dict.fromkeys(EVERY_STEP, 1) | {
            "mask": 3,
            "triage": 2,
            "evidence": 2,
        }
        assert kept["mask"]["reason"].startswith("nothing personal in it")
        assert kept["language"] | {"reason": "read in the message"} == kept["language"]
        assert kept["language"]["outcome"]["code"] == "en"
        passages = kept["search"]["outcome"]["passages"]
        assert {each["revision"] for each in passages} == {article.published_id} and "text" not in passages[0]
        assert "We refund double payments" in str(kept["evidence"]["outcome"]["units"])
        assert "/fake/" in row(ticket).made_with["configuration"] and not row(ticket).degraded

    def test_nothing_relevant_is_an_answer_with_its_reason(
        self, ticket: Ticket, publish: Publish, searches: list[str], settings: Any
    ) -> None:
        settings.RETRIEVAL_MIN_SCORE = 0.99
        publish()
        prepare(ticket)
        assert "0.99 is needed" in row(ticket).steps["search"]["reason"]
        again = prepare(ticket)
        assert not again.fresh and not again.evidence.units and len(searches) == 1

    def test_an_empty_knowledge_base_is_an_answer_too(self, ticket: Ticket, searches: list[str]) -> None:
        prepare(ticket)
        assert row(ticket).steps["search"]["reason"] == "nothing in the knowledge base is near"
        assert not prepare(ticket).fresh

    def test_nothing_personal_is_kept_but_the_values_of_placeholders(self, publish: Publish) -> None:
        publish()
        ticket = cast.new_ticket(text="I am Tomas. Write to ana@mail.example, IBAN DE89370400440532013000, why?")
        prepare(ticket)
        kept = json.dumps(row(ticket).steps)
        assert not [each for each in ("Tomas", "ana@", "DE8937") if each in kept]
        assert row(ticket).steps["mask"]["reason"] == (
            "masked: EMAIL_1, IBAN_1, NAME; names of others were looked for by rules alone"
        )
        assert values.known(ticket) == {"EMAIL_1": "ana@mail.example", "IBAN_1": "DE89370400440532013000"}

    def test_it_goes_with_the_ticket(self, ticket: Ticket, publish: Publish) -> None:
        Message.objects.update(text="Write to ana@mail.example")
        prepare(ticket)
        ticket.delete()
        assert not Preparation.objects.exists() and not MaskedValue.objects.exists()

    def test_the_log_holds_no_word_of_it(
        self, publish: Publish, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caplog.set_level(logging.DEBUG)
        prepare(cast.new_ticket(text="Write to ana@mail.example about zebras"))
        ours = [record.getMessage() for record in caplog.records if record.name.startswith("copilot")]
        assert ours and not [line for line in ours if "ana@" in line or "zebra" in line]


class TestNothingIsDoneTwice:
    def test_a_second_run_does_nothing(self, ticket: Ticket, publish: Publish, searches: list[str]) -> None:
        publish()
        first = prepare(ticket)
        second = prepare(ticket)
        assert (second.fresh, len(searches)) == ((), 1)
        assert second.evidence == first.evidence and second.reliable == first.reliable
        assert second.masked == first.masked and second.language == first.language

    def test_opening_a_prepared_ticket_only_reads(
        self, client: Client, mira: User, ticket: Ticket, publish: Publish, searches: list[str]
    ) -> None:
        publish()
        prepare(ticket)
        client.force_login(mira)
        page = client.get(reverse("copilot:hits", args=[ticket.pk])).content.decode()
        assert "Charged twice" in page and len(searches) == 1

    def test_the_draft_rests_on_it(self, ticket: Ticket, publish: Publish, searches: list[str]) -> None:
        publish()
        prepare(ticket)
        model = FakeModel()
        draft, _ = states.request_draft(ticket, message_of(ticket), Draft.Origin.ARRIVAL)
        async_to_sync(writing.write)(draft.pk, model, "background")
        draft.refresh_from_db()
        assert draft.state == Draft.State.READY and "We refund double payments" in str(model.checked)
        assert len(searches) == 1 and DraftRecord.objects.get().retrieval["hits"][0]["why"]

    def test_its_record_is_english_whoever_asked(self, ticket: Ticket, publish: Publish) -> None:
        publish()
        draft, _ = states.request_draft(ticket, message_of(ticket), Draft.Origin.REQUEST)
        with override("de"):
            async_to_sync(writing.write)(draft.pk, FakeModel(), "interactive")
        assert DraftRecord.objects.get().retrieval["hits"][0]["why"].startswith("meaning 0.")

    def test_a_draft_before_the_worker_prepares_for_all(
        self, ticket: Ticket, publish: Publish, searches: list[str]
    ) -> None:
        publish()
        draft, _ = states.request_draft(ticket, message_of(ticket), Draft.Origin.ARRIVAL)
        async_to_sync(writing.write)(draft.pk, FakeModel(), "background")
        assert tasks.prepare_message(message_of(ticket).pk) == "was there" and len(searches) == 1

    def test_while_its_draft_is_written_the_writer_prepares_it(self, ticket: Ticket, searches: list[str]) -> None:
        Draft.objects.create(ticket=ticket, message=message_of(ticket), state="writing", lease_until=timezone.now())
        assert "writer" in tasks.prepare_message(message_of(ticket).pk) and searches == []

    def test_a_message_that_is_gone_is_no_error(self) -> None:
        assert tasks.prepare_message(987654) == "gone"


def publish_another(ticket: Ticket, publish: Publish) -> None:
    publish("Double payments", "We refund double payments of March within 5 days.")


def withdraw_it(ticket: Ticket, publish: Publish) -> None:
    withdraw(Article.objects.get(), "unpublish")


def let_it_expire(ticket: Ticket, publish: Publish) -> None:
    withdraw(Article.objects.get(), "expire")


def publish_anew(ticket: Ticket, publish: Publish) -> None:
    article = Article.objects.get()
    article.body_md += " Within 5 days."
    publishing.save_revision(article)
    publishing.approve(article, sync=False)


def call_it_spanish(ticket: Ticket, publish: Publish) -> None:
    Article.objects.update(language="es")


def move_it(ticket: Ticket, publish: Publish) -> None:
    Article.objects.update(category="account")


def search_otherwise(ticket: Ticket, publish: Publish) -> None:
    configuration.save(replace(configuration.current(), min_score=0.1))


def put_into_a_category(ticket: Ticket, publish: Publish) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(category="billing")


class TestOutdated:
    @pytest.mark.parametrize(
        "change",
        [
            *(publish_another, withdraw_it, let_it_expire, publish_anew, call_it_spanish, move_it),
            *(search_otherwise, put_into_a_category),
        ],
    )
    def test_another_knowledge_base_search_or_category_is_searched_again(
        self,
        ticket: Ticket,
        publish: Publish,
        searches: list[str],
        change: Callable[[Ticket, Publish], None],
    ) -> None:
        publish()
        prepare(ticket)
        change(ticket, publish)
        assert "search" in (fresh := prepare(ticket).fresh) and "mask" not in fresh and len(searches) == 2
        assert prepare(ticket).fresh == ()

    def test_another_embedder_is_searched_again(
        self, ticket: Ticket, publish: Publish, searches: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish()
        prepare(ticket)
        monkeypatch.setattr("knowledge.index.embeddings.FakeEmbedder.name", "another")
        assert "search" in prepare(ticket).fresh and "/another/" in row(ticket).made_with["configuration"]

    def test_the_tickets_language_counts_where_the_message_does_not_tell(
        self, publish: Publish, searches: list[str]
    ) -> None:
        publish()
        ticket = cast.new_ticket(text="2044", language="de")
        prepare(ticket)
        Ticket.objects.update(language="fr")
        prepared = prepare(ticket)
        assert prepared.fresh[:4] == ("language", "route", "translation", "search")
        assert prepared.language.reason == "the ticket's"

    def test_a_new_version_of_a_step_runs_it_again_and_what_needs_it(
        self, ticket: Ticket, publish: Publish, searches: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish()
        prepare(ticket)
        newer = tuple(replace(step, version=3) if step.name == "evidence" else step for step in steps.STEPS)
        monkeypatch.setattr(pipeline, "STEPS", newer)
        assert prepare(ticket).fresh == ("evidence",)
        assert row(ticket).steps["evidence"]["version"] == 3 and len(searches) == 1

    def test_what_an_older_version_prepared_is_kept_as_far_as_it_is_still_a_step(
        self, ticket: Ticket, publish: Publish, searches: list[str]
    ) -> None:
        publish()
        prepare(ticket)
        older = row(ticket)
        older.steps["excerpts"] = older.steps.pop("evidence") | {"outcome": {"numbered": [], "internal": []}}
        older.save()
        again = prepare(ticket)
        assert (again.fresh, len(searches)) == (("evidence",), 1) and again.evidence.units
        assert set(row(ticket).steps) == {step.name for step in steps.STEPS}

    def test_a_corrected_name_is_masked_again(self, publish: Publish) -> None:
        publish()
        ticket = cast.new_ticket(text="It is about Quill. Why was I charged?")
        assert "Quill" in prepare(ticket).masked.asked
        Customer.objects.filter(pk=ticket.customer_id).update(name="Quill Okafor")
        again = prepare(ticket)
        assert again.fresh[0] == "mask" and "Quill" not in again.masked.asked

    def test_a_hit_is_rechecked_whatever_the_version_says(
        self, ticket: Ticket, publish: Publish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish()
        monkeypatch.setattr("knowledge.search.version._published", list)
        assert prepare(ticket).evidence.units
        Article.objects.update(audience=Article.Audience.INTERNAL)
        prepared = prepare(ticket)
        assert not prepared.evidence.units and [each.title for each in prepared.evidence.internal] == ["Charged twice"]
        Article.objects.update(state=Article.State.ARCHIVED)
        assert not prepare(ticket).found.result.passages

    def test_what_was_found_by_words_only_is_kept_as_such_and_tried_again(
        self, ticket: Ticket, publish: Publish, store: MemoryStore
    ) -> None:
        publish()
        store.fail_after = 0
        prepare(ticket)
        assert row(ticket).degraded == row(ticket).steps["search"]["degraded"] == "words_only"
        assert "search" in prepare(ticket).fresh
        store.fail_after = None
        assert "search" in prepare(ticket).fresh
        assert not row(ticket).degraded and prepare(ticket).fresh == ()

    def test_evidence_that_was_chosen_without_the_reranker_is_chosen_again(
        self, ticket: Ticket, publish: Publish, searches: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish()
        with monkeypatch.context() as away:
            away.setattr(gathering, "get_reranker", BrokenReranker)
            assert prepare(ticket).evidence.units
            assert row(ticket).degraded == row(ticket).steps["evidence"]["degraded"] == "not_reranked"
        monkeypatch.setattr(gathering, "get_reranker", FakeReranker)
        assert prepare(ticket).fresh == ("evidence",)
        assert not row(ticket).degraded and prepare(ticket).fresh == () and len(searches) == 1

    def test_what_a_reply_is_made_from_is_known_by_its_digest(self, ticket: Ticket, publish: Publish) -> None:
        publish()
        before = prepare(ticket).answers_from
        assert prepare(ticket).answers_from == row(ticket).answers_from == before
        publish("Garden trees", "Old gardens have many trees, which need water in summer.")
        assert prepare(ticket).answers_from == before
        Preparation.objects.update(answers_from="")  # by an older version
        assert prepare(ticket).fresh == () and row(ticket).answers_from == before


class BrokenReranker(FakeReranker):
    def scores(self, *asked: Any) -> Any:
        raise RerankerUnavailable("It is not there.")


class TestTwoAtOnce:
    def test_two_processes_make_one_row(
        self, ticket: Ticket, publish: Publish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish()
        others = [True]

        def search(query: str, **options: Any) -> retrieval.SearchResult:
            if others.pop() if others else False:
                prepare(ticket)  # the other process is faster
            return retrieval.search(query, **options)

        monkeypatch.setattr(gathering, "search", search)
        Message.objects.update(text="Charged twice in March, write to ana@mail.example")
        prepared = prepare(ticket)
        assert "<EMAIL_1>" in prepared.masked.asked
        assert Preparation.objects.count() == MaskedValue.objects.count() == 1

    def test_a_placeholder_assigned_by_another_process_is_not_assigned_twice(
        self, ticket: Ticket, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def search(query: str, **options: Any) -> retrieval.SearchResult:
            values.add(ticket.pk, {"EMAIL_1": "bo@x.example"})
            return retrieval.search(query, **options)

        monkeypatch.setattr(gathering, "search", search)
        Message.objects.update(text="write to ana@mail.example")
        assert "<EMAIL_2>" in prepare(ticket).masked.asked
        assert values.known(ticket) == {"EMAIL_1": "bo@x.example", "EMAIL_2": "ana@mail.example"}

    @pytest.mark.django_db(transaction=True)
    def test_no_transaction_is_open_while_it_searches(
        self, ticket: Ticket, publish: Publish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def search(query: str, **options: Any) -> retrieval.SearchResult:
            assert not connection.in_atomic_block
            return retrieval.search(query, **options)

        publish()
        monkeypatch.setattr(gathering, "search", search)
        assert prepare(ticket).fresh == EVERY_STEP


def an_hour_ago(**fields: Any) -> Ticket:
    return cast.new_ticket(created_at=timezone.now() - timedelta(hours=1), **fields)


class TestCatchingUp:
    def test_the_latest_message_of_each_ticket_that_is_not_closed_is_prepared(self, publish: Publish) -> None:
        publish()
        open_one, pending, closed = (an_hour_ago(status=status) for status in ("open", "pending", "open"))
        Ticket.objects.filter(pk=closed.pk).update(status="closed", closed_at=closed.created_at)
        then = timezone.now() - timedelta(minutes=5)
        newer = Message.objects.create(ticket=open_one, kind="customer", text="And April?", created_at=then)
        assert backlog.catch_up() == 3 and backlog.catch_up() == 0
        searched = {each.message_id for each in Preparation.objects.all() if "search" in each.steps}
        assert searched == {newer.pk, message_of(pending).pk}

    def test_an_earlier_message_is_only_read(self, publish: Publish) -> None:
        publish()
        ticket = an_hour_ago()
        earlier = message_of(ticket)
        then = timezone.now() - timedelta(minutes=5)
        Message.objects.create(ticket=ticket, kind="customer", text="And April?", created_at=then)
        backlog.catch_up()
        assert set(Preparation.objects.get(message=earlier).steps) == {"mask", "language", "triage"}

    def test_what_has_just_come_is_the_workers(self, ticket: Ticket, store: MemoryStore) -> None:
        assert backlog.catch_up() == 0

    def test_what_waits_for_a_draft_is_the_drafters_while_one_is_there(self, publish: Publish) -> None:
        publish()
        message = message_of(an_hour_ago())
        states.request_draft(message.ticket, message, Draft.Origin.ARRIVAL)
        drafter = lanes.Pulse(lanes.DRAFTER)
        drafter.beat()
        assert backlog.catch_up() == 0
        drafter.end()
        assert backlog.catch_up() == 1
        Preparation.objects.update(search_version="older")
        drafter.last = float("-inf")
        drafter.beat()
        assert backlog.catch_up() == 1, "what is outdated is not the drafter's"

    def test_after_a_publication_all_are_made_again_a_few_at_a_time(self, publish: Publish) -> None:
        publish()
        for _ in range(3):
            an_hour_ago()
        backlog.catch_up()
        publish("Double payments", "We refund double payments of March within 5 days.")
        assert [backlog.catch_up(2), backlog.catch_up(2), backlog.catch_up(2)] == [2, 1, 0]

    def test_one_that_cannot_be_prepared_holds_up_no_other(
        self, publish: Publish, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        publish()
        bad, good = an_hour_ago(priority=4), an_hour_ago()
        real = pipeline.prepare

        def prepare(message: Message) -> pipeline.Prepared:
            if message.ticket_id == bad.pk:
                raise RuntimeError("tomas@okafor.example")
            return real(message)

        monkeypatch.setattr(pipeline, "prepare", prepare)
        assert [backlog.catch_up(1), backlog.catch_up(1), backlog.catch_up(1)] == [0, 1, 0]
        assert row(good).degraded == "" and "okafor" not in caplog.text and "RuntimeError" in caplog.text

    def test_while_a_part_is_down_one_try_a_run_is_enough(self, publish: Publish, store: MemoryStore) -> None:
        tickets = [an_hour_ago() for _ in range(3)]
        publish()
        store.fail_after = 0
        assert backlog.catch_up() == 1
        store.fail_after = None
        assert backlog.catch_up() == 2 and Preparation.objects.count() == len(tickets)

    def test_what_was_made_without_vectors_is_not_tried_every_minute(
        self, publish: Publish, store: MemoryStore
    ) -> None:
        ticket = an_hour_ago()
        publish()
        store.fail_after = 0
        assert [backlog.catch_up(), backlog.catch_up()] == [1, 0]
        long_ago = row(ticket).made_at - 2 * backlog.TRY_AGAIN
        Preparation.objects.update(made_at=long_ago)
        store.fail_after = None
        assert [backlog.catch_up(), row(ticket).degraded] == [1, ""]
