"""An article draft from agents' replies: masked, supported by the replies, never published automatically."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot import leases
from copilot.drafting import drafter_queue
from copilot.gap_articles import run as gap_articles_run
from copilot.gap_articles import sources
from copilot.gap_articles.text import article, refuses
from copilot.llm import ModelError
from copilot.models import GapArticleRun
from knowledge.gaps.recording import record_gap
from knowledge.models import Article, Gap, GapTopic
from tests import cast
from tests.fakes import FakeModel
from tickets.models import Message, OutgoingMail, Ticket, User

REPLY = (
    "Hi Tomas,\n\nreminders go out by email and by SMS, at most 2 per class. Set them under Settings › Reminders.\n\n"
    "Best regards\nMira"
)
ANSWER = """# Send reminders to clients

Reminders go out by email and by SMS [1].

## Set them

1. Open Settings › Reminders.
2. Send at most 2 reminders per class. You can also send 5 per day.

## Prices

Each reminder costs €9."""


def answered(subject: str = "WhatsApp reminders", text: str = REPLY, state: str = "sent") -> Ticket:
    ticket = cast.new_ticket(subject=subject, text="Hello, can you send reminders by WhatsApp? Tomas Okafor")
    reply = Message.objects.create(
        ticket=ticket, kind="reply", author=cast.mira(), text=text, created_at=timezone.now()
    )
    OutgoingMail.objects.create(message=reply, subject="Re", state=state)
    return ticket


def topic_of(*tickets: Ticket) -> GapTopic:
    topic = GapTopic.objects.create(name="Reminders by WhatsApp")
    for ticket in tickets:
        gap = record_gap(f"ticket:{ticket.pk} message:1", "Can you send reminders by WhatsApp?", category="billing")
        Gap.objects.filter(pk=gap.pk).update(topic=topic)
    return topic


@pytest.fixture
def topic(db: None) -> GapTopic:
    return topic_of(answered())


def write(run: GapArticleRun, model: FakeModel) -> GapArticleRun:
    async_to_sync(gap_articles_run.write)(run.pk, model)
    run.refresh_from_db()
    return run


class TestText:
    def test_unsupported_sentences_are_dropped_and_counted(self) -> None:
        written = article(ANSWER, [REPLY], "fallback")
        assert written.title == "Send reminders to clients"
        assert "5 per day" not in written.body_md and "€9" not in written.body_md and "## Prices" not in written.body_md
        assert "2. Send at most 2 reminders per class." in written.body_md and "[1]" not in written.body_md
        assert written.dropped == 2 and not written.empty

    def test_the_same_length_in_other_words_is_supported(self) -> None:
        said = "The link to the export works for two weeks."
        assert article("# Export\n\nThe link to the export works for 14 days.", [said], "x").dropped == 0
        assert article("# Export\n\nThe link to the export works for 15 days.", [said], "x").empty

    def test_a_sentence_about_something_else_is_dropped(self) -> None:
        assert article("# T\n\nUnicorns graze beside silver rivers forever.", [REPLY], "x").dropped == 1

    def test_a_step_that_went_leaves_no_hole_in_the_count(self) -> None:
        written = article("# T\n\n1. Open Settings.\n2. Pay €99.\n3. Open Reminders.", [REPLY], "x")
        assert "1. Open Settings." in written.body_md and "2. Open Reminders." in written.body_md

    def test_without_a_heading_the_topic_names_it(self) -> None:
        assert article("Reminders go out by email.", [REPLY], "Reminders by WhatsApp").title == "Reminders by WhatsApp"

    @pytest.mark.parametrize("raw", ["NO ANSWER", "**NO ANSWER**", "# NO ANSWER."])
    def test_a_refusal(self, raw: str) -> None:
        assert refuses(raw)


class TestSources:
    def test_masked_and_without_greeting_closing_and_name(self, topic: GapTopic) -> None:
        source = sources.sources(topic)[0]
        assert "SMS" in source.text
        for personal in ("Tomas", "Okafor", "Mira", "Hi ", "Best regards"):
            assert personal not in source.text
        assert source.record["ref"].startswith("ticket:")

    def test_quoted_text_is_removed(self, db: None) -> None:
        text = "It goes by SMS.\n\nOn 3 May 2026, Tomas wrote:\n> my secret question"
        assert "secret" not in sources.sources(topic_of(answered(text=text)))[0].text

    @pytest.mark.parametrize("state", ["queued", "undone", "failed"])
    def test_only_what_was_really_sent(self, db: None, state: str) -> None:
        topic = topic_of(answered(state=state))
        assert sources.answered(topic) == 0 and sources.sources(topic) == []

    def test_the_prompt_holds_no_name_of_a_person(self, topic: GapTopic, ken: User) -> None:
        run, _ = gap_articles_run.request(topic, ken)
        model = FakeModel(ANSWER)
        write(run, model)
        said = str(model.asked[0][0])
        assert "SMS" in said and "Okafor" not in said and "Mira" not in said
        assert model.asked[0][2] == "background"


@pytest.mark.django_db(transaction=True)
class TestRun:
    @pytest.fixture
    def topic(self) -> GapTopic:
        return topic_of(answered())

    def test_a_draft_of_the_author_with_model_and_sources(self, topic: GapTopic) -> None:
        ken = cast.ken()
        run, created = gap_articles_run.request(topic, ken)
        assert created and list(drafter_queue.requested_articles()) == [run]
        assert gap_articles_run.request(topic, ken) == (run, False)
        run = write(run, FakeModel(ANSWER))
        made = Article.objects.get()
        revision = made.revisions.get()
        topic.refresh_from_db()
        assert run.state == "ready" and run.article == made and topic.draft == made
        assert (made.state, made.owner, made.published, made.category) == ("draft", ken, None, "billing")
        assert revision.model == "fake-model" and revision.sources[0]["ref"].startswith("ticket:")
        assert "2 sentences dropped" in revision.note
        call = run.calls.get()
        assert call.prompt_version.startswith("article-1@") and call.messages and call.output == run.text

    def test_no_model_is_said_and_can_be_tried_again(self, topic: GapTopic) -> None:
        run, _ = gap_articles_run.request(topic, cast.ken())
        run = write(run, FakeModel("", error=ModelError("unavailable", "The model is not running.", retryable=True)))
        assert (run.state, run.error) == ("failed", "The model is not running.")
        again, created = gap_articles_run.request(topic, cast.ken())
        assert created and write(again, FakeModel(ANSWER)).state == "ready"

    @pytest.mark.parametrize(
        ("answer", "why"), [("NO ANSWER", "found no answer"), ("# T\n\nIt costs €99.", "supported")]
    )
    def test_nothing_usable_makes_no_article(self, topic: GapTopic, answer: str, why: str) -> None:
        run = write(gap_articles_run.request(topic, cast.ken())[0], FakeModel(answer))
        assert run.state == "failed" and why in run.error and not Article.objects.exists()

    def test_stopped_in_the_middle_writes_nothing(self, topic: GapTopic, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gap_articles_run, "SAVE_EVERY", 0)
        run, _ = gap_articles_run.request(topic, cast.ken())

        async def play() -> None:
            from asgiref.sync import sync_to_async

            model = FakeModel(ANSWER, pause_after=3)
            writing = asyncio.create_task(gap_articles_run.write(run.pk, model))
            await model.paused.wait()
            assert await sync_to_async(gap_articles_run.stop)(run)
            model.resume.set()
            await writing
            assert model.closed

        async_to_sync(play)()
        run.refresh_from_db()
        assert run.state == "stopped" and not Article.objects.exists()

    def test_a_model_that_takes_long_for_its_first_word_is_waited_for(
        self, topic: GapTopic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leases, "RENEW_EVERY", 0.01)
        run, _ = gap_articles_run.request(topic, cast.ken())

        async def lease() -> Any:
            return await GapArticleRun.objects.values_list("lease_until", flat=True).aget(pk=run.pk)

        async def play() -> None:
            model = FakeModel(ANSWER, pause_after=0)
            writing = asyncio.create_task(gap_articles_run.write(run.pk, model))
            await model.paused.wait()
            first = await lease()
            while await lease() == first:  # noqa: ASYNC110 - it asks the database
                await asyncio.sleep(0.01)
            model.resume.set()
            await writing

        async_to_sync(play)()
        run.refresh_from_db()
        assert run.state == "ready"

    def test_a_run_whose_writer_died_is_ended_with_the_reason(self, topic: GapTopic) -> None:
        run, _ = gap_articles_run.request(topic, cast.ken())
        past = timezone.now() - timedelta(minutes=5)
        GapArticleRun.objects.filter(pk=run.pk).update(state="writing", lease_until=past)
        found = gap_articles_run.latest(topic)
        assert found is not None and found.state == "failed" and "interrupted" in found.error

    def test_a_second_worker_finds_nothing_to_claim(self, topic: GapTopic) -> None:
        run, _ = gap_articles_run.request(topic, cast.ken())
        write(run, FakeModel(ANSWER))
        model = FakeModel(ANSWER)
        write(run, model)
        assert model.asked == [] and Article.objects.count() == 1


class TestPanel:
    @pytest.fixture
    def here(self, topic: GapTopic) -> str:
        return reverse("copilot:gap_article", args=[topic.pk])

    def page(self, client: Client, here: str, **post: Any) -> str:
        answer = client.post(here, post) if post else client.get(here)
        assert answer.status_code == 200
        return answer.content.decode()

    @pytest.mark.parametrize("name", ["gap_article", "gap_article_stop"])
    def test_strangers_are_sent_to_log_in(self, client: Client, topic: GapTopic, name: str) -> None:
        url = reverse(f"copilot:{name}", args=[topic.pk])
        assert client.post(url).headers["Location"].startswith("/login/")

    @pytest.mark.parametrize(("who", "get", "post"), [
        ("mira", 403, 403), ("otto", 200, 403), ("ken", 200, 200), ("rosa", 200, 200), ("ada", 200, 200),
    ])  # fmt: skip
    def test_who_may(self, client: Client, request: Any, here: str, who: str, get: int, post: int) -> None:
        client.force_login(request.getfixturevalue(who))
        assert client.get(here).status_code == get and client.post(here).status_code == post
        stop = here + "/stop"
        assert client.get(stop).status_code == 405
        assert client.post(stop).status_code == post

    def test_a_wrong_topic_is_not_there(self, client: Client, ken: User) -> None:
        client.force_login(ken)
        assert client.get(reverse("copilot:gap_article", args=[987654])).status_code == 404

    def test_from_button_to_draft(self, client: Client, ken: User, topic: GapTopic, here: str) -> None:
        client.force_login(ken)
        assert "An agent replied to 1 of 1 ticket." in self.page(client, here)
        asked = self.page(client, here, go="1")
        assert "Waiting for the model" in asked and 'hx-trigger="every 1s"' in asked
        GapArticleRun.objects.update(state="writing", text="# Five words are here now")
        assert "6 words written from agents’ replies" in self.page(client, here)
        GapArticleRun.objects.update(state="queued")
        write(GapArticleRun.objects.get(), FakeModel(ANSWER))
        done = self.page(client, here)
        assert "written by fake-model" in done and "Nothing is published automatically" in done
        assert "every 1s" not in done

    def test_stop(self, client: Client, ken: User, here: str) -> None:
        client.force_login(ken)
        self.page(client, here, go="1")
        assert "Writing was stopped" in self.page(client, here + "/stop", go="1")

    def test_no_model_offers_another_try(self, client: Client, ken: User, topic: GapTopic, here: str) -> None:
        client.force_login(ken)
        GapArticleRun.objects.create(topic=topic, requested_by=ken, state="failed", error="The model is not running.")
        shown = self.page(client, here)
        assert "The model is not running." in shown and "Try again" in shown

    def test_nothing_to_write_from(self, client: Client, ken: User) -> None:
        client.force_login(ken)
        topic = topic_of(cast.new_ticket())
        here = reverse("copilot:gap_article", args=[topic.pk])
        assert "No agent has replied to these tickets yet, so there is nothing to write from." in self.page(
            client, here
        )
        assert gap_articles_run.NOT_ANSWERED in self.page(client, here, go="1")
        assert not GapArticleRun.objects.exists()
