"""A version is tried on past messages beside the one in use: masked, unrecorded, and it can be stopped."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from config import jobs
from copilot import leases, llm
from copilot.llm import ChatMessage, FirstToken, ModelError, Priority
from copilot.llm.health import Health
from copilot.models import Draft, ModelCall, TextTrial, TrialCase
from copilot.text_changes import past_messages, trials
from tests import cast
from tests.copilot.cancelling import Pause
from tests.copilot.texts.conftest import changed, put_into_use, saved, with_task
from tests.fakes import FakeModel
from tickets.models import Message, OutgoingMail, Ticket

pytestmark = pytest.mark.django_db
ASKED = "I see two charges on my card 4111 1111 1111 1111. When does the second one disappear?"


class Reader(FakeModel):
    """Points at the second line where the tried prompt asks, at the first where the shipped one does."""

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        self.points = (2,) if "Be brief." in messages[0]["content"] else (1,)
        return await super().first_token(messages, priority)


def answered(text: str = ASKED, state: str = "sent", days: int = 0) -> Ticket:
    ticket = cast.new_ticket(text=text, subject=f"Two charges {days}")
    at = timezone.now() - timedelta(days=days)
    Message.objects.filter(ticket=ticket).update(created_at=at)
    reply = Message.objects.create(
        ticket=ticket, kind="reply", author=cast.mira(), text="Yes.", created_at=at + timedelta(minutes=5)
    )
    OutgoingMail.objects.create(message=reply, subject="Re", state=state)
    return ticket


def first(ticket: Ticket) -> Message:
    message = ticket.messages.first()
    assert message is not None
    return message


def trial_of(*tickets: Ticket, name: str = "point-1", data: dict[str, Any] | None = None) -> TextTrial:
    version = saved(name, data or with_task(name))
    return trials.request(version, None, [first(ticket) for ticket in tickets], cast.rosa())


def run(trial: TextTrial, model: FakeModel) -> TextTrial:
    async_to_sync(trials.write)(trial.pk, model)
    trial.refresh_from_db()
    return trial


def case_of(trial: TextTrial) -> TrialCase:
    return trial.cases.get()


@pytest.fixture
def rosa_at(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(llm, "health", lambda timeout: Health("ready", "Ready"))
    client.force_login(cast.rosa())
    return client


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


class TestTheTrial:
    def test_both_answer_by_the_code_that_drafts_use(self, searched: list[str]) -> None:
        trial = run(trial_of(answered()), Reader())
        assert trial.state == TextTrial.State.READY
        now, tried = case_of(trial).replies["now"], case_of(trial).replies["tried"]
        assert now["text"] != tried["text"] and now["text"].startswith("Hi <NAME>,")
        assert "within 5 business days [1]." in now["text"] and "It is never collected [2]." in tried["text"]
        assert tried["probability"] > 0.5 and tried["sentences"][0]["support"] == "supported"

    def test_the_model_reads_masked_text_only(self, searched: list[str]) -> None:
        model = Reader()
        trial = run(trial_of(answered()), model)
        read = str(model.checked)
        assert "<CARD" in read and "4111" not in read and "4111" not in str(case_of(trial).__dict__)

    def test_nothing_becomes_data_of_the_desk(self, searched: list[str]) -> None:
        run(trial_of(answered()), Reader())
        assert ModelCall.objects.count() == Draft.objects.count() == 0

    def test_agents_come_first(self, searched: list[str]) -> None:
        model = Reader()
        run(trial_of(answered()), model)
        assert {priority for _messages, priority in model.checked} == {"background"}

    def test_each_side_has_the_minimum_score_of_its_prompt(self, searched: list[str], settings: Any) -> None:
        settings.COPILOT_MODEL = "qwen2.5-coder-1.5b-instruct"
        settings.DRAFT_MIN_SCORE, settings.LLM_EMBEDDED = None, True
        replies = case_of(run(trial_of(answered()), Reader())).replies
        assert (replies["now"]["least"], replies["tried"]["least"]) == (0.66, 0.5)

    def test_a_question_without_a_source_has_no_reply(self, nothing_found: None) -> None:
        replies = case_of(run(trial_of(answered()), Reader())).replies
        assert replies["now"]["text"] == replies["tried"]["text"] == ""

    def test_it_is_compared_with_what_was_in_use_when_it_was_asked_for(self, searched: list[str]) -> None:
        put_into_use("point-1", saved("point-1").number)
        two = saved("point-1", with_task("point-1", "Be exact."))
        trial = trials.request(two, saved("point-1"), [first(answered())], cast.rosa())
        put_into_use("point-1", 0)
        replies = case_of(run(trial, Reader())).replies
        assert "[2]" in replies["now"]["text"] and "[1]" in replies["tried"]["text"]

    def test_without_the_model_it_ends_and_says_why(self, searched: list[str]) -> None:
        down = FakeModel(error=ModelError("unavailable", "The model is not running.", retryable=True))
        trial = run(trial_of(answered()), down)
        assert (trial.state, trial.error) == ("failed", "The model is not running.")

    @pytest.mark.django_db(transaction=True)  # its last step has a connection of its own
    def test_cancelled_while_its_prompts_are_read_it_has_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The server stops: without this it stayed "running" until its lease ran out."""
        pause = Pause()
        read = trials._prompts

        def slowly(trial: TextTrial) -> Any:
            pause.here()
            return read(trial)

        monkeypatch.setattr(trials, "_prompts", slowly)
        trial = trial_of(answered())

        pause.cancel(trials.write(trial.pk, FakeModel()))
        trial.refresh_from_db()
        assert (trial.state, trial.error) == ("failed", trials.INTERRUPTED)

    def test_a_version_that_cannot_be_used_is_not_tried(self, searched: list[str]) -> None:
        trial = run(trial_of(answered(), data=changed("point-1", lambda data: data.update(turn="{ask}"))), Reader())
        assert trial.state == "failed" and "do not pass the checks" in trial.error

    def test_a_second_job_finds_nothing_to_do(self, searched: list[str]) -> None:
        trial, model = trial_of(answered()), Reader()
        run(trial, model)
        asked = len(model.checked)
        run(trial, model)
        assert len(model.checked) == asked > 0

    def test_a_version_has_one_trial_at_a_time(self) -> None:
        trial = trial_of(answered())
        assert trial_of(answered()) == trial
        trials.stop(trial)
        assert trial_of(answered()) != trial

    def test_stopped_it_keeps_what_it_has(self, searched: list[str]) -> None:
        trial, model = trial_of(answered(), answered("And when does the first one disappear?")), Reader()

        class Stopping(Reader):
            async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
                if len(self.checked) == 1:
                    await sync_to_async(trials.stop)(trial)
                return await super().first_token(messages, priority)

        model = Stopping()
        run(trial, model)
        assert trial.state == "stopped" and len(model.checked) == 2
        assert [set(case.replies) for case in trial.cases.all()] == [{"now"}, set()]

    def test_one_whose_process_died_is_shown_as_interrupted_and_frees_the_version(self) -> None:
        trial = trial_of(answered())
        leases.claim(TextTrial.objects.all(), trial.pk)
        TextTrial.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
        seen = trials.latest(trial.pk)
        assert seen is not None and seen.state == "failed" and "interrupted" in seen.error
        assert trial_of(answered()) != trial

    def test_a_process_that_stops_ends_it(self, searched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        trial, model = trial_of(answered()), FakeModel(pauses=True)

        async def in_this_thread(step: Any) -> None:
            await sync_to_async(step)()

        monkeypatch.setattr(leases, "run_shielded", in_this_thread)

        async def cancelled() -> None:
            task = asyncio.create_task(trials.write(trial.pk, model))
            await model.paused.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        async_to_sync(cancelled)()
        trial.refresh_from_db()
        assert trial.state == "failed" and "interrupted" in trial.error

    def test_it_goes_with_its_ticket(self, searched: list[str]) -> None:
        ticket = answered()
        run(trial_of(ticket), Reader())
        ticket.delete()
        assert TrialCase.objects.count() == 0

    def test_a_job_runs_it(
        self, monkeypatch: pytest.MonkeyPatch, searched: list[str], on_commit: Callable[..., Any]
    ) -> None:
        put: list[tuple[Any, ...]] = []
        monkeypatch.setattr(jobs, "_put", lambda *job: put.append(job))
        monkeypatch.setattr(llm, "HttpModel", Reader)
        monkeypatch.setattr(trials, "run", trials.write)  # which would close this test's connection
        with on_commit():
            trial = trial_of(answered())
        ((function, ids, lane, _after),) = put
        assert (function, ids, lane) == (trials.JOB, (trial.pk,), "slow")
        assert import_string(function)(*ids) == "ready"


class TestTheMessages:
    def test_the_latest_answered_ones_are_offered(self) -> None:
        old, new, undone = answered(days=3), answered(days=1), answered(state="undone")
        cast.new_ticket(subject="Not answered yet")
        assert [each.ticket for each in past_messages.offered(cast.rosa())] == [new, old]
        assert undone not in [each.ticket for each in past_messages.offered(cast.rosa())]

    def test_others_are_found_by_the_number_of_their_ticket(self) -> None:
        one, two = cast.new_ticket(), cast.new_ticket(subject="Another")
        found, missing = past_messages.of_tickets(cast.rosa(), f"{one.pk}, #{two.pk};{one.pk} 999999 ² {10**30}")
        assert [each.ticket for each in found] == [one, two]
        assert missing == ["999999", "²", str(10**30)]


class TestThePage:
    def choose(self, client: Client, **chosen: Any) -> Any:
        return client.post(reverse("copilot:text_try", args=["point-1", 1]), chosen)

    def test_messages_are_chosen_and_the_trial_waits_for_the_job(self, rosa_at: Client) -> None:
        saved("point-1")
        one, two = answered(days=1), cast.new_ticket(subject="By number")
        assert "Two charges 1" in words(rosa_at.get(reverse("copilot:text_try", args=["point-1", 1])))
        answer = self.choose(rosa_at, message=[first(one).pk], tickets=f"#{two.pk}")
        said = words(rosa_at.get(answer.headers["Location"]))
        assert "Waiting 0 of 2 messages" in said and "By number" in said and "Stop" in said

    @pytest.mark.parametrize(
        ("chosen", "said"),
        [({}, "at least one"), ({"tickets": "1234567"}, "1234567"), ({"message": ["²", "x"]}, "at least one")],
    )
    def test_a_choice_that_is_none_is_explained_and_kept(
        self, rosa_at: Client, chosen: dict[str, Any], said: str
    ) -> None:
        saved("point-1")
        answer = self.choose(rosa_at, **chosen)
        assert answer.status_code == 422 and said in words(answer)
        assert f'value="{chosen.get("tickets", "")}"' in answer.content.decode()

    def test_six_messages_are_too_many(self, rosa_at: Client) -> None:
        saved("point-1")
        numbers = ",".join(str(cast.new_ticket().pk) for _ in range(6))
        assert "At most 5" in words(self.choose(rosa_at, tickets=numbers))

    def test_it_shows_both_what_differs_and_the_probabilities(self, rosa_at: Client, searched: list[str]) -> None:
        trial = run(trial_of(answered()), Reader())
        answer = rosa_at.get(reverse("copilot:text_trial", args=[trial.pk]))
        said = words(answer)
        assert "1 of 1 replies differs." in said and "Probability 1.00, minimum score" in said
        assert "In use: shipped version" in said and "Tried: version 1" in said and "every 2s" not in answer.text
        assert "<del>" in answer.text and "<ins>" in answer.text
        version = rosa_at.get(reverse("copilot:text_version", args=["point-1", 1]))
        assert reverse("copilot:text_trial", args=[trial.pk]) in version.text

    def test_while_it_runs_only_the_part_is_fetched_and_it_can_be_stopped(self, rosa_at: Client) -> None:
        trial = trial_of(answered())
        here, headers = reverse("copilot:text_trial", args=[trial.pk]), {"HX-Request": "true"}
        part = rosa_at.get(here, headers=headers)
        assert "every 2s" in part.text and "<html" not in part.text
        seen = re.search(r"seen=([\w-]+)", part.text)
        assert seen is not None
        same = rosa_at.get(
            reverse("copilot:text_trial", args=[trial.pk]), {"seen": seen[1]}, headers={"HX-Request": "1"}
        )
        assert same.status_code == 204, "what is open on the page stays open"
        answer = rosa_at.post(reverse("copilot:text_trial_stop", args=[trial.pk]))
        assert "Stopped" in words(rosa_at.get(answer.headers["Location"]))

    def test_without_the_model_the_page_says_so_before(self, rosa_at: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        saved("point-1")
        monkeypatch.setattr(llm, "health", lambda timeout: Health("down", "The model is not running."))
        assert "The trial would fail" in words(rosa_at.get(reverse("copilot:text_try", args=["point-1", 1])))

    @pytest.mark.parametrize("name", ["voice", "article-1"])
    def test_what_makes_no_reply_cannot_be_tried(self, rosa_at: Client, name: str) -> None:
        saved(name, changed("voice", lambda w: w["en"].update(opening="Hello!")) if name == "voice" else None)
        assert rosa_at.get(reverse("copilot:text_try", args=[name, 1])).status_code == 404
        assert "Try on past tickets" not in words(rosa_at.get(reverse("copilot:text_version", args=[name, 1])))
