"""What a draft says in the sources' own words is kept whatever becomes of its writer, with all that belongs to it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from copilot.drafting import answering, states, writing
from copilot.drafting.composing import Sentence
from copilot.grounding.verdicts import Support, Verdict
from copilot.llm import ModelError
from copilot.models import Draft, DraftRecord
from knowledge.models import Article
from tests.copilot.conftest import ANSWER, CHARGES, withdraw
from tests.fakes import FakeModel
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
AWAY = ModelError("unavailable", "The model is not running.", retryable=True)
State = Draft.State


@pytest.fixture(autouse=True)
def likely(settings: object, searched: list[str]) -> None:
    settings.DRAFT_MIN_SCORE = 0.1  # type: ignore[attr-defined]


@pytest.fixture
def waits(ticket: Ticket) -> Draft:
    """It was offered what the sources say, and waits for the model."""
    draft = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)[0]
    writing.offer(draft.message)
    draft.refresh_from_db()
    assert draft.text == ANSWER
    return draft


def claimed(draft: Draft) -> Draft:
    found = states.claim(draft.pk)
    assert found is not None
    return found


def begun(draft: Draft) -> writing.Progress:
    """It is being written, and the sources' own words are there."""
    progress = writing.prepare(claimed(draft))
    progress.take(answering.in_own_words(progress.asked, [None]))
    states.save_partial(progress)
    return progress


def dies(draft: Draft) -> None:
    Draft.objects.update(lease_until=timezone.now() - timedelta(hours=1))
    draft.refresh_from_db()
    assert states.recover(draft) == "queued"


def is_stopped_and_restarted(draft: Draft) -> None:
    states.stop(draft)
    assert states.restart(draft.ticket_id, timezone.now() - timedelta(hours=1))


def fails_and_is_tried_again(draft: Draft) -> None:
    states.give_up(draft, AWAY, None)
    assert states.try_again(draft)


ENDS: dict[str, Callable[[Draft], None]] = {
    "its writer dies": dies,
    "its writer is stopped with the process": states.requeue,
    "stopped and restarted": is_stopped_and_restarted,
    "the model fails": fails_and_is_tried_again,
}


def is_consistent(draft: Draft, text: str = ANSWER) -> bool:
    """Text, citations and record are about the same."""
    draft.refresh_from_db()
    record = DraftRecord.objects.get(draft=draft)
    cited = set(draft.citations.filter(cited=True).values_list("number", flat=True))
    said = [draft.text[each["start"] : each["end"]] for each in record.sentences]
    return (
        (draft.state, draft.text, record.own_words) == (State.QUEUED, text, text)
        and cited == {int(number) for number in re.findall(r"\[(\d)\]", text)}
        and [bool(re.search(r"\[\d\]", each)) for each in said] == [True] * len(cited)
    )


@pytest.mark.parametrize("how", ENDS)
class TestWhenWritingEnds:
    def test_before_anything_new_was_said(self, how: str, waits: Draft) -> None:
        ENDS[how](claimed(waits))
        assert is_consistent(waits)

    def test_after_it_was_said_again(self, how: str, waits: Draft) -> None:
        ENDS[how](begun(waits).draft)
        assert is_consistent(waits)

    def test_after_the_model_has_pointed(self, how: str, waits: Draft) -> None:
        progress = begun(waits)
        progress.take(replace(one_unit(progress), pointed=True))
        states.save_partial(progress)
        ENDS[how](progress.draft)
        assert is_consistent(waits, f"Hi <NAME>,\n\n{CHARGES[1][:-1]} [2].")

    def test_but_nothing_of_what_is_withdrawn_meanwhile(self, how: str, waits: Draft) -> None:
        draft = begun(waits).draft
        withdraw(Article.objects.earliest("pk"), "archive")
        ENDS[how](draft)
        assert is_consistent(waits, "")


def one_unit(progress: writing.Progress) -> answering.Reply:
    both = answering.in_own_words(progress.asked, [None])
    question = replace(both.questions[0], numbers=(2,))
    return answering._reply(progress.asked, (question,), [answering._own_words(progress.asked, 2)])


def half_a_translation(progress: writing.Progress) -> answering.Reply:
    text = "Hallo <NAME>,\n\nSie wird nie"
    sentence = Sentence(15, len(text), 2, Verdict(Support.WEAK, 1, "not_checked"))
    own = one_unit(progress)
    return answering.Reply(own.questions, text, (sentence,), DraftRecord.Form.WRITTEN, pointed=True)


@pytest.mark.parametrize("how", [each for each in ENDS if "restarted" not in each])
def test_of_half_a_translation_the_units_themselves_are_left(how: str, waits: Draft) -> None:
    progress = begun(waits)
    progress.take(half_a_translation(progress))
    states.save_partial(progress)
    ENDS[how](progress.draft)
    assert is_consistent(waits)


def test_of_half_a_translation_that_was_stopped_nothing_is_left_when_it_starts_anew(waits: Draft) -> None:
    progress = begun(waits)
    progress.take(half_a_translation(progress))
    states.save_partial(progress)
    states.stop(progress.draft)
    writing.record_stopped(progress)
    assert states.restart(waits.ticket_id, timezone.now() - timedelta(hours=1))
    assert is_consistent(waits, "")


def test_two_writers_at_once_are_one_and_a_late_one_changes_nothing(waits: Draft) -> None:
    late = begun(waits)
    dies(late.draft)
    assert states.claim(waits.pk) is not None and states.claim(waits.pk) is None
    for step in (
        lambda: states.give_up(late.draft, AWAY, late),
        lambda: states.requeue(late.draft),
        lambda: states.recover(late.draft),
    ):
        step()
    waits.refresh_from_db()
    assert (waits.state, waits.attempts, waits.failures, waits.text) == (State.WRITING, 2, 1, ANSWER)


def test_a_draft_that_is_ready_keeps_it_only_once(waits: Draft) -> None:
    async_to_sync(writing.write)(waits.pk, FakeModel(), "background")
    waits.refresh_from_db()
    assert (waits.state, waits.text, waits.record.own_words) == (State.READY, ANSWER, "")
