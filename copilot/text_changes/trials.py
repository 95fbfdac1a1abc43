"""Tries a version on past messages: both prompts make a reply from today's articles, by the code that drafts use.

Runs as a job, holds its row by a lease, and saves message by message. Its model calls are not the desk's data, so they
are not recorded. The model reads masked text only.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from config.jobs import SLOW, queue
from copilot import leases, prompts
from copilot.drafting import answering, min_score
from copilot.drafting.answering import Asked, Reply
from copilot.leases import LeaseLost
from copilot.llm import Model, ModelError
from copilot.models import TextTrial, TextVersion, TrialCase
from copilot.preparation import pipeline
from copilot.prompts import Prompt
from copilot.redaction.values import masker_of
from tickets.models import Message, User

log = logging.getLogger(__name__)

MOST = 5  # messages
SHOWN = 10  # trials of a version
JOB = "copilot.tasks.try_text"
INTERRUPTED = gettext_noop("The trial was interrupted. Start it again.")
UNUSABLE = gettext_noop("This version cannot be tried: its texts do not pass the checks.")
State = TextTrial.State


def request(version: TextVersion, beside: TextVersion | None, messages: Sequence[Message], by: User) -> TextTrial:
    """The version's active trial, or a new one. `beside`: what is in use; None for the file."""
    end_abandoned()
    try:
        with transaction.atomic():
            trial = TextTrial.objects.create(name=version.name, version=version, beside=beside, requested_by=by)
            TrialCase.objects.bulk_create(
                TrialCase(trial=trial, message=message, number=number)
                for number, message in enumerate(messages[:MOST], start=1)
            )
            queue(JOB, trial.pk, lane=SLOW)
    except IntegrityError:
        active = TextTrial.objects.filter(version=version, state__in=TextTrial.ACTIVE).first()
        return active or request(version, beside, messages, by)  # it ended between our insert and our query
    return trial


def latest(trial_id: int) -> TextTrial | None:
    """An abandoned one is shown as failed; `end_abandoned` stores that later."""
    trial = TextTrial.objects.filter(pk=trial_id).select_related("version", "beside", "requested_by").first()
    if trial is not None and trial.abandoned:
        trial.state, trial.error = State.FAILED, INTERRUPTED
    return trial


def of_version(version: TextVersion) -> list[TextTrial]:
    return list(TextTrial.objects.filter(version=version).select_related("requested_by")[:SHOWN])


def end_abandoned() -> None:
    for trial in TextTrial.objects.filter(leases.abandoned(timezone.now())):
        leases.take_over(trial, state=State.FAILED, finished_at=timezone.now(), error=INTERRUPTED)


def stop(trial: TextTrial) -> bool:
    """What it has found so far stays."""
    return leases.stop(trial, State.STOPPED)


async def run(trial_id: int, model: Model) -> None:
    async with ThreadSensitiveContext():
        try:
            await write(trial_id, model)
        finally:
            await sync_to_async(connections.close_all)()


async def write(trial_id: int, model: Model) -> None:
    """Run one queued trial to its end; a second call finds nothing to claim."""
    trial = await leases.claimed(lambda: _claim(trial_id), _interrupt)
    if trial is None:
        return
    try:
        now, tried = await sync_to_async(_prompts)(trial)
        if tried is None:
            await sync_to_async(leases.end)(trial, State.FAILED, error=UNUSABLE)
            return
        async with leases.holding(trial):
            for case in await sync_to_async(_cases)(trial):
                await _try(trial, case, now, tried, model)
        await sync_to_async(leases.end)(trial, State.READY)
    except LeaseLost:
        log.info("trial stopped: trial=%s", trial.pk)
    except ModelError as error:
        log.warning("trial failed: trial=%s code=%s", trial.pk, error.code)
        await sync_to_async(leases.end)(trial, State.FAILED, error=error.message[:300])
    except asyncio.CancelledError:
        await leases.run_shielded(lambda: _interrupt(trial))
        raise


def _interrupt(trial: TextTrial) -> None:
    leases.end(trial, State.FAILED, error=INTERRUPTED)


def _claim(trial_id: int) -> TextTrial | None:
    if not leases.claim(TextTrial.objects.all(), trial_id, error=""):
        return None
    return TextTrial.objects.select_related("version", "beside").get(pk=trial_id)


def _prompts(trial: TextTrial) -> tuple[Prompt, Prompt | None]:
    now = prompts.usable(trial.beside) if trial.beside else None
    return now or prompts.shipped(trial.name), prompts.usable(trial.version)


def _cases(trial: TextTrial) -> list[TrialCase]:
    return list(trial.cases.select_related("message__ticket__customer"))


async def _try(trial: TextTrial, case: TrialCase, now: Prompt, tried: Prompt, model: Model) -> None:
    """Both replies; each is saved as soon as it is there."""
    asked = await sync_to_async(_asked)(case.message)
    case.question = asked.message
    for side, prompt in (("now", now), ("tried", tried)):
        began = time.monotonic()
        with prompts.using(prompt):
            asked = await sync_to_async(_judged)(asked)
            reply = await _reply(asked, model)
        case.replies[side] = _of_reply(reply, asked, round((time.monotonic() - began) * 1000))
        await sync_to_async(_save)(trial, case)


def _asked(message: Message) -> Asked:
    """As for a draft (drafting/writing.py), with the articles of today."""
    prepared = pipeline.prepare(message)
    question = prepared.question(masker_of(message.ticket))
    return Asked(question.text, question.language, prepared.evidence, known=frozenset(question.masker.values))


def _judged(asked: Asked) -> Asked:
    """From which probability on units count as an answer depends on the prompt."""
    return replace(asked, least=min_score.of_writer().value, calibration=min_score.calibration())


async def _reply(asked: Asked, model: Model) -> Reply:
    reply = answering.in_own_words(asked, [None for _ in asked.questions])
    if asked.evidence.units:
        async with aclosing(answering.replies(asked, model, "background")) as replies:
            async for better in replies:
                reply = better
    return reply


def _of_reply(reply: Reply, asked: Asked, ms: int) -> dict[str, Any]:
    units = asked.evidence.units
    return {
        "text": reply.text,
        "probability": round(reply.probability, 4),
        "least": asked.least,
        "ms": ms,
        "questions": [
            {"text": each.text, "numbers": each.numbers, "probability": round(each.probability, 4)}
            for each in reply.questions
        ],
        "sentences": [
            {
                "number": each.number,
                "text": reply.text[each.start : each.end],
                "support": each.verdict.support,
                "title": units[each.number - 1].passage.title,
            }
            for each in reply.sentences
        ],
    }


def _save(trial: TextTrial, case: TrialCase) -> None:
    leases.renew(trial)
    TrialCase.objects.filter(pk=case.pk).update(question=case.question, replies=case.replies)
