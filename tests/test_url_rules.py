"""Every address × every role × every method, compared with tests/url_rules.py; and every address × odd values."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.cookies import SimpleCookie
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config import urls
from config.web.middleware import POLICY
from copilot.escalation import rules as escalation_rules
from copilot.models import (
    Citation,
    Draft,
    Escalation,
    EscalationRules,
    RoutingRules,
    TextTrial,
    TextVersion,
    TriageModel,
)
from copilot.routing.rules import SHIPPED, to_json
from knowledge.articles import publishing
from knowledge.index.embeddings import get_embedder
from knowledge.models import Article, ArticleImage, GapTopic
from tests import cast
from tests.url_rules import ADDRESSES, ANYBODY, MEMBERS, NOBODY, ROOT, RULES, SOCKETS, STRANGERS, Rule
from tickets.models import ApiToken, Attachment, InboundMail, Message, OutgoingMail, SavedView, Upload, User
from tickets.sockets.routes import urlpatterns

MISSING = 987654
SAMPLES = {
    "language": "en",
    "slug": "billing",
    "sha256": "0" * 64,
    "ext": "png",
    "uidb64": "MQ",
    "token": "set-password",
    "app_label": "knowledge",
    "name": "point-1",
}
ODD = ["²", "٣", str(10**30), "-1", "1e5", "%00", "%ED%A0%80", "0x1", " "]
# Every parameter that any view reads. Each address is requested with all of them.
FIELDS = (  # noqa: SIM905
    "q after rows before tab state view assignee team priority status tags text submission prepared then "
    "undo note next decision email subject into gap name from to article days owner category tickets figure reason "
    "distance show token review_by helped comment keep read lang ticket form page p o e all language person "
    "period start end question title body_md key approve id action _selected_action candidates answer seen "
    "version done theme single_keys help change seen examples system sentiment urgency was said decided "
    "always team_category team_language tier-free sure-* matrix-urgent-* may-* days uploads attachments file "
    "sort any not draft escalated answered files channel tier customer waiting created created_from created_to "
    "changed closed tag tag! name audience address detail"
).split()


# Tables that a GET may write, because the list of logins shows which of them is in use.
NOTED = ("tickets_loginsession",)


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """No thread, model or worker runs here; what views start is tested elsewhere."""
    settings.LLM_BASE_URL = "http://127.0.0.1:9/v1"
    settings.CHROMA_URL = "http://127.0.0.1:9"


@pytest.fixture
def short_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """403 and 404 without their pages, which are the same at every address: see test_a_refusal_is_a_whole_page."""
    for status in (403, 404):
        answer = partial(HttpResponse, status=status)
        monkeypatch.setattr(urls, f"handler{status}", lambda *_, exception, answer=answer: answer(), raising=False)


@pytest.fixture
def rows_of_that_number(db: None) -> None:
    """Rows for every address, so that views also read their parameters."""
    ticket = cast.new_ticket(pk=MISSING, text="I was charged twice. Write to ana@mail.example about it.")
    message = Message.objects.create(pk=MISSING, ticket=ticket, kind=Message.Kind.REPLY, author=cast.mira(), text="x")
    file = ContentFile(b"x", "x.txt")
    said = ticket.messages.first()
    kept = {"filename": "x.png", "content_type": "image/png", "size": 1, "file": file}
    kept |= {"picture": "image/png", "width": 100, "height": 100}
    Attachment.objects.create(pk=MISSING, message=said, **kept)
    Upload.objects.create(pk=MISSING, ticket=ticket, owner=cast.ada(), **kept)
    OutgoingMail.objects.create(pk=MISSING, message=message, subject="x", state="uncertain")
    InboundMail.objects.create(pk=MISSING, identity="x", action="quarantined", raw_path="x", size=1)
    article = Article.objects.create(pk=MISSING, title="Refunds", body_md="Refunds take five days.", language="en")
    publishing.approve(article, sync=False)
    ArticleImage.objects.create(sha256="0" * 64, file=file, content_type="image/png", width=1, height=1, size=1)
    GapTopic.objects.create(pk=MISSING, name="Refunds")
    draft = Draft.objects.create(pk=MISSING, ticket=ticket, message=said, text="Hi <EMAIL_1> [1].")
    version = TextVersion.objects.create(pk=MISSING, name="point-1", number=MISSING, texts="x", version="point-1@x")
    TextTrial.objects.create(pk=MISSING, name="point-1", version=version)
    TriageModel.objects.create(pk=MISSING, file=b"", embedder=get_embedder().name, report={"against": []})
    RoutingRules.objects.create(pk=MISSING, rules=to_json(replace(SHIPPED, urgency=3)), place=MISSING)
    others = escalation_rules.to_json(replace(escalation_rules.SHIPPED, attempts=3))
    EscalationRules.objects.create(pk=MISSING, rules=others, place=MISSING)
    note = Message.objects.create(ticket=ticket, kind=Message.Kind.NOTE, author=cast.rosa(), text="x")
    sent = {"note": note, "by": cast.rosa(), "reason": "other", "due_at": note.created_at}
    Escalation.objects.create(pk=MISSING, ticket=ticket, **sent)
    ApiToken.objects.create(pk=MISSING, name="x", digest="x")
    SavedView.objects.create(pk=MISSING, name="x", owner=cast.rosa(), audience="all", order="work")
    Citation.objects.create(draft=draft, number=1, article=article, title="x", excerpt="x", score=1)


def visitor(who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who == "gone":
        client.force_login(cast.jonas())
        User.objects.filter(username="jonas").update(is_active=False)
    elif who == "root":
        client.force_login(_person("root"))
    elif who != "anonymous":
        client.force_login(getattr(cast, who)())
    return client


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """What is written inside, and the cookies that answers set or delete, are gone afterwards: every request finds
    the same rows and the same session.
    """
    kept = SimpleCookie({name: each.value for name, each in client.cookies.items()})
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = kept


def path_of(name: str) -> str:
    pattern = ADDRESSES[name].pattern
    wanted = {*pattern.converters, *pattern.regex.groupindex}
    return reverse(name, kwargs={key: SAMPLES.get(key, MISSING) for key in wanted})


def outcome(answer: Any, client: Client) -> str:
    """`405`, `login`, `refused`, `no token`, `fault`, `away` (the admin has no such row) or `in`."""
    if answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login/"):
        answer = client.get(answer.headers["Location"])
    if answer.status_code == 302 and answer.headers["Location"].startswith("/login/?next="):
        return "login"
    if answer.status_code == 302 and answer.headers["Location"] == "/admin/":
        return "away"
    return {405: "405", 403: "refused", 401: "no token"}.get(
        answer.status_code, "fault" if answer.status_code >= 500 else "in"
    )


def expected(rule: Rule, method: str, who: str) -> set[str]:
    if rule.token:
        return {"no token" if method == "post" else "405"}
    allowed = rule.post if method == "post" else rule.get
    if allowed is None:  # members who may use the other method get a 405
        may_use_the_other = who in MEMBERS and who in (rule.get or rule.post or ())
        return {"405", "away"} if may_use_the_other else {"405", "login", "refused", "away"}
    head = {"405"} if method == "head" else set()
    if who in allowed:
        return {"in", "away"} | head | ({"login"} if allowed <= STRANGERS else set())
    return {"away", "login" if who in STRANGERS else "refused"} | head


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(ANYBODY))
def test_each_role_is_allowed_where_the_table_says(who: str, short_refusals: None) -> None:
    client, wrong = visitor(who), []
    for name in sorted(ADDRESSES):
        path = path_of(name) + RULES[name].query
        for method in ("get", "head", "post"):
            with undone(client):
                answer = getattr(client, method)(path)
                if outcome(answer, client) not in expected(RULES[name], method, who):
                    wrong.append(f"{who} {method.upper()} {path}: {answer.status_code}")
            assert answer.headers.get("Content-Security-Policy"), path
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["anonymous", "mira", "ken", "otto", "ada"])
def test_no_other_method_allows_more(who: str, short_refusals: None) -> None:
    """Views that accept any method allow only those who may get or post, and write nothing."""
    client, wrong = visitor(who), []
    for name in sorted(ADDRESSES):
        path, rule = path_of(name) + RULES[name].query, RULES[name]
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "INVENTED"):
            with undone(client):
                with CaptureQueriesContext(connection) as queries:
                    answer = client.generic(method, path)
                found = outcome(answer, client)
            may = who in (rule.get or NOBODY) | (rule.post or NOBODY)
            if found == "fault" or (found == "in" and not may and not only_says_how(method, answer)):
                wrong.append(f"{who} {method} {path}: {answer.status_code}")
            wrong += [f"{who} {method} {path}: {sql}" for sql in writes(queries)]
    assert wrong == []


def only_says_how(method: str, answer: Any) -> bool:
    """Django's class-based views list their methods to anybody."""
    return method == "OPTIONS" and not answer.content and "Allow" in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.post))
