"""Every address × every role × every method, as tests/url_rules.py says; and every address × odd values."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.web.middleware import POLICY
from copilot.models import Citation, Draft
from knowledge.articles import publishing
from knowledge.models import Article, ArticleImage, GapTopic
from tests import cast
from tests.url_rules import ADDRESSES, ANYBODY, MEMBERS, NOBODY, RULES, SOCKETS, STRANGERS, Rule
from tickets.models import Attachment, InboundMail, Message, OutgoingMail, User
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
}
ODD = ["²", "٣", str(10**30), "-1", "1e5", "%00", "%ED%A0%80", "0x1", " "]
# Every name that any view reads, so that each address is asked with all of them.
FIELDS = (  # noqa: SIM905
    "q after rows before tab state view assignee team priority status tags text submission prepared then "
    "undo note next decision email into gap name from to article days owner category tickets figure reason "
    "distance show token review_by helped comment keep read lang ticket form page p o e all language person "
    "period start end question title body_md key approve id action _selected_action candidates answer seen "
    "version done theme single_keys help"
).split()


# What looking does note, and why: a person sees in the list of his logins which of them is in use.
NOTED = ("tickets_loginsession",)


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """What a view sets going is its own test's matter: here no thread, no model and no worker starts."""
    settings.LLM_BASE_URL = "http://127.0.0.1:9/v1"
    settings.CHROMA_URL = "http://127.0.0.1:9"


@pytest.fixture
def rows_of_that_number(db: None) -> None:
    """Behind each address lies something, so that what is sent along is read and not only the address."""
    ticket = cast.new_ticket(pk=MISSING, text="I was charged twice. Write to ana@mail.example about it.")
    message = Message.objects.create(pk=MISSING, ticket=ticket, kind=Message.Kind.REPLY, author=cast.mira(), text="x")
    file = ContentFile(b"x", "x.txt")
    said = ticket.messages.first()
    Attachment.objects.create(pk=MISSING, message=said, filename="x.txt", content_type="text/plain", size=1, file=file)
    OutgoingMail.objects.create(pk=MISSING, message=message, to="lena@haas.example", subject="x", state="uncertain")
    InboundMail.objects.create(pk=MISSING, identity="x", action="quarantined", raw_path="x", size=1)
    article = Article.objects.create(pk=MISSING, title="Refunds", body_md="Refunds take five days.", language="en")
    publishing.approve(article, sync=False)
    ArticleImage.objects.create(sha256="0" * 64, file=file, content_type="image/png", width=1, height=1, size=1)
    GapTopic.objects.create(pk=MISSING, name="Refunds")
    draft = Draft.objects.create(pk=MISSING, ticket=ticket, message=said, text="Hi <EMAIL_1> [1].")
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


def path_of(name: str) -> str:
    pattern = ADDRESSES[name].pattern
    wanted = {*pattern.converters, *pattern.regex.groupindex}
    return reverse(name, kwargs={key: SAMPLES.get(key, MISSING) for key in wanted})


def outcome(answer: Any, client: Client) -> str:
    """`405`, `login`, `refused`, `fault`, `away` (the admin knows no such row) or `in`."""
    if answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login/"):
        answer = client.get(answer.headers["Location"])
    if answer.status_code == 302 and answer.headers["Location"].startswith("/login/?next="):
        return "login"
    if answer.status_code == 302 and answer.headers["Location"] == "/admin/":
        return "away"
    return {405: "405", 403: "refused"}.get(answer.status_code, "fault" if answer.status_code >= 500 else "in")


