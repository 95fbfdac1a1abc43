"""The URLs of drafts. Each loads its object through an access helper, acts, and answers with the snapshot."""

import asyncio
import contextvars

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from copilot import llm, review
from copilot.access import get_draft
from copilot.confidence import judging
from copilot.drafting import excerpt as excerpts
from copilot.drafting import notices, states
from copilot.drafting import writing as drafting
from copilot.drafting.snapshot import snapshot, withdrawn
from copilot.drafting.sources import by_article
from copilot.models import Draft, DraftRecord
from copilot.preparation import hits as found_hits
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Message

# asyncio keeps only weak references to tasks; a draft must outlive the request that asked for it.
WRITING: set[asyncio.Task[None]] = set()


@agent_required
def draft(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    if request.method == "POST":
        return write(request, ticket_id)
    return JsonResponse(snapshot(ticket))


def write(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """Ask for a new draft of the latest customer message and have it written in this process."""
    ticket = get_ticket(request.user, ticket_id)
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    if message is None:
        return JsonResponse({"error": _("This ticket has no message from the customer to answer.")}, status=422)
    if why := notices.by_rule(message):
        return JsonResponse({"error": why}, status=422)
    asked, created = states.request_draft(ticket, message, Draft.Origin.REQUEST, request.user)
    if not created and asked.state_now != asked.state:
        states.recover(asked)  # its writer died
    if not created:
        states.mark_requested(asked, request.user)
    if created or asked.state_now == Draft.State.QUEUED:
        start_writing(asked.pk)
    return JsonResponse(snapshot(ticket), status=202 if created else 409)


def start_writing(draft_id: int) -> None:
    """Run the writer on the server's own event loop, interactive before background."""
    from asgiref.sync import async_to_sync

    async def start() -> None:
        # A fresh context: the request's would tie the task to the request's thread, which ends with it.
        writing = drafting.run(draft_id, llm.HttpModel(), "interactive")
        task = asyncio.get_running_loop().create_task(writing, context=contextvars.Context())
        WRITING.add(task)
        task.add_done_callback(WRITING.discard)

    async_to_sync(start)()


@agent_required
@require_POST
def stop(request: AgentRequest, draft_id: int) -> HttpResponse:
    found = get_draft(request.user, draft_id)
    states.stop(found, request.user)
    return JsonResponse(snapshot(found.ticket))


@agent_required
@require_POST
def shown(request: AgentRequest, draft_id: int) -> HttpResponse:
    review.mark_shown(get_draft(request.user, draft_id))
    return HttpResponse(status=204)


@agent_required
@require_POST
def first_key(request: AgentRequest, draft_id: int) -> HttpResponse:
    review.mark_first_key(get_draft(request.user, draft_id))
    return HttpResponse(status=204)


@agent_required
@require_POST
def reject(request: AgentRequest, draft_id: int) -> HttpResponse:
    found = get_draft(request.user, draft_id)
    reason = request.POST.get("reason", "")
    if reason not in Draft.Reason.values:
        return JsonResponse({"error": _("Choose a reason.")}, status=422)
    if not review.reject(found, reason, request.user):
        return JsonResponse(snapshot(found.ticket) | {"error": _("This draft has already been reviewed.")}, status=409)
    return JsonResponse(snapshot(found.ticket))


@agent_required
@require_GET
def excerpt(request: AgentRequest, draft_id: int, number: int) -> HttpResponse:
    """The excerpt that a citation opens."""
    found = get_draft(request.user, draft_id)
    citation = get_object_or_404(found.citations.select_related("article", "revision", "chunk"), number=number)
    context = {"draft": found, "citation": citation, "lines": excerpts.excerpt(citation)}
    return render(request, "copilot/_excerpt.html", context)


@agent_required
@require_GET
def sources(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The sources of the latest draft, or why there are none."""
    ticket = get_ticket(request.user, ticket_id)
    latest = ticket.drafts.visible().prefetch_related("citations__article").first()
    record = DraftRecord.objects.filter(draft=latest).first() if latest else None
    context = {
        "ticket": ticket,
        "draft": latest,
        "record": record,
        "sent_before": any(each.sent_at for each in latest.citations.all()) if latest else False,
        "reused": Draft.objects.filter(pk=record.reused_from).first() if record and record.reused_from else None,
        "sources": by_article(latest.citations.all(), withdrawn(latest)) if latest else [],
        "confidence": judging.shown(latest, record) if latest else None,
        "error": notices.error_text(latest) if latest else "",
    }
    return render(request, "copilot/_sources.html", context)


@agent_required
@require_GET
def hits(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """What the knowledge base has for this ticket, whether or not there is a draft."""
    ticket = get_ticket(request.user, ticket_id)
    return render(request, "copilot/_hits.html", {"ticket": ticket, "hits": found_hits.hits_for(ticket)})


@agent_required
@require_GET
def status(request: HttpRequest) -> HttpResponse:
    """The status line in the header: whether the model is ready, and the median time to the first word."""
    answered = DraftRecord.objects.filter(first_token_ms__isnull=False)
    recent = answered.order_by("-id").values_list("first_token_ms", flat=True)
    times = sorted(milliseconds for milliseconds in recent[:20] if milliseconds is not None)
    median = times[len(times) // 2] / 1000 if times else None
    return render(request, "copilot/_status.html", {"health": llm.health(timeout=0.8), "first_word": median})
