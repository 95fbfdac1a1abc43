"""The queue of the desk: its rows, the panel of filters, the numbers beside the views, and what rows show."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from config.numbers import whole
from tickets import saved_views
from tickets.access import AgentRequest, agent_required, visible_tickets
from tickets.models import User
from tickets.queue import counting, filters, paging, rows, views
from tickets.queue.fields import NOT, Asked, Choice, Kind
from tickets.queue.orders import ORDERS
from tickets.queue.paging import Page, Wanted
from tickets.queue.periods import LAST, ends
from tickets.queue.ticket_fields import FIELDS
from tickets.search import index


@require_safe
@agent_required
def queue_rows(request: AgentRequest) -> HttpResponse:
    """`?after=` is the next page; `?rows=` the first rows again, with the numbers of the views."""
    after = request.GET.get("after", "")
    shown = context(request, after)
    response = render(request, "tickets/_queue.html", shown)
    if after and not shown["after"]:  # the list has become another one: it is shown anew
        response["HX-Retarget"], response["HX-Reswap"] = "#queue", "innerHTML"
    return response


def context(request: AgentRequest, after: str = "") -> dict[str, Any]:
    user, asked = request.user, Asked(request.user, timezone.now())
    tickets, there = visible_tickets(user), views.of(user)
    counts = counting.counts(tickets, {key: there[key].filters for key in views.TABS}, asked)
    what = paging.wanted(request.GET, there, has_own=counts["mine"] > 0)
    size = max(paging.PAGE, min(whole(request.GET.get("rows", "")) or 0, paging.MOST))
    page = paging.page(tickets, what, asked, after=after, size=size)
    found = _found(what, page)
    return {
        "page": page,
        "what": what,
        "address": what.as_query(),
        "tabs": [(there[key], counting.shown(counts[key])) for key in views.TABS],
        "groups": _groups(there.values()),
        "found": found,
        "after": "" if page.stale else after,
        "details": rows.of(user),
        "label": _label(what),
        "said": found or _said(what, page),
        "indexing": index.waiting() if what.query else 0,
        "current": what.view.key if what.is_view else "",
        "shown_as_tab": not what.is_view or what.view.key in views.TABS,
        "changeable": what.view.saved is not None and saved_views.may_change(user, what.view.saved),
        **_bar(what),
    }


def _groups(there: Iterable[views.View]) -> list[tuple[views.Label, list[views.View]]]:
    """The menu: the views beside the tabs, by their headings."""
    by_group: dict[str, list[views.View]] = {group: [] for group in views.GROUPS}
    for view in there:
        if view.key not in views.TABS:
            by_group[view.group].append(view)
    return [(views.GROUPS[group], found) for group, found in by_group.items() if found]


def _bar(what: Wanted) -> dict[str, Any]:
    """Order and filters of what is shown, each filter with the address that leads on without it.

    A search looks everywhere, so it names every filter that limits it.
    """
    conditions = what.filters.conditions if what.changed or what.query else ()
    return {
        "orders": [(order, what.address(order=order)) for order in ORDERS.values()],
        "conditions": [
            (filters.words(each), what.address(filters=what.filters.without(each.name))) for each in conditions
        ],
        "unfiltered": what.address(filters=what.view.filters, order=what.view.order),
    }


def _label(what: Wanted) -> str:
    if what.query:
        return _("Search")
    view = what.view if what.is_view else views.DESK["all"]
    if what.filters.same_as(view.filters):
        return str(view.label)
    return (_("%(view)s, changed") if view.saved else _("%(view)s, filtered")) % {"view": view.label}


def _said(what: Wanted, page: Page) -> str:
    """For those who do not see the rows."""
    count = len(page.tickets)
    shown = {"view": _label(what), "count": f"{count}+" if page.after else count}
    return ngettext("%(view)s: %(count)s ticket", "%(view)s: %(count)s tickets", count) % shown


def _found(what: Wanted, page: Page) -> str:
    if not what.query:
        return ""
    shown = {"count": number_format(page.found, force_grouping=True), "query": what.query}
    if page.whole:
        text = ngettext("%(count)s ticket found for “%(query)s”", "%(count)s tickets found for “%(query)s”", page.found)
    else:
        text = _("The best %(count)s tickets for “%(query)s”")
    return " ".join([*(_replaced(word, near) for word, near in page.replaced), text % shown])


def _replaced(word: str, near: Iterable[str]) -> str:
    text = _("Nothing has “%(word)s”. Found with %(words)s.")
    return text % {"word": word, "words": ", ".join(_("“%(word)s”") % {"word": each} for each in near)}


@require_safe
@agent_required
def numbers(request: AgentRequest) -> JsonResponse:
    """How many tickets each view of the menu holds: asked for when it is opened, so the queue never waits for it."""
    counted = {view.key: view.filters for view in views.of(request.user).values() if view.counted}
    found = counting.some_counts(visible_tickets(request.user), counted, Asked(request.user, timezone.now()))
    return JsonResponse({key: counting.shown(count) for key, count in found.items()})


# --- filters --------------------------------------------------------------------------------------


@require_safe
@agent_required
def filter_panel(request: AgentRequest) -> HttpResponse:
    """Every field with its choices, those of the address chosen."""
    what = paging.wanted(request.GET, views.of(request.user), has_own=False)
    fields = [_field(key, what) for key in FIELDS]
    page = {"what": what, "fields": fields, "count": _count(request.user, what)}
    return render(request, "tickets/_filters.html", page)


@require_safe
@agent_required
def filter_count(request: AgentRequest) -> HttpResponse:
    """How many tickets the filters being chosen leave."""
    what = paging.wanted(request.GET, views.of(request.user), has_own=False)
    return render(request, "tickets/_filter_count.html", {"count": _count(request.user, what)})


def _count(user: User, what: Wanted) -> tuple[int, str]:
    tickets, asked = visible_tickets(user), Asked(user, timezone.now())
    if what.query:
        found = len(paging.hits(tickets, what, asked)[1].ids)
        return found, counting.shown(found)
    found = counting.count(tickets, what.filters, asked)
    return found, counting.shown(found)


def _field(key: str, what: Wanted) -> dict[str, Any]:
    field = FIELDS[key]
    chosen, negated = what.filters.values(key), what.filters.values(key + NOT)
    values, choices = chosen or negated, list(field.choices(None))
    gone = [value for value in values if value not in {choice.value for choice in choices}]
    return {
        "field": field,
        "is_choices": field.kind is Kind.CHOICES,
        "is_one": field.kind is Kind.ONE,
        "is_text": field.kind is Kind.TEXT,
        "is_period": field.kind is Kind.PERIOD,
        "choices": choices + ([Choice(*each) for each in zip(gone, field.labels(gone), strict=True)] if gone else []),
        "chosen": values,
        "negated": bool(negated and not chosen),
        # The panel shows one of the two, and names the other.
        "kept_labels": list(zip(negated, field.labels(negated), strict=True)) if chosen else [],
        "last": LAST.items(),
        "ends": ends(values[0]) if values and field.kind is Kind.PERIOD else ("", ""),
    }


# --- rows -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def row_details(request: AgentRequest) -> HttpResponse:
    """What the rows of the queue show, for this member."""
    if request.method != "POST":
        page = {"row_details": rows.DETAILS.items(), "details": rows.of(request.user)}
        return render(request, "tickets/_rows_form.html", page)
    request.user.row_details = list(rows.known(request.POST.getlist("detail")))
    request.user.save(update_fields=["row_details"])
    return JsonResponse({})
