"""/contact/: the contact form, for everybody. Errors keep everything that was typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_http_methods, require_safe

from config.web import limits
from config.web.public_site import DEFAULT, NAMES, Switch, base_context, ui_languages, visit_key
from tickets.contact import files as contact_files
from tickets.contact import receiving
from tickets.contact.files import SavedFile
from tickets.contact.receiving import ContactForm, PassedOn
from tickets.mail.mime.body import Part

TICKETS = 5  # an hour and client
TRIES = 40
SAVES = 12  # tries whose files are saved

CHECK_FIELDS = _("Not sent yet. Please check the marked fields. Everything you typed is still here.")
PRESS_AGAIN = _("Not sent yet. Please press Send again. Everything you typed is still here.")
TOO_MANY = _(
    "Not sent. We received many messages from your connection in the last hour. Everything you typed is still here."
    " Please try again later, or write to {address}."
)
FILES_AGAIN = _("Please choose your files again. We could not keep them.")


def _language(request: HttpRequest) -> str:
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    codes = [asked, *(code for code, _quality in accepted)]
    return next((code for each in codes if (code := each.split("-")[0]) in ui_languages()), DEFAULT)


def in_its_language(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The view runs in the language that the address or the form asks for, else in the browser's."""

    @wraps(view)
    def translated(request: HttpRequest) -> HttpResponse:
        language = _language(request)
        with translation.override(language):
            return view(request, language)

    return translated


@require_http_methods(["GET", "HEAD", "POST"])
@in_its_language
def page(request: HttpRequest, language: str) -> HttpResponse:
    if request.method == "POST":
        return _receive(request, language)
    return _show(request, language, ContactForm(), request.GET.get("read", ""))


@dataclass(frozen=True)
class _Posted:
    """A form as it was sent, with the files of this try and of earlier ones."""

    form: ContactForm
    name: str  # receiving.new_form()
    client: str
    saved: tuple[SavedFile, ...]
    files: list[UploadedFile]
    lost: bool  # files of an earlier try are gone

    @property
    def parts(self) -> tuple[Part, ...]:
        return (*(each.part() for each in self.saved), *(contact_files.part(file) for file in self.files))


def _posted(request: HttpRequest) -> _Posted:
    name, checked = request.POST.get("form", "")[:64], set(request.POST.getlist("saved_file"))
    saved = contact_files.unsign(request.POST.get("saved_files", ""), name)
    there = tuple(each for each in saved if each.key in checked and each.exists)
    return _Posted(
        ContactForm(request.POST),
        name,
        limits.client(request),
        there,
        request.FILES.getlist("files"),
        lost=len(there) < len(checked),
    )


def _receive(request: HttpRequest, language: str) -> HttpResponse:
    posted = _posted(request)
    if not limits.within("contact.try", posted.client, TRIES, 3600):
        return _again(request, language, posted, _too_many(), status=429)
    errors = contact_files.problems(posted.files, len(posted.saved))
    if posted.lost:
        errors.append(str(FILES_AGAIN))
    if not posted.form.is_valid() or errors:
        return _again(request, language, posted, str(CHECK_FIELDS), errors)
    if receiving.looks_like_a_robot(request.POST):
        return _again(request, language, posted, str(PRESS_AGAIN))
    if not limits.within("contact.ticket", posted.client, TICKETS, 3600):
        return _again(request, language, posted, _too_many(), status=429)
    signed = receiving.unpack(request.POST.get("read", ""))
    passed_on = signed.only(request.POST.getlist("share"), "share_query" in request.POST)
    passed_on = PassedOn(passed_on.read, passed_on.query, passed_on.visit or visit_key(request))
    try:
        receipt = receiving.submit(posted.form.cleaned_data | {"form": posted.name}, passed_on, language, posted.parts)
    except ValidationError as error:
        posted.form.add_error("email", error)
        return _again(request, language, posted, str(CHECK_FIELDS))
    return _sent(receipt.ticket_id, language)


def _too_many() -> str:
    address = format_html('<a href="mailto:{0}">{0}</a>', settings.SUPPORT_ADDRESS)
    return format_html(str(TOO_MANY), address=address)


def _again(
    request: HttpRequest, language: str, posted: _Posted, problem: str, errors: Sequence[str] = (), status: int = 422
) -> HttpResponse:
    """The form with all that was typed and chosen. After too many tries no more files are saved."""
    saved, file_errors = posted.saved, list(errors)
    if posted.files and limits.within("contact.keep", posted.client, SAVES, 3600):
        saved = contact_files.save(posted.files, saved)
    if len(saved) < len(posted.saved) + len(posted.files) and not file_errors:
        file_errors = [str(FILES_AGAIN)]
    name = posted.name or receiving.new_form()
    files = {"saved_files": saved, "saved_files_signed": contact_files.sign(name, saved), "file_errors": file_errors}
    signed = request.POST.get("read", "")
    return _show(request, language, posted.form, signed, status, problem=problem, form_name=name, **files)


def _sent(ticket_id: int | None, language: str) -> HttpResponse:
    token = signing.dumps(ticket_id, salt=receiving.SENT_SALT)
    return redirect(f"{reverse('contact_sent')}?{urlencode({'lang': language, 'ticket': token})}")


def _show(
    request: HttpRequest, language: str, form: ContactForm, signed: str, status: int = 200, **more: Any
) -> HttpResponse:
    passed_on = receiving.unpack(signed)
    shared = set(request.POST.getlist("share"))
    posted = request.method == "POST"
    context = _base_context(language, signed) | {
        "form": form,
        "passed_on": passed_on,
        "signed": signed if passed_on != PassedOn() else "",
        "read": [(article, title, not posted or str(article) in shared) for article, title in passed_on.read],
        "share_query": not posted or "share_query" in request.POST,
        "opened": receiving.opened(again=posted),
        "form_name": receiving.new_form(),
        "max_files": contact_files.FILES,
        "max_megabytes": settings.ATTACHMENT_MAX_BYTES // contact_files.MEGABYTE,
        **more,
    }
    return _private(render(request, "tickets/contact.html", context, status=status))


@require_safe
@in_its_language
def sent(request: HttpRequest, language: str) -> HttpResponse:
    """What happens next. Without a number that we signed it leads to the form."""
    try:
        number = signing.loads(request.GET.get("ticket", ""), salt=receiving.SENT_SALT, max_age=receiving.MAX_AGE)
    except signing.BadSignature:
        return redirect(f"{reverse('contact')}?{urlencode({'lang': language})}")
    context = _base_context(language) | {"number": number, "support_address": settings.SUPPORT_ADDRESS}
    return _private(render(request, "tickets/contact_sent.html", context))


def _base_context(language: str, signed: str = "") -> dict[str, Any]:
    carried = {"read": signed} if signed else {}
    switches = [
        Switch(code, NAMES[code], f"{reverse('contact')}?{urlencode({'lang': code} | carried)}", code == language)
        for code in ui_languages()
    ]
    return base_context(language, switches)


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
