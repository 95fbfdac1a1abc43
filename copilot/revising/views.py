"""The URL that revises the text of the composer. Only what was asked is stored; the text belongs to the browser."""

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from copilot import llm
from copilot.grounding.verdicts import Support
from copilot.llm import ModelError
from copilot.models import RevisedText
from copilot.revising import asking, notes, revising
from copilot.revising.asking import Refused
from copilot.revising.parts import Doc
from copilot.revising.revising import Asked, Step
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Message

log = logging.getLogger(__name__)


@agent_required
@require_http_methods(["GET", "POST"])
def revise(request: AgentRequest, ticket_id: int) -> HttpResponse | StreamingHttpResponse:
    """GET: what can be done now. POST: do it; the answer has one line of JSON for each step."""
    ticket = get_ticket(request.user, ticket_id)
    if request.method == "GET":
        health = llm.health(timeout=0.8)
        theirs = asking.language_of(ticket, ticket.messages.filter(kind=Message.Kind.CUSTOMER).last())
        languages = list(dict.fromkeys([theirs, (get_language() or "en").split("-")[0]]))
        why = "" if health.ready else health.text
        return JsonResponse({"model": health.ready, "why": why, "languages": languages})
    try:
        asked = asking.asked(ticket, request.user, asking.wanted(request.POST), llm.HttpModel())
    except Refused as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    lines = _lines(asked, get_language() or "en")
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers={"X-Accel-Buffering": "no"})


async def _lines(asked: Asked, language: str) -> AsyncGenerator[str]:
    """Closing it, as when the browser goes away, stops the model."""
    try:
        async with aclosing(revising.revised(asked)) as steps:
            async for step in steps:
                if step.now is None:  # stored first: a page that has the text may be left at once
                    await sync_to_async(_keep)(asked, step)
                yield _line(_as_json(step, asked, language))
    except ModelError as error:
        log.warning("revising failed: row=%s code=%s", asked.order.row and asked.order.row.pk, error.code)
        with override(language):
            yield _line({"error": _("%(why)s The text is as it was.") % {"why": gettext(error.message)}})


def _keep(asked: Asked, last: Step) -> None:
    if asked.order.row is not None:
        after = asked.order.masker.mask(last.doc.text)
        RevisedText.objects.filter(pk=asked.order.row.pk).update(after=after)


def _line(said: dict[str, Any]) -> str:
    return json.dumps(said) + "\n"


def _as_json(step: Step, asked: Asked, language: str) -> dict[str, Any]:
    doc = step.doc
    said: dict[str, Any] = {**_of_doc(doc), "now": step.place, "number": step.number, "of": step.of}
    if step.now is not None:
        return said
    with override(language):
        sentences = [
            {"start": start, "end": end, "support": verdict.support, "reason": notes.reason(verdict)}
            for start, end, verdict in step.checked
        ]
        note = notes.note(asked.action, doc.text != asked.doc.text, step.kept)
    supported = sum(each["support"] == Support.SUPPORTED for each in sentences)
    return said | {"done": True, "sentences": sentences, "supported": supported, "note": note}


def _of_doc(doc: Doc) -> dict[str, Any]:
    return {"text": doc.text, "marks": [(mark.at, mark.number, mark.draft) for mark in doc.marks]}