def test_nothing_is_posted_without_a_token(name: str) -> None:
    if name in {"help:record_search", "help:record_read"}:  # signed, or harmless: knowledge/help_center/recording.py
        return
    if name in {"api:api-root", "api_no_such_address"}:  # nothing is there
        return
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(cast.ada())
    assert client.post(path_of(name)).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.get))
def test_a_get_of_a_visitor_writes_nothing(name: str) -> None:
    path = path_of(name)
    assert _writes(lambda: Client().get(path)) == []
    assert _writes(lambda: Client().get(f"{path}?q=refund&article=1&from=search&read=x&helped=yes")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(ANYBODY))
def test_a_get_of_a_member_writes_nothing(who: str, rows_of_that_number: None) -> None:
    """For every role, with rows for the address. NOTED lists the exceptions."""
    client, wrong = visitor(who), []
    Upload.objects.update(owner=_person(who) if who in MEMBERS else cast.ada())
    for name in sorted(ADDRESSES):
        if who in (RULES[name].get or NOBODY):
            path = path_of(name).replace(f"excerpts/{MISSING}", "excerpts/1") + RULES[name].query
            with undone(client):
                written = _writes(lambda path=path: client.get(path))  # type: ignore[misc]
            wrong += [f"{path}: {sql}" for sql in written if not any(table in sql for table in NOTED)]
    assert wrong == []


