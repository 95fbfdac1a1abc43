"""What a ticket's messages say in a few lines: in the context pane, and as it is written."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, override
from django.views.decorators.http import require_GET, require_POST

from copilot.llm import Priority
from copilot.summaries import streaming
from copilot.summaries.quoted import Line
from copilot.summaries.streaming import NotMade
from copilot.summary_pages.panel import panel
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Ticket


@agent_required
@require_GET
def summary(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """What is known at once. The page has the rest written, if nobody leaves it meanwhile."""
    return render(request, "copilot/_summary.html", panel(get_ticket(request.user, ticket_id)))


@agent_required
@require_POST
def summary_stream(request: AgentRequest, ticket_id: int) -> StreamingHttpResponse:
    """A line of JSON for each line of the summary, and a last one when it is done. `urgent`: a person waits for it."""
    ticket = get_ticket(request.user, ticket_id)
    priority: Priority = "interactive" if request.POST.get("urgent") else "background"
    lines = _lines(ticket, priority, get_language() or "en")
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers={"X-Accel-Buffering": "no"})


async def _lines(ticket: Ticket, priority: Priority, language: str) -> AsyncGenerator[str]:
    """Closing it, as when the browser goes away, stops the model. Without a model the page keeps its quotes."""
    why = ""
    try:
        async with aclosing(streaming.lines(ticket, priority)) as lines:
            async for line in lines:
                yield json.dumps(_as_json(line)) + "\n"
    except NotMade as failed:
        why = failed.why
    with override(language):
        yield json.dumps({"done": True, "why": gettext(why) if why else ""}) + "\n"


def _as_json(line: Line) -> dict[str, Any]:
    return {"about": line.about, "text": line.text, "messages": line.messages, "written": line.written}
