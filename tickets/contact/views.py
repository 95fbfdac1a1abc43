"""/contact/: the web form for everybody. Errors keep everything that was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_http_methods, require_safe

from config.web import limits
from config.web.public_site import DEFAULT, FRAME, NAMES, Switch, frame, visit_key
from tickets.contact import files as contact_files
from tickets.contact import receiving
from tickets.contact.files import Kept
from tickets.contact.receiving import ContactForm, Handed
from tickets.contact.texts import TEXTS
from tickets.mail.mime.body import Part

TICKETS = 5  # an hour and client
TRIES = 40
KEEPS = 12  # tries whose files are kept


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


@dataclass(frozen=True)
class _Posted:
    """A form as it came, with the files of this and of earlier tries."""

    form: ContactForm
    name: str  # of this filled-in form
    who: str
    kept: tuple[Kept, ...]
    files: list[UploadedFile]
    lost: bool  # files of an earlier try are gone

    @property
    def parts(self) -> tuple[Part, ...]:
        return (*(each.part() for each in self.kept), *(contact_files.part(file) for file in self.files))


def _posted(request: HttpRequest) -> _Posted:
    name, ticked = request.POST.get("form", "")[:64], set(request.POST.getlist("keep_file"))
    kept = contact_files.unsign(request.POST.get("kept", ""), name)
    there = tuple(each for each in kept if each.key in ticked and each.there)
    return _Posted(
        ContactForm(request.POST),
        name,
        limits.client(request),
        there,
        request.FILES.getlist("files"),
        lost=len(there) < len(ticked),
    )


def _receive(request: HttpRequest, language: str) -> HttpResponse:
    words, posted = TEXTS[language], _posted(request)
    if not limits.within("contact.try", posted.who, TRIES, 3600):
        return _again(request, language, posted, words["too_many"], status=429)
    errors = contact_files.problems(posted.files, len(posted.kept), words)
    if posted.lost:
        errors.append(words["files_again"])
    if not posted.form.is_valid() or errors:
        return _again(request, language, posted, words["problems"], errors)
    if receiving.looks_like_a_robot(request.POST):
        return _again(request, language, posted, words["once_more"])
    if not limits.within("contact.ticket", posted.who, TICKETS, 3600):
        return _again(request, language, posted, words["too_many"], status=429)
    signed = receiving.unpack(request.POST.get("read", ""))
    handed = signed.only(request.POST.getlist("keep"), "keep_query" in request.POST)
    handed = Handed(handed.read, handed.query, handed.visit or visit_key(request))
    try:
        receipt = receiving.submit(posted.form.cleaned_data | {"form": posted.name}, handed, language, posted.parts)
    except ValidationError as error:
        posted.form.add_error("email", error)
        return _again(request, language, posted, words["problems"])
    return _sent(receipt.ticket_id, language)


def _again(
    request: HttpRequest, language: str, posted: _Posted, problem: str, errors: Sequence[str] = (), status: int = 422
) -> HttpResponse:
    """The form with all that was typed and chosen. Whoever sends too often keeps what is kept, and adds nothing."""
    words, kept = TEXTS[language], posted.kept
    file_errors = list(errors)
    if posted.files and limits.within("contact.keep", posted.who, KEEPS, 3600):
        kept = contact_files.keep(posted.files, kept, words)
    if len(kept) < len(posted.kept) + len(posted.files) and not file_errors:
        file_errors = [words["files_again"]]
    name = posted.name or receiving.new_form()
    more = {"kept": kept, "kept_signed": contact_files.sign(name, kept), "file_errors": file_errors, "form_name": name}
    signed = request.POST.get("read", "")
    return _show(request, language, posted.form, signed, status, problem=problem, **more)


def _sent(ticket_id: int | None, language: str) -> HttpResponse:
    token = signing.dumps(ticket_id, salt=receiving.SENT_SALT)
    return redirect(f"{reverse('contact_sent')}?{urlencode({'lang': language, 'ticket': token})}")


def _show(
    request: HttpRequest, language: str, form: ContactForm, signed: str, status: int = 200, **more: Any
) -> HttpResponse:
    handed = receiving.unpack(signed)
    kept = set(request.POST.getlist("keep"))
    posted = request.method == "POST"
    context = _frame(language, signed) | {
        "form": form,
        "handed": handed,
        "signed": signed if handed != Handed() else "",
        "looked_at": [(article, title, not posted or str(article) in kept) for article, title in handed.read],
        "keep_query": not posted or "keep_query" in request.POST,
        "opened": receiving.opened(again=posted),
        "form_name": receiving.new_form(),
        "files_hint": TEXTS[language]["files_hint"].format(
            count=contact_files.FILES, size=settings.ATTACHMENT_MAX_BYTES // contact_files.MEGABYTE
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
        number = signing.loads(request.GET.get("ticket", ""), salt=receiving.SENT_SALT, max_age=receiving.LONGEST)
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