def _writes(work: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        answer = work()
    assert answer.status_code < 500, answer
    return writes(queries)


def writes(queries: CaptureQueriesContext) -> list[str]:
    words = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    return [query["sql"][:120] for query in queries if query["sql"].lstrip().upper().startswith(words)]


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ODD)
def test_odd_values_are_refused_and_never_an_error_500(
    odd: str, rows_of_that_number: None, short_refusals: None
) -> None:
    client, faults = visitor("ada"), []
    for name in sorted(ADDRESSES):
        path = path_of(name)
        for place in {path, path.replace(str(MISSING), odd)}:
            with undone(client):
                answers = _with_odd_fields(client, name, place, odd)
            faults += [f"{odd} {place}: {answer.status_code}" for answer in answers if answer.status_code >= 500]
            if odd == "%00" and place == path and answers[0].status_code not in {400, 404, 405}:
                faults.append(f"{odd} {place}: {answers[0].status_code}")
    assert faults == []


def _with_odd_fields(client: Client, name: str, place: str, odd: str) -> list[Any]:
    fields = "&".join(f"{field}={odd}" for field in FIELDS)
    answers = [client.get(f"{place}?{fields}")]
    if RULES[name].post and name not in {"logout", "admin:logout"}:
        answers.append(client.post(place, fields, content_type="application/x-www-form-urlencoded"))
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", sorted(ANYBODY))
async def test_each_role_may_connect_where_the_table_says(who: str) -> None:
    ticket = await sync_to_async(cast.new_ticket)()
    user = await sync_to_async(_person)(who)
    for pattern, allowed in SOCKETS.items():
        path = pattern.strip("^$").replace("(?P<ticket_id>[0-9]{1,18})", str(ticket.pk)) or "ws/nowhere/"
        asked = WebsocketCommunicator(URLRouter(urlpatterns), f"/{path}")
        asked.scope["user"] = user
        connected, _ = await asked.connect()
        assert connected == (who in allowed), (who, path)
        await asked.disconnect()


def _person(who: str) -> Any:
    if who == "anonymous":
        return AnonymousUser()
    if who == "gone":
        jonas = cast.jonas()
        jonas.is_active = False
        return jonas
    if who == "root":
        there = User.objects.filter(username="root").first()
        return there or User.objects.create_superuser("root", "root@tallybird.example", cast.PASSWORD)
    return getattr(cast, who)()


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(ANYBODY))
def test_a_refusal_is_a_whole_page(who: str) -> None:
    client = visitor(who)
    refused = [path_of(name) for name in ADDRESSES if who in MEMBERS and who not in (RULES[name].get or ANYBODY)][:1]
    assert refused or who in STRANGERS | ROOT
    for path, status, title in [("/nowhere/", 404, "Page not found"), *((path, 403, "No access") for path in refused)]:
        answer = client.get(path, follow=True)
        assert (answer.status_code, title in answer.text, "</html>" in answer.text) == (status, True, True), path


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["anonymous", "ada"])
def test_odd_values_get_a_whole_page_too(who: str) -> None:
    client = visitor(who)
    for odd in ODD:
        answer = client.get(f"/nowhere/{odd}/?q={odd}")
        assert (answer.status_code, "</html>" in answer.text) == (404, True), odd


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere/", "/desk/999/", "/login/", "/help/en/", "/admin/", "/static/none.css"])
def test_every_answer_has_the_policy(path: str) -> None:
    for host in ("testserver", "evil.example"):
        answer = Client(raise_request_exception=False).get(path, HTTP_HOST=host)
        assert answer.headers["Content-Security-Policy"] == POLICY, (host, path)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/admin/tickets/user/1/", "/admin/knowledge/gap/1/", "/admin/nowhere", "/admin/nowhere/"]
)
def test_redirects_of_the_admin_answer_nothing(path: str) -> None:
    """Addresses without a name (REDIRECTS in tests/url_rules.py): a login, a refusal, a redirect or a 404."""
    for who in sorted(ANYBODY):
        client = visitor(who)
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = client.generic(method, path)
            assert answer.status_code in {301, 302, 403, 404, 405} or only_says_how(method, answer), (who, method)
