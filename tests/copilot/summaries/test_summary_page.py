"""The panel in the context pane, which ticket pages have it, and what becomes of a stream whose page is closed."""

import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.web.body_limits import BoundedBodies
from copilot import llm
from copilot.llm.health import Health
from copilot.models import MaskedValue, ThreadSummary
from copilot.summaries import keeping, quoted
from copilot.summaries import thread as threads
from copilot.summaries.quoted import Line
from tests.copilot.summaries.conftest import ASKED, FAILED, TRIED, say
from tests.fakes import FakeModel
from tickets.models import OutgoingMail, Ticket, User

pytestmark = pytest.mark.django_db
Panel = Callable[[], str]


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture
def panel(desk: Client, conversation: Ticket) -> Panel:
    def get() -> str:
        answer = desk.get(reverse("copilot:summary", args=[conversation.pk]))
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    return get


def kept(ticket: Ticket, *lines: Line) -> ThreadSummary:
    row = keeping.begin(ticket, threads.read(ticket))
    keeping.finish(row, lines)
    return row


class TestThePanel:
    def test_quotes_stand_under_the_words_of_an_escalation_and_lead_to_their_messages(
        self, panel: Panel, conversation: Ticket
    ) -> None:
        page = panel()
        first, reply, last = conversation.messages.all()
        for place, label, text in (
            (first, "What the customer asks", "I was charged twice in March."),
            (reply, "What we tried", "One of the two is only reserved. It disappears within 5 days."),
            (last, "The customer after our reply", "both are still there after 12 days."),
        ):
            link = f'<a href="#message-{place.pk}" data-messages="{place.pk}" dir="auto">'
            link += f"<span data-text>{text}</span></a></li>"
            assert label in page and link in page
        assert "Quoted from the messages." in page and "hidden" not in page
        assert f'data-stream="{reverse("copilot:summary_stream", args=[conversation.pk])}"' in page

    def test_what_is_kept_is_not_made_again_and_says_what_a_model_wrote(
        self, panel: Panel, conversation: Ticket
    ) -> None:
        first, _, last = conversation.messages.all()
        kept(
            conversation,
            Line(ASKED, "Charged twice, <NAME> wants one back", (first.pk, last.pk), True),
            Line(FAILED, "both are still there", (last.pk,), False),
        )
        page = panel()
        text = "<span data-text>Charged twice, Tomas wants one back</span>"
        assert f'data-messages="{first.pk} {last.pk}" dir="auto">{text}' in page
        # In the name of the link, so that a screen reader says it. One is the script's blank.
        assert page.count('</span> <span class="summary-ai">written by AI</span></a></li>') == 2
        assert '<p class="summary-state" role="status"' in page
        assert "Written by AI where the messages support it, otherwise quoted." in page
        assert "data-stream" not in page and '<div data-about="tried" hidden>' in page

    def test_another_message_brings_back_quotes(self, panel: Panel, conversation: Ticket) -> None:
        kept(conversation, Line(TRIED, "Told him to wait", (conversation.messages.earliest("pk").pk,), True))
        say(conversation, "customer", "Now there are three of them.")
        page = panel()
        assert "Told him to wait" not in page and "Now there are three of them." in page and "data-stream" in page

    def test_also_one_that_sorts_before_the_newest(self, panel: Panel, conversation: Ticket) -> None:
        kept(conversation, Line(TRIED, "Told him to wait", (conversation.messages.earliest("pk").pk,), True))
        assert "Told him to wait" in panel()
        early = say(conversation, "customer", "There are three of them by now.")
        conversation.messages.filter(pk=early.pk).update(created_at=conversation.created_at - timedelta(days=1))
        page = panel()
        assert "Told him to wait" not in page and "data-stream" in page

    def test_nothing_is_stored(self, panel: Panel, conversation: Ticket) -> None:
        """Not even what it masks on the way."""
        say(conversation, "customer", "Write to lea.brandt@firma.example, the bank says no.")
        with CaptureQueriesContext(connection) as asked:
            assert "lea.brandt@firma.example, the bank says no." in panel()
        assert not MaskedValue.objects.exists() and not ThreadSummary.objects.exists()
        assert not [each["sql"] for each in asked if not each["sql"].startswith("SELECT")]

    @pytest.mark.parametrize("given", [(), ("Thank you!", "OK", "Thanks a lot!", "Thank you, Mira.")])
    def test_where_nothing_can_be_quoted_no_model_is_asked(
        self, panel: Panel, conversation: Ticket, given: tuple[str, ...]
    ) -> None:
        conversation.messages.all().delete()
        Ticket.objects.update(subject="")
        for text in given:
            say(conversation, "customer", text)
        page = panel()
        assert "Nothing to sum up yet." in page and "data-stream" not in page and "Quoted" not in page

    def test_what_customers_write_is_escaped(self, desk: Client, conversation: Ticket) -> None:
        say(conversation, "customer", "The page says <script>alert(1)</script> and stays broken.")
        page = desk.get(reverse("copilot:summary", args=[conversation.pk])).content.decode()
        assert "&lt;script&gt;" in page and "<script" not in page

    def test_as_many_queries_for_many_messages_as_for_few(
        self, panel: Panel, conversation: Ticket, django_assert_max_num_queries: Any
    ) -> None:
        counts = []
        for messages in (2, 20):
            for number in range(messages):
                kind = "customer" if number % 2 else "reply"
                say(conversation, kind, f"Charge {number} is on bo{number}@mail.example.")
            with django_assert_max_num_queries(8) as without:
                panel()
            kept(conversation, *quoted.lines(threads.read(conversation)))
            with django_assert_max_num_queries(7) as found:
                panel()
            counts.append((len(without), len(found)))
        assert counts[0] == counts[1]