def expected(rule: Rule, method: str, who: str) -> set[str]:
    allowed = rule.post if method == "post" else rule.get
    if allowed is None:  # and who may use the other method is told that this one is not there
        told = who in MEMBERS and who in (rule.get or rule.post or ())
        return {"405", "away"} if told else {"405", "login", "refused", "away"}
    head = {"405"} if method == "head" else set()
    if who in allowed:
        return {"in", "away"} | head | ({"login"} if allowed <= STRANGERS else set())
    return {"away", "login" if who in STRANGERS else "refused"} | head


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_each_role_is_let_in_where_the_table_says(name: str) -> None:
    rule, wrong = RULES[name], []
    path = path_of(name) + rule.query
    for who in sorted(ANYBODY):
        client = visitor(who)
        for method in ("get", "head", "post"):
            answer = getattr(client, method)(path)
            if outcome(answer, client) not in expected(rule, method, who):
                wrong.append(f"{who} {method.upper()} {path}: {answer.status_code}")
            assert answer.headers.get("Content-Security-Policy"), path
            if "logout" in name or name == "tickets:sessions_end_others":
                client = visitor(who)
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_no_other_method_is_a_way_in(name: str) -> None:
    """A view that answers to any method answers only who may get or post, and writes nothing."""
    rule, wrong = RULES[name], []
    may = (rule.get or NOBODY) | (rule.post or NOBODY)
    path = path_of(name) + rule.query
    for who in ("anonymous", "mira", "ken", "otto", "ada"):
        client = visitor(who)
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "INVENTED"):
            with CaptureQueriesContext(connection) as queries:
                answer = client.generic(method, path)
            told = outcome(answer, client)
            if told == "fault" or (told == "in" and who not in may and not only_says_how(method, answer)):
                wrong.append(f"{who} {method} {path}: {answer.status_code}")
            wrong += [f"{who} {method} {path}: {sql}" for sql in writes(queries)]
    assert wrong == []


def only_says_how(method: str, answer: Any) -> bool:
    """Django's class-based views tell anybody which methods they know."""
    return method == "OPTIONS" and not answer.content and "Allow" in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.post))
def test_nothing_is_posted_without_a_token(name: str) -> None:
    if name in {"help:keep", "help:read"}:  # signed, or harmless: knowledge/help_center/recording.py
        return
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(cast.ada())
    assert client.post(path_of(name)).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.get))
def test_a_stranger_who_only_looks_writes_nothing(name: str) -> None:
    path = path_of(name)
    assert _writes(lambda: Client().get(path)) == []
    assert _writes(lambda: Client().get(f"{path}?q=refund&article=1&from=search&read=x&helped=yes")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if rule.get and name in ADDRESSES))
def test_whoever_looks_writes_nothing(name: str, rows_of_that_number: None) -> None:
    """Every role, with rows behind the address; what a login notes of itself is named in NOTED."""
    path = path_of(name).replace(f"excerpts/{MISSING}", "excerpts/1") + RULES[name].query
    for who in sorted(RULES[name].get or ()):
        client = visitor(who)
        written = _writes(lambda client=client: client.get(path))  # type: ignore[misc]
        assert [sql for sql in written if not any(table in sql for table in NOTED)] == [], who


def _writes(work: Any) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = work()
    assert answer.status_code < 500, answer
    return writes(queries)


def writes(queries: CaptureQueriesContext) -> list[str]:
    words = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    return [query["sql"][:120] for query in queries if query["sql"].lstrip().upper().startswith(words)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_odd_values_are_refused_and_never_a_fault_of_ours(name: str, rows_of_that_number: None) -> None:
    client = visitor("ada")
    path, faults = path_of(name), []
    for odd in ODD:
        fields = "&".join(f"{field}={odd}" for field in FIELDS)
        form = {"data": fields, "content_type": "application/x-www-form-urlencoded"}
        for place in {path, path.replace(str(MISSING), odd)}:
            answers = [client.get(f"{place}?{fields}")]
            if RULES[name].post and name not in {"logout", "admin:logout"}:
                answers.append(client.post(place, **form))
            faults += [f"{odd} {place}: {answer.status_code}" for answer in answers if answer.status_code >= 500]
        if odd == "%00":
            assert client.get(f"{path}?{fields}").status_code in {400, 404, 405}
    assert faults == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", sorted(ANYBODY))
async def test_each_role_hears_what_the_table_says(who: str) -> None:
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
@pytest.mark.parametrize("path", ["/nowhere/", "/desk/999/", "/login/", "/help/en/", "/admin/", "/static/none.css"])
def test_every_answer_carries_the_policy(path: str) -> None:
    for host in ("testserver", "evil.example"):
        answer = Client(raise_request_exception=False).get(path, HTTP_HOST=host)
        assert answer.headers["Content-Security-Policy"] == POLICY, (host, path)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/admin/tickets/user/1/", "/admin/knowledge/gap/1/", "/admin/nowhere", "/admin/nowhere/"]
)
def test_the_admins_own_ways_out_answer_nothing(path: str) -> None:
    """Addresses without a name (LEADING_ON in tests/url_rules.py): a login, a refusal, the way on, or nothing there."""
    for who in sorted(ANYBODY):
        client = visitor(who)
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = client.generic(method, path)
            assert answer.status_code in {301, 302, 403, 404, 405} or only_says_how(method, answer), (who, method)
