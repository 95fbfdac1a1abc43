"""/contact/: the web form for everybody. Errors keep everything that was typed."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_http_methods, require_safe

from config import limits
from config.public_site import DEFAULT, FRAME, NAMES, Switch, frame, visit_key
from tickets import contact
from tickets.contact import ContactForm, Handed
from tickets.contact_texts import TEXTS

TICKETS = 5  # an hour and client
TRIES = 40


def _language(request: HttpRequest) -> str:
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    read = [code.split("-")[0] for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    return next((code for code in [asked.split("-")[0], *read] if code in FRAME), DEFAULT)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    language = _language(request)
    with translation.override(language):
        if request.method == "POST":
            return _receive(request, language)
        signed = request.GET.get("read", "")
        return _show(request, language, ContactForm(), signed)


def _receive(request: HttpRequest, language: str) -> HttpResponse:
    words, signed = TEXTS[language], request.POST.get("read", "")
    form, files = ContactForm(request.POST), request.FILES.getlist("files")
    who = limits.client(request)
    problem = ""
    if not limits.within("contact.try", who, TRIES, 3600):
        return _show(request, language, form, signed, problem=words["too_many"], status=429)
    file_errors = contact.file_problems(files, words)
    if not form.is_valid() or file_errors:
        problem = words["problems"]
    elif contact.looks_like_a_robot(request.POST):
        problem = words["once_more"]
    elif not limits.within("contact.ticket", who, TICKETS, 3600):
        return _show(request, language, form, signed, problem=words["too_many"], status=429)
    if not problem:
        handed = contact.unpack(signed).only(request.POST.getlist("keep"), "keep_query" in request.POST)
        handed = Handed(handed.read, handed.query, handed.visit or visit_key(request))
        try:
            receipt = contact.submit(
                form.cleaned_data | {"form": request.POST.get("form", "")}, handed, language, files
            )
        except ValidationError as error:
            form.add_error("email", error)
        else:
            return _sent(receipt.ticket_id, language)
        problem = words["problems"]
    return _show(
        request, language, form, signed, problem=problem, file_errors=file_errors, files=bool(files), status=422
    )


def _sent(ticket_id: int | None, language: str) -> HttpResponse:
    token = signing.dumps(ticket_id, salt=contact.SENT_SALT)
    return redirect(f"{reverse('contact_sent')}?{urlencode({'lang': language, 'ticket': token})}")


def _show(
    request: HttpRequest, language: str, form: ContactForm, signed: str, status: int = 200, **more: Any
) -> HttpResponse:
    handed = contact.unpack(signed)
    kept = set(request.POST.getlist("keep"))
    posted = request.method == "POST"
    context = _frame(language, signed) | {
        "form": form,
        "handed": handed,
        "signed": signed if handed != Handed() else "",
        "looked_at": [(article, title, not posted or str(article) in kept) for article, title in handed.read],
        "keep_query": not posted or "keep_query" in request.POST,
        "opened": contact.opened(),
        "form_name": request.POST.get("form", "")[:64] or contact.new_form(),
        "files_hint": TEXTS[language]["files_hint"].format(
            count=contact.FILES, size=settings.ATTACHMENT_MAX_BYTES // contact.MEGABYTE
        ),
        "support_address": settings.SUPPORT_ADDRESS,
        **more,
    }
    return _own(render(request, "tickets/contact.html", context, status=status))


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What happens next. Without our signed number it only says that."""
    language = _language(request)
    try:
        number = signing.loads(request.GET.get("ticket", ""), salt=contact.SENT_SALT, max_age=contact.LONGEST)
    except signing.BadSignature:
        return redirect(f"{reverse('contact')}?{urlencode({'lang': language})}")
    words = TEXTS[language]["sent_mail"].format(settings.SUPPORT_ADDRESS)
    return _own(
        render(request, "tickets/contact_sent.html", _frame(language) | {"number": number, "mail_words": words})
    )


def _frame(language: str, signed: str = "") -> dict[str, Any]:
    carried = {"read": signed} if signed else {}
    switches = [
        Switch(code, NAMES[code], f"{reverse('contact')}?{urlencode({'lang': code} | carried)}", code == language)
        for code in FRAME
    ]
    return frame(language, TEXTS, switches)


def _own(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
