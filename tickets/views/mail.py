"""The mail log: incoming, ignored, quarantined and outgoing mail, and what members decide about it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from config.numbers import whole
from tickets import delivery, overdue
from tickets.access import AgentRequest, agent_required
from tickets.mail import automatic, intake, store, writing
from tickets.models import InboundMail, OutgoingMail, Recipient
from tickets.models.stored_texts import beginnings

PAGE = 50
TABS = {
    "in": gettext_lazy("Incoming"),
    "ignored": gettext_lazy("Ignored"),
    "quarantine": gettext_lazy("Quarantine"),
    "out": gettext_lazy("Outgoing"),
}
COUNTED_DAYS = 30  # of the numbers at the tabs and in the filter


@require_GET
@agent_required
def mail(request: AgentRequest) -> HttpResponse:
    """One page of a tab, newest first. `before`: only rows with a smaller id."""
    tab = chosen if (chosen := request.GET.get("tab", "")) in TABS else "in"
    query, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    rows = _outgoing(query, state) if tab == "out" else _incoming(tab, query, state)
    before = whole(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows.order_by("-pk")[: PAGE + 1])
    if tab == "out":
        overdue.explain(page)  # type: ignore[arg-type]
    older = urlencode({"tab": tab, "q": query, "state": state, "before": page[PAGE - 1].pk}) if len(page) > PAGE else ""
    context = {
        "tab": tab,
        "tabs": TABS,
        "filter": query,  # "query" is what the search in the header holds
        "state": state,
        "counts": (counts := _counts()),
        "states": _states(tab, counts),
        "rows": page[:PAGE],
        "without_sender": {row.pk for row in page if isinstance(row, InboundMail) and not _has_sender(row)},
        "older": older,
        "days": COUNTED_DAYS,
        "waiting": InboundMail.objects.filter(action="quarantined", resolved_at__isnull=True).count(),
        "stuck": OutgoingMail.objects.filter(state__in=["uncertain", "failed"]).count(),
    }
    return render(request, "tickets/mail_log.html", context)


def _has_sender(row: InboundMail) -> bool:
    """Whether the mail names somebody whom we can answer. Our own address is nobody."""
    return bool(row.from_email) and not automatic.is_own(row.from_email, settings.SUPPORT_ADDRESS)


def _counts() -> dict[str, int]:
    """How many mails of the last COUNTED_DAYS were created, threaded, ignored and quarantined."""
    since = timezone.now() - timedelta(days=COUNTED_DAYS)
    found = InboundMail.objects.filter(action__in=InboundMail.Action.values, received_at__gte=since)
    return dict(found.order_by().values_list("action").annotate(Count("pk")))


def _states(tab: str, counts: dict[str, int]) -> list[tuple[str, str]]:
    """The choices of the filter; for incoming mail with their counts."""
    if tab == "out":
        return [(str(value), str(label)) for value, label in OutgoingMail.State.choices]
    if tab == "in":
        return [(str(value), f"{label} ({counts.get(value, 0)})") for value, label in InboundMail.Action.choices]
    return []


def _incoming(tab: str, query: str, state: str) -> QuerySet[InboundMail]:
    rows = InboundMail.objects.select_related("ticket")
    if tab == "quarantine":
        rows = rows.filter(action=InboundMail.Action.QUARANTINED, resolved_at__isnull=True)
    elif tab == "ignored":
        rows = rows.filter(action=InboundMail.Action.IGNORED)
    elif state in InboundMail.Action.values:
        rows = rows.filter(action=state)
    if query:
        found = Q(from_email__icontains=query) | Q(subject__icontains=query)
        rows = rows.filter(found | _stored_text("reason", query))
    return rows


def _outgoing(query: str, state: str) -> QuerySet[OutgoingMail]:
    rows = OutgoingMail.objects.select_related("message__ticket", "message__author")
    rows = rows.prefetch_related("message__recipients")
    if state in OutgoingMail.State.values:
        rows = rows.filter(state=state)
    if query:
        found = Q(message__in=_sent_to(query)) | Q(subject__icontains=query)
        rows = rows.filter(found | _stored_text("error", query))
    return rows


def _sent_to(query: str) -> QuerySet[Recipient, Any]:
    found = Q(email__icontains=query) | Q(name__icontains=query)
    return Recipient.objects.filter(found, message__outgoing__isnull=False).values_list("message", flat=True)


def _stored_text(field: str, query: str) -> Q:
    """Rows whose stored English text contains `query`, as it is stored or as the page shows it."""
    found = Q(**{f"{field}__icontains": query})
    for beginning in beginnings(query):
        found |= Q(**{f"{field}__startswith": beginning})
    return found


@require_GET
@agent_required
def raw(request: AgentRequest, inbound_id: int) -> HttpResponse:
    """The mail as it arrived, as a text file, so that no browser renders it."""
    row = get_object_or_404(InboundMail, pk=inbound_id)
    content = store.read_incoming(row.raw_path)
    if content is None:
        raise Http404("The raw mail is not in the storage any more.")
    response = HttpResponse(content, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="mail-{row.pk}.eml.txt"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@agent_required
def quarantine_resolve(request: AgentRequest, inbound_id: int) -> HttpResponse:
    """`decision`: `ticket` (with an address where the mail has none) or `discard`."""
    row = get_object_or_404(InboundMail, pk=inbound_id)
    if request.POST.get("decision") == "ticket":
        try:
            receipt = intake.make_ticket(row, request.user, request.POST.get("email", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return _back(request, "ignored" if row.action == InboundMail.Action.IGNORED else "quarantine")
        return redirect("tickets:ticket", ticket_id=receipt.ticket_id)
    if intake.discard(row):
        messages.success(request, _("Discarded. The raw mail is kept."))
    else:
        messages.error(request, _("Another member has already decided about this mail."))
    return _back(request, "quarantine")


@require_GET
@agent_required
def outgoing(request: AgentRequest, outgoing_id: int) -> HttpResponse:
    """The headers and the text that are sent."""
    rows = OutgoingMail.objects.select_related("message__ticket__customer", "message__author")
    row = get_object_or_404(rows, pk=outgoing_id)
    built = writing.without_files(row)
    fields = (("To", built.to), ("Cc", built.cc), ("Bcc", built.bcc))
    headers: list[tuple[str, object]] = [
        ("From", built.from_email),
        *((name, ", ".join(field)) for name, field in fields if field),
        ("Reply-To", ", ".join(built.reply_to)),
    ]
    headers += [
        ("Subject", built.subject),
        *((name, value) for name, value in built.extra_headers.items() if name != "Date"),
    ]
    waiting = row.message.recipients.exclude(refused="").filter(accepted=False)
    page = {"row": row, "headers": headers, "body": built.body, "waiting": waiting}
    return render(request, "tickets/mail_outgoing.html", page)


@require_POST
@agent_required
def outgoing_resolve(request: AgentRequest, outgoing_id: int) -> HttpResponse:
    """`decision`: `arrived` or `again`. Only a member sends an uncertain reply a second time."""
    row = get_object_or_404(OutgoingMail.objects.select_related("message__ticket"), pk=outgoing_id)
    decision = request.POST.get("decision", "")
    if decision not in {"arrived", "again"}:
        messages.error(request, _("Choose whether the reply arrived or should be sent again."))
    elif delivery.resolve(row, decision, request.user):
        messages.success(request, _("Marked as sent.") if decision == "arrived" else _("The reply will be sent again."))
    else:
        messages.error(request, _("Another member has already decided about this reply."))
    return _back(request, "out")


def _back(request: HttpRequest, tab: str) -> HttpResponse:
    target = request.POST.get("next", "")
    # Only a path: redirect() would take anything else for the name of a view.
    if target.startswith("/") and url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return HttpResponseRedirect(target)
    return redirect(f"{reverse('tickets:mail')}?tab={tab}")
