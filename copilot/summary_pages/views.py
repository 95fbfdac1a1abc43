"""What a ticket's messages say in a few lines: in the context pane, and as it is written."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from copilot.llm import Priority
from copilot.summaries import streaming
from copilot.summaries.quoted import Line
from copilot.summaries.responding import streamed
from copilot.summary_pages.panel import panel
from tickets.access import AgentRequest, agent_required, get_ticket


@agent_required
@require_GET
def summary(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """What is known at once. The page has the rest written, if nobody leaves it meanwhile."""
    return render(request, "copilot/_summary.html", panel(get_ticket(request.user, ticket_id)))


@agent_required
@require_POST
def summary_stream(request: AgentRequest, ticket_id: int) -> StreamingHttpResponse:
    """A line of JSON for each line of the summary, and a last one when it is done.

    Without a model the page keeps its quotes. `urgent`: a person waits for it.
    """
    ticket = get_ticket(request.user, ticket_id)
    priority: Priority = "interactive" if request.POST.get("urgent") else "background"
    return streamed(streaming.lines(ticket, priority), _as_json)


def _as_json(line: Line) -> dict[str, Any]:
    return {"about": line.about, "text": line.text, "messages": line.messages, "written": line.written}
