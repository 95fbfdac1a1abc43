"""A customer's history beside a ticket: sentences made of records, and what was asked on the other tickets."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.views.decorators.http import require_GET, require_POST

from copilot.customers import earlier, telling
from copilot.customers.earlier import Earlier
from copilot.customers.facts import facts
from copilot.customers.mood import mood
from copilot.customers.sentences import mood_sentence, sentences
from copilot.summaries.streaming import NotMade
from tickets.access import AgentRequest, agent_required, get_ticket


@agent_required
@require_GET
def history(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """Asks no model. `missing`: there are tickets of which nothing is kept, but could be."""
    ticket, now = get_ticket(request.user, ticket_id), timezone.now()
    found, shown = facts(ticket, request.user, now), earlier.shown(ticket, request.user)
    how = mood(found.tones)
    page = {
        "ticket": ticket,
        "sentences": sentences(found, now),
        "mood": mood_sentence(how),
        "estimated": how is not None and how.estimated,
        "others": found.others,
        "shown": shown,
        "missing": any(each.missing for each in shown),
    }
    return render(request, "copilot/_history.html", page)


@agent_required
@require_POST
def history_stream(request: AgentRequest, ticket_id: int) -> StreamingHttpResponse:
    """A line of JSON for each line, {ticket, text, written}; a later one of the same ticket replaces it. A last line
    when it is done, with the reason if no model could write."""
    shown = earlier.shown(get_ticket(request.user, ticket_id), request.user)
    lines = _lines(shown, get_language() or "en")
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers={"X-Accel-Buffering": "no"})


async def _lines(shown: Sequence[Earlier], language: str) -> AsyncGenerator[str]:
    why = ""
    try:
        async with aclosing(telling.lines(shown)) as lines:
            async for line in lines:
                yield json.dumps(asdict(line)) + "\n"
    except NotMade as failed:
        why = failed.why
    with override(language):
        yield json.dumps({"done": True, "why": gettext(why) if why else ""}) + "\n"
