"""Hostile text is shown and never run; hostile file names lead nowhere; hostile addresses are not followed."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from copilot.escalation import rules as escalation_rules
from copilot.models import Escalation, EscalationRules, RoutingRules, ThreadSummary
from copilot.routing.rules import SHIPPED, to_json
from knowledge.models import Article, Gap, GapTopic
from tests import cast
from tests.test_url_rules import MISSING, SAMPLES
from tests.url_rules import ADDRESSES, RULES
from tickets.mail import attachments
from tickets.mail.mime.body import Part
from tickets.models import (
    ApiToken,
    Attachment,
    Customer,
    InboundMail,
    Message,
    OutgoingMail,
    Recipient,
    SavedView,
    Tag,
    Team,
    TicketEvent,
    Upload,
)

pytestmark = pytest.mark.django_db
HOSTILE = "'\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}${7*7}"
MARKS = ("<script>alert(1)", "<img src=x onerror", "onerror=alert(2)>", '" onerror', "49}")


@pytest.fixture
def hostile_rows(db: None) -> None:
    """Hostile text in every field that outsiders fill in, or that an author or a model copies from there."""
    customer = Customer.objects.create(email="evil@haas.example", name=HOSTILE, phone=HOSTILE[:40], plan=HOSTILE[:80])
    ticket = cast.new_ticket(customer, pk=MISSING, subject=HOSTILE, text=HOSTILE)
    ticket.tags.add(Tag.objects.create(name=HOSTILE[:50]))
    first = ticket.messages.get()
    Message.objects.filter(pk=first.pk).update(from_name=HOSTILE, quoted=HOSTILE)
    reply = Message.objects.create(pk=MISSING, ticket=ticket, kind=Message.Kind.REPLY, author=cast.mira(), text=HOSTILE)
    OutgoingMail.objects.create(pk=MISSING, message=reply, subject=HOSTILE, state="failed", error=HOSTILE)
    Recipient.objects.create(message=reply, kind="cc", name=HOSTILE, email=HOSTILE[:254], refused=HOSTILE)
    Recipient.objects.create(message=first, kind="to", name=HOSTILE, email=HOSTILE[:254])
    InboundMail.objects.create(
        pk=MISSING, identity=HOSTILE, action="quarantined", raw_path="x", size=1, from_email=HOSTILE, subject=HOSTILE
    )
    kept = {"content_type": HOSTILE, "size": 1, "sha256": "0"}
    Attachment.objects.create(pk=MISSING, message=first, filename=HOSTILE, refused=HOSTILE[:200], **kept)
    shown = {"file": ContentFile(b"x", "x.png"), "picture": "image/png", "width": 100, "height": 100}
    Attachment.objects.create(message=first, filename=HOSTILE, **kept, **shown)
    Upload.objects.create(pk=MISSING, ticket=ticket, owner=cast.ada(), filename=HOSTILE, **kept, **shown)
    data = {"read": [{"id": 1, "title": HOSTILE}], "searched": HOSTILE}
    TicketEvent.objects.create(ticket=ticket, kind=TicketEvent.Kind.RECEIVED, data=data)
    Article.objects.create(pk=MISSING, title=HOSTILE, body_md=HOSTILE, category=HOSTILE[:60], tags=HOSTILE[:200])
    RoutingRules.objects.create(pk=MISSING, rules=to_json(SHIPPED), note=HOSTILE[:200], place=MISSING)
    stored = escalation_rules.to_json(escalation_rules.SHIPPED)
    EscalationRules.objects.create(pk=MISSING, rules=stored, note=HOSTILE[:200], place=MISSING)
    note = Message.objects.create(ticket=ticket, kind=Message.Kind.NOTE, author=cast.mira(), text=HOSTILE)
    told = {"texts": {"asked": HOSTILE}, "articles": [{"number": None, "title": HOSTILE, "use": HOSTILE}]}
    sent = {"note": note, "by": cast.mira(), "reason": "other", "due_at": note.created_at, "package": told}
    Escalation.objects.create(pk=MISSING, ticket=ticket, **sent)
    for written in (True, False):
        other = cast.new_ticket(customer, subject=HOSTILE, text=HOSTILE)
        line = {"about": "asked", "text": HOSTILE, "messages": [], "written": written}
        row = {"upto": other.messages.get(), "messages": 1, "lines": [line], "finished_at": note.created_at}
        ThreadSummary.objects.create(ticket=other, **row)
    ApiToken.objects.create(pk=MISSING, name=HOSTILE[:80], digest="x", start=HOSTILE[:12])
    team = Team.objects.create(name=HOSTILE[:80], slug="hostile")
    cast.ada().teams.add(team)
    view = {"owner": cast.mira(), "name": HOSTILE[:60], "filters": {"customer": [HOSTILE]}, "order": "work"}
    SavedView.objects.create(pk=MISSING, audience="all", **view)
    SavedView.objects.create(audience="team", team=team, **view | {"name": HOSTILE[1:61]})
    topic = GapTopic.objects.create(pk=MISSING, name=HOSTILE[:120], keywords=HOSTILE[:200])
    Gap.objects.create(query=HOSTILE, asked_in=f"ticket:{MISSING} message:1", topic=topic, category=HOSTILE[:60])


def path_of(name: str) -> str:
    pattern: Any = ADDRESSES[name].pattern
    wanted = {*pattern.converters, *pattern.regex.groupindex}
    return reverse(name, kwargs={key: SAMPLES.get(key, MISSING) for key in wanted})


@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.get and name in ADDRESSES))
def test_hostile_text_is_shown_and_never_run(name: str, hostile_rows: None, settings: Any) -> None:
    settings.CHROMA_URL = settings.LLM_BASE_URL = "http://127.0.0.1:9/v1"
    client = Client(raise_request_exception=False)
    client.force_login(cast.ada())
    script = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    queries = ["", f"?q={script}&tab=out&state={script}"]
    if name.startswith("tickets:"):  # the queue, with the saved view and with filters
        filters = f"customer={script}&tag={script}&{script}=1&created_from={script}&not=customer"
        queries += [f"?view=saved-{MISSING}&sort=newest", f"?{filters}"]
    for query in queries:
        answer = client.get(path_of(name) + query)
        assert answer.status_code < 500
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            page = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert [mark for mark in MARKS if mark in page.decode()] == []


@pytest.mark.parametrize(
    "filename",
    [
        "../../../etc/passwd",
        "..\\..\\boot.ini",
        "/etc/passwd",
        'a"; filename="evil.html',
        "a\r\nSet-Cookie: x=1\r\n\r\n<script>",
        "invoice\u202efdp.exe.pdf",
        "\x00",
        ".",
        "",
        "x" * 400,
        "账单.html",
    ],
)
def test_a_file_name_leads_nowhere(filename: str, settings: Any) -> None:
    ticket, client = cast.new_ticket(), Client()
    client.force_login(cast.mira())
    stored: list[Attachment] = []
    part = Part(filename, "text/html; charset=utf-8", b"<script>alert(1)</script>")
    attachments.store(ticket.messages.get(), [part], stored)
    root = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    for found in stored:
        if not found.file:
            continue
        assert Path(found.file.path).resolve().is_relative_to(root.resolve())
        assert "passwd" not in found.file.name and "<" not in found.file.name
        answer = client.get(reverse("tickets:attachment", args=[found.pk]))
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment") and "\r" not in disposition and "\n" not in disposition
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert (
            answer.headers["X-Content-Type-Options"] == "nosniff"
            and "sandbox" in answer.headers["Content-Security-Policy"]
        )
        assert "no-store" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers


def test_a_picture_that_is_a_page_too_is_shown_as_a_picture() -> None:
    """A GIF whose bytes are HTML and a script as well, with the name and the type of a page."""
    client = Client()
    client.force_login(cast.mira())
    page = b"GIF89a/*\x10\x00*/=1;<html><script>alert(1)</script></html>"
    stored: list[Attachment] = []
    attachments.store(cast.new_ticket().messages.get(), [Part("page.html", "text/html", page)], stored)
    answer = client.get(reverse("tickets:picture", args=[stored[0].pk]))
    assert b"".join(answer.streaming_content) == page
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer.headers["Cache-Control"]


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "///evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "\thttps://evil.example",
    "http:evil.example",
    "https://testserver@evil.example/",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_the_login_redirects_to_no_other_host(target: str) -> None:
    cast.mira()
    answer = Client().post("/login/", {"username": "mira", "password": cast.PASSWORD, "next": target})
    assert answer.status_code == 302 and answer.headers["Location"] == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_the_mail_log_and_the_admin_redirect_to_no_other_host(target: str) -> None:
    client = Client()
    client.force_login(cast.mira())
    message = cast.new_ticket().messages.create(kind=Message.Kind.REPLY, author=cast.mira(), text="x")
    row = OutgoingMail.objects.create(message=message, subject="x", state="uncertain")
    answer = client.post(reverse("tickets:outgoing_resolve", args=[row.pk]), {"decision": "x", "next": target})
    assert answer.headers["Location"] == "/mail/?tab=out"
    page = Client().get("/admin/login/", {"next": target})
    assert page.headers["Location"].startswith("/login/?next=")
    end = Client().post(page.headers["Location"], {"username": "mira", "password": cast.PASSWORD})
    assert "evil" not in end.headers.get("Location", "")


def test_what_a_browser_holds_is_signed_or_plain_data() -> None:
    """No pickle comes from a browser: sessions are JSON, stored in the database."""
    assert django_settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert django_settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    client = Client()
    client.force_login(cast.mira())
    json.dumps(dict(client.session))


def test_cookies_are_out_of_reach_of_scripts_and_other_sites() -> None:
    cast.mira()
    answer = Client().post("/login/", {"username": "mira", "password": cast.PASSWORD})
    session = answer.cookies["sessionid"]
    assert session["httponly"] and session["samesite"] == "Lax"


def test_a_login_gets_a_new_key() -> None:
    """A session key that an attacker planted before the login is useless after it."""
    cast.mira()
    client = Client()
    client.cookies["sessionid"] = "planted0123456789planted01234567"
    answer = client.post("/login/", {"username": "mira", "password": cast.PASSWORD})
    assert answer.cookies["sessionid"].value != "planted0123456789planted01234567"


def test_pictures_are_not_pages(settings: Any) -> None:
    """A page with the name of a picture is refused in articles."""
    client = Client()
    client.force_login(cast.ken())
    page = ContentFile(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", name="a.png")
    assert client.post("/admin/knowledge/article/images/", {"image": page}).status_code == 422