class TestTheTicketPage:
    def test_it_is_for_long_conversations(self, desk: Client, ticket: Ticket) -> None:
        address = f"/copilot/tickets/{ticket.pk}/summary"
        for number in range(3):
            assert address not in desk.get(reverse("tickets:pane", args=[ticket.pk])).content.decode()
            say(ticket, "note", f"Called the bank {number}.")
        for name in ("tickets:pane", "tickets:ticket"):
            assert address in desk.get(reverse(name, args=[ticket.pk])).content.decode()

    def test_an_undone_reply_does_not_count_for_the_summary(self, panel: Panel, conversation: Ticket) -> None:
        say(conversation, "reply", "Please restart the app.", state=OutgoingMail.State.UNDONE)
        assert "restart the app" not in panel()


# --- a page that is closed ----------------------------------------------------------------------------------


@pytest.fixture
def asked(desk: Client, conversation: Ticket) -> dict[str, Any]:
    """What the page posts, as the web server gives it to Django."""
    token = _get_new_csrf_string()
    headers = {
        "host": "127.0.0.1",
        "cookie": f"sessionid={desk.cookies['sessionid'].value}; csrftoken={token}",
        "x-csrftoken": token,
        "content-type": "application/x-www-form-urlencoded",
    }
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": reverse("copilot:summary_stream", args=[conversation.pk]),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("127.0.0.1", 8000),
    }


@pytest.mark.django_db(transaction=True)
class TestClosing:
    async def test_a_closed_page_stops_the_model_and_gives_the_summary_up(
        self, conversation: Ticket, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = FakeModel(answer="FAILED: both are still there after 12 days. [3]\nASKED: Charged [1]", pause_after=10)
        monkeypatch.setattr(llm, "health", lambda timeout=0: Health("ready", "Model ready"))
        monkeypatch.setattr(llm, "HttpModel", lambda: model)
        page = ApplicationCommunicator(BoundedBodies(ASGIHandler()), asked)
        await page.send_input({"type": "http.request", "body": b""})
        start = await page.receive_output(20)
        assert start["status"] == 200, start
        line = json.loads((await page.receive_output(20))["body"])
        assert line["about"] == "failed" and line["written"] is False
        assert line["messages"] == [(await conversation.messages.alast()).pk]  # type: ignore[union-attr]
        await model.paused.wait()
        await page.send_input({"type": "http.disconnect"})
        await page.wait(20)
        row = await ThreadSummary.objects.aget()
        assert (row.failed_at is not None, row.finished_at, row.lines, model.closed) == (True, None, [], True)
