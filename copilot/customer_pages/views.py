"""A customer's history beside a ticket: sentences made of records, and what was asked on the other tickets."""

from dataclasses import asdict

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from copilot.customers import earlier, telling
from copilot.customers.facts import facts
from copilot.customers.mood import mood
from copilot.customers.sentences import mood_sentence, sentences
from copilot.summaries.responding import streamed
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
    return streamed(telling.lines(shown), asdict)
