"""The pages on which leads change the rules of escalation, used as a browser without scripts would."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from copilot.escalation.configuration import RULES, current
from copilot.escalation.rules import PRIORITIES, SHIPPED, TRIGGERS, Rules
from copilot.escalation_rules_pages import choices, times
from copilot.escalation_rules_pages.differences import changed, differences
from copilot.escalation_rules_pages.entered import of_rules
from copilot.escalation_rules_pages.form import read
from copilot.models import EscalationRules, Triage
from copilot.triage.signals import SENSITIVE
from tests import cast
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db
Fields = dict[str, list[str]]
HOSTILE = "\"'><script>alert(1)</script>"


class Form(HTMLParser):
    """What a browser would send from the form `escalation-form`; and which fields have a name for everybody."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.checkboxes: dict[str, bool] = {}
        self.named: dict[str, str] = {}
        self.ids: set[str] = set()
        self.pointed: set[str] = set()
        self.inside, self.select = False, ""
        self.first: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        self.pointed |= set(given.get("aria-describedby", "").split())
        self.inside = given.get("id") == "escalation-form" if tag == "form" else self.inside
        name = given.get("name", "")
        if not self.inside or name == "csrfmiddlewaretoken":
            return
        if tag == "label" and "for" in given:
            self.named[given["for"]] = "label"
        if tag == "select" or given.get("type") == "text":
            self.named.setdefault(given.get("id", name), given.get("aria-label", ""))
        if tag == "select":
            self.select, self.first = name, None
        if tag == "option" and self.select:
            self._option(given)
        if tag == "input" and given.get("type") == "checkbox":
            self.checkboxes[given["value"]] = "checked" in given
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.fields.setdefault(name, []).append(given.get("value", ""))

    def _option(self, given: dict[str, str]) -> None:
        if self.first is None:
            self.first = given["value"]
            self.fields[self.select] = [self.first]
        if "selected" in given:
            self.fields[self.select] = [given["value"]]

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def page(client: Client, **query: str) -> Any:
    answer = client.get(reverse("copilot:escalation_rules"), query)
    assert answer.status_code == 200
    return answer


def fields(client: Client, **changes: Any) -> Fields:
    """Of the form; names with "__" for "-", so that they can be keywords."""
    found = Form(page(client).content.decode()).fields
    for name, value in changes.items():
        found[name.replace("__", "-")] = value if isinstance(value, list) else [str(value)]
    return found


def save(client: Client, **changes: Any) -> Any:
    return client.post(reverse("copilot:escalation_rules"), fields(client, **changes))


def use(client: Client, number: int, seen: int | str) -> Any:
    return client.post(reverse("copilot:escalation_use", args=[number]), {"seen": seen})


def urgent(days: int = 3, urgency: int = 5) -> Ticket:
    at = timezone.now() - timedelta(days=days)
    ticket = cast.new_ticket(created_at=at, waiting_since=at)
    tone = {"confidence": 0.9, "sentiment": "neutral", "urgency": urgency}
    Triage.objects.create(message=ticket.messages.get(), category_id="billing", **tone)
    return ticket


@pytest.fixture
def rosa_at(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


@pytest.fixture
def ada_at(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.mark.parametrize(("who", "may"), [("mira", False), ("ken", False), ("otto", False), ("rosa", True)])
def test_only_leads_may_look_or_change(client: Client, who: str, may: bool) -> None:
    client.force_login(getattr(cast, who)())
    statuses = {
        client.get(reverse("copilot:escalation_rules")).status_code == 200,
        client.post(reverse("copilot:escalation_rules")).status_code == 422,
        client.get(reverse("copilot:escalation_version", args=[0])).status_code == 200,
        use(client, 0, 0).status_code == 422,  # the shipped rules are in use
    }
    assert statuses == {may}


@pytest.mark.parametrize("name", ["qa:overview", "copilot:routing"])
def test_leads_find_the_page(rosa_at: Client, name: str) -> None:
    assert f'href="{reverse("copilot:escalation_rules")}"' in rosa_at.get(reverse(name)).content.decode()


class TestTheForm:
    def test_it_holds_the_rules_in_use(self, rosa_at: Client) -> None:
        form = Form(page(rosa_at).content.decode())
        assert form.checkboxes == dict.fromkeys(TRIGGERS, True)
        assert (form.fields["attempts"], form.fields["sure"]) == (["2"], ["50"])
        assert [form.fields[f"reply-{each}"] + form.fields[f"reply-{each}-unit"] for each in PRIORITIES] == [
            ["1", "60"],
            ["4", "60"],
            ["1", "1440"],
            ["2", "1440"],
        ]
        assert form.fields["take-4"] + form.fields["take-4-unit"] == ["15", "1"]
        assert {name for name in form.fields if name.startswith("team-")} == {
            f"team-{each}" for each in (*TRIGGERS, *SENSITIVE)
        }

    def test_every_field_has_a_name_and_every_trigger_a_sentence(self, rosa_at: Client) -> None:
        answer = page(rosa_at)
        form, said = Form(answer.content.decode()), words(answer)
        assert [name for name, label in form.named.items() if not label] == []
        assert form.pointed <= form.ids and {f"trigger-{each}" for each in TRIGGERS} <= form.pointed
        assert "the routing rules send to a person at once" in said and "An agent decides." in said
        assert "Legal threat" in said and "Any other signal" in said and "the agent chooses" in said

    def test_sent_back_untouched_it_changes_nothing(self, rosa_at: Client) -> None:
        answer = save(rosa_at)
        assert answer.status_code == 422 and "Nothing to save. These are the rules in use." in words(answer)
        assert not EscalationRules.objects.exists()

    def test_a_team_with_a_hostile_name(self, rosa_at: Client) -> None:
        team = cast.team(HOSTILE)
        assert save(rosa_at, team__churn=team.pk).status_code == 302
        for answer in (page(rosa_at), rosa_at.get(reverse("copilot:escalation_version", args=[0]))):
            assert b"<script>alert" not in answer.content and HOSTILE in unescape(answer.content.decode())


class TestCounting:
    def test_each_trigger_says_how_many_tickets_have_it(self, rosa_at: Client) -> None:
        urgent()
        urgent(urgency=1)
        urgent(days=31)
        said = words(page(rosa_at))
        assert "Tickets of the last 30 days: 2. Beside each trigger: to how many of them it applies now." in said
        assert "Urgent 1 ticket " in said
        assert "The customer has waited too long 2 tickets" in said and "Our replies did not help 0 tickets" in said

    def test_with_what_was_entered_also_for_triggers_that_do_not_count(self, rosa_at: Client) -> None:
        urgent()
        sent = {"reply__2": "30", "reply__2__unit": "1440", "trigger": ["human"], "change": "count"}
        answer = save(rosa_at, **sent)
        said, form = words(answer), Form(answer.content.decode())
        assert answer.status_code == 200 and "not saved" in said
        assert "Urgent 1 ticket " in said and "The customer has waited too long 0 tickets" in said
        assert form.fields["trigger"] == ["human"] and form.fields["reply-2"] == ["30"]
        assert not EscalationRules.objects.exists()

    def test_with_errors_it_counts_with_the_rules_in_use_and_says_so(self, rosa_at: Client) -> None:
        urgent()
        said = words(save(rosa_at, attempts="x", reply__2="30", reply__2__unit="1440"))
        assert "Tickets of the last 30 days: 1." in said
        assert "Counted with the rules in use, because what you entered has errors." in said
        assert "The customer has waited too long 1 ticket " in said

    def test_it_asks_the_database_as_often_whatever_there_is(self, rosa_at: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page(rosa_at)
            return len(asked)

        page(rosa_at)
        before = queries()
        for number in range(4):
            cast.team(f"Team {number}")
            urgent()
            save(rosa_at, attempts=3 + number)
        assert queries() == before <= 16


class TestSaving:
    def test_every_rule_is_saved_as_a_new_version_and_the_old_one_stays(self, rosa_at: Client, rosa: User) -> None:
        team = cast.team("Trust and safety")
        done = save(
            rosa_at,
            trigger=["unsure", "human"],
            attempts=" 3 ",
            sure="65",
            reply__4="90",
            reply__4__unit="1",
            take__1="2",
            take__1__unit="1440",
            team__legal_threat=team.pk,
            team__human=team.pk,
            team__signal=team.pk,
            note="  Fewer  ",
        )
        assert (done.status_code, done["Location"]) == (302, "/copilot/escalation/?done=saved")
        number, rules = current()
        assert rules == Rules(
            triggers=("human", "unsure"),
            attempts=3,
            sure=0.65,
            reply_within={**SHIPPED.reply_within, 4: 90},
            take_within={**SHIPPED.take_within, 1: 2880},
            teams={"legal_threat": team.pk, "human": team.pk, "signal": team.pk},
        )
        row = EscalationRules.objects.get()
        assert (row.pk, row.note, row.created_by) == (number, "Fewer", rosa)
        said = words(page(rosa_at, done="saved"))
        assert "Saved. These rules apply from now on." in said and f"Escalation rules version {number}" in said
        assert save(rosa_at).status_code == 422
        assert save(rosa_at, attempts=2).status_code == 302
        assert [each.pk for each in EscalationRules.objects.all()] == [number + 1, number]
        assert RULES.numbered(number) == rules

    def test_without_any_trigger(self, rosa_at: Client) -> None:
        assert save(rosa_at, trigger=[]).status_code == 302
        assert current()[1] == replace(SHIPPED, triggers=())
        assert Form(page(rosa_at).content.decode()).checkboxes == dict.fromkeys(TRIGGERS, False)

    def test_teams_of_signals_that_are_no_longer_known_stay(self, rosa_at: Client) -> None:
        RULES.save(replace(SHIPPED, teams={"gone": 3}), 0)
        assert save(rosa_at, attempts=4).status_code == 302
        assert current()[1].teams == {"gone": 3}

    def test_instead_of_a_deleted_team_the_agent_chooses(self, rosa_at: Client) -> None:
        team = cast.team("Short-lived")
        save(rosa_at, team__churn=team.pk)
        team.delete()
        assert fields(rosa_at)["team-churn"] == [""]
        assert save(rosa_at).status_code == 302
        assert current()[1].teams == {}
        said = words(rosa_at.get(reverse("copilot:escalation_version", args=[current()[0] - 1])))
        assert "Team, Wants to leave: the agent chooses → a deleted team" in said

    def test_two_leads_at_the_same_moment(self, rosa_at: Client, ada_at: Client) -> None:
        mine = fields(rosa_at, attempts=3, note="Mine")
        assert save(ada_at, take__3="2").status_code == 302
        answer = rosa_at.post(reverse("copilot:escalation_rules"), mine)
        said, kept = words(answer), Form(answer.content.decode()).fields
        number = current()[0]
        assert answer.status_code == 409 and EscalationRules.objects.count() == 1
        assert f"Not saved: Ada Novak has saved version {number} since you opened the page." in said
        assert "Replies after which the customer wrote again: 2 → 3" in said
        assert "Time to take the ticket, High: 2 hours → 1 hour" in said
        assert (kept["attempts"], kept["note"], kept["seen"]) == (["3"], ["Mine"], [str(number)])
        assert rosa_at.post(reverse("copilot:escalation_rules"), kept).status_code == 302  # now knowing it
        assert current()[1].attempts == 3

    def test_counting_in_between_does_not_hide_it(self, rosa_at: Client, ada_at: Client) -> None:
        mine = fields(rosa_at, attempts=3)
        save(ada_at, attempts=4)
        shown = rosa_at.post(reverse("copilot:escalation_rules"), mine | {"change": ["count"]})
        assert shown.status_code == 200
        again = rosa_at.post(reverse("copilot:escalation_rules"), Form(shown.content.decode()).fields)
        assert again.status_code == 409

    @pytest.mark.parametrize("seen", ["", "x", "-1", "NaN", "9" * 40])
    def test_without_the_number_that_was_seen_nothing_is_saved(self, rosa_at: Client, seen: str) -> None:
        assert save(rosa_at, attempts=3, seen=seen).status_code == 409
        assert not EscalationRules.objects.exists()


TIME = "A whole number, at least 1. The time is at most 30 days."
WRONG: list[tuple[str, Any, str]] = [
    *[("attempts", text, "A whole number from 1 to 9.") for text in ("", "0", "10", "-1", "two", "²", "9" * 400)],
    *[("sure", text, "A whole number from 0 to 100.") for text in ("", "101", "0.5", "NaN")],
    *[("reply__4", text, TIME) for text in ("", "0", "1.5", "-3", "721", "9" * 30)],
    ("take__1", [], TIME),
    ("take__1__unit", "2", "Choose one of the list."),
    ("take__1__unit", [], "Choose one of the list."),
    ("team__churn", "99999", "Choose one of the list."),
    ("team__churn", "x\x07", "Choose one of the list."),
    ("team__unsure", [], "Choose one of the list."),
    ("trigger", ["human", "gone"], "One of the triggers no longer exists."),
    ("note", "x" * 201, "At most 200 characters."),
    ("note", "a\x07b", "One line of text, without control characters."),
]


class TestWhatIsWrong:
    @pytest.mark.parametrize(("name", "value", "said"), WRONG)
    def test_is_said_beside_the_field_and_nothing_is_saved(
        self, rosa_at: Client, name: str, value: Any, said: str
    ) -> None:
        other = "sure" if name == "attempts" else "attempts"
        answer = save(rosa_at, **{name: value, other: "7"})
        assert answer.status_code == 422 and said in words(answer)
        assert "1 field needs a correction. Nothing was saved." in words(answer)
        form = Form(answer.content.decode())
        assert form.fields[other] == ["7"] and form.pointed <= form.ids
        assert name == "trigger" or f"{name.replace('__', '-')}-error" in form.pointed
        assert not EscalationRules.objects.exists()

    def test_what_was_typed_stays(self, rosa_at: Client) -> None:
        answer = save(rosa_at, sure="much", note=HOSTILE, trigger=["waiting"], reply__3="soon", reply__3__unit="1440")
        kept = Form(answer.content.decode()).fields
        assert answer.status_code == 422 and "2 fields need a correction." in words(answer)
        assert (kept["sure"], kept["note"], kept["trigger"]) == (["much"], [HOSTILE], ["waiting"])
        assert kept["reply-3"] + kept["reply-3-unit"] == ["soon", "1440"]
        assert b"<script>alert" not in answer.content

    def test_the_first_wrong_field_gets_the_focus(self, rosa_at: Client) -> None:
        answer = save(rosa_at, note="a\x07", team__churn="99999", sure="x", reply__1__unit="7")
        focused = re.findall(r'<[^>]*name="([^"]+)"[^>]* autofocus>', answer.content.decode())
        assert focused == ["reply-1-unit"] and "4 fields need a correction." in words(answer)
        assert re.findall(r'name="note"[^>]* autofocus>', save(rosa_at, note="a\x07").content.decode())
        assert "autofocus" not in page(rosa_at).text

    def test_a_wrong_choice_is_not_replaced_by_another_one(self, rosa_at: Client) -> None:
        answer = save(rosa_at, team__churn="99999")
        assert Form(answer.content.decode()).fields["team-churn"] == ["-"]

    def test_an_empty_post(self, rosa_at: Client) -> None:
        answer = rosa_at.post(reverse("copilot:escalation_rules"))
        assert answer.status_code == 422 and "fields need a correction" in words(answer)


class TestVersions:
    def test_the_history(self, rosa_at: Client) -> None:
        save(rosa_at, attempts=3, sure=40, note=HOSTILE)
        save(rosa_at, attempts=4, note="More")
        first, second = sorted(each.pk for each in EscalationRules.objects.all())
        answer = page(rosa_at)
        said = words(answer).partition("Versions ")[2]
        assert f"{second}: More" in said and said.index(f"{second}: More") < said.index(f"{first}: ")
        assert re.search(r"Rosa Marchetti 1 in use .* Rosa Marchetti 2 Use again As shipped – – Use again", said)
        assert f'href="{reverse("copilot:escalation_version", args=[first])}"' in answer.text
        assert b"<script>alert" not in answer.content

    def test_one_version_says_in_what_it_differs(self, rosa_at: Client) -> None:
        save(rosa_at, trigger=["human"], sure="90", note="Careful")
        first = current()[0]
        save(rosa_at, trigger=["human", "unsure"], reply__4="90", reply__4__unit="1")
        said = words(rosa_at.get(reverse("copilot:escalation_version", args=[first])))
        assert f"Version {first}" in said and "Rosa Marchetti · Careful" in said and "← Escalation rules" in said
        assert "Trigger, No sure answer: yes → no" in said and "Minimum confidence" not in said
        assert "Time for a reply, Urgent: 90 minutes → 1 hour" in said
        shipped = words(rosa_at.get(reverse("copilot:escalation_version", args=[0])))
        assert "Minimum confidence of a draft: 90% → 50%" in shipped

    def test_use_again_saves_a_new_version(self, rosa_at: Client, rosa: User) -> None:
        save(rosa_at, attempts=3)
        save(rosa_at, attempts=4)
        second, first = (each.pk for each in EscalationRules.objects.all())
        assert use(rosa_at, first, second)["Location"] == "/copilot/escalation/?done=used"
        row = EscalationRules.objects.first()
        assert row is not None and (row.note, row.created_by) == (f"Back to version {first}", rosa)
        assert current() == (row.pk, RULES.numbered(first)) and row.pk > second
        assert "In use again, as a new version." in words(page(rosa_at, done="used"))

    def test_use_the_shipped_rules(self, rosa_at: Client) -> None:
        save(rosa_at, attempts=3)
        assert use(rosa_at, 0, current()[0]).status_code == 302
        assert current()[1] == SHIPPED and current()[0] != 0
        assert "Back to the shipped rules" in words(page(rosa_at, done="used"))

    def test_somebody_else_was_faster(self, rosa_at: Client, ada_at: Client) -> None:
        save(rosa_at, attempts=3)
        seen = current()[0]
        save(ada_at, attempts=4)
        for given in (seen, "", "x"):
            answer = use(rosa_at, seen, given)
            assert answer.status_code == 409 and "somebody has saved other rules" in words(answer)
        assert EscalationRules.objects.count() == 2

    def test_the_rules_in_use_are_not_saved_again(self, rosa_at: Client) -> None:
        answer = use(rosa_at, 0, 0)
        assert answer.status_code == 422 and "Nothing to save." in words(answer)
        assert not EscalationRules.objects.exists()

    @pytest.mark.parametrize("number", [987, 10**30])
    def test_no_such_version(self, rosa_at: Client, number: int) -> None:
        assert rosa_at.get(reverse("copilot:escalation_version", args=[number])).status_code == 404
        assert use(rosa_at, number, 0).status_code == 404

    def test_one_that_cannot_be_read(self, rosa_at: Client) -> None:
        row = EscalationRules.objects.create(rules={"attempts": 4}, place=1, note="From the future")
        said = words(page(rosa_at))
        assert "The newest version cannot be read" in said and "cannot be read" in said.partition("Versions")[2]
        assert rosa_at.get(reverse("copilot:escalation_version", args=[row.pk])).status_code == 404
        assert save(rosa_at, attempts=3).status_code == 302


class TestDifferences:
    def test_what_rules_hold_is_what_the_form_holds(self) -> None:
        found = choices.load()
        assert read(of_rules(SHIPPED, found), found, SHIPPED).rules == SHIPPED
        assert changed(SHIPPED, SHIPPED) == []

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_every_kind_of_value_has_words(self, language: str) -> None:
        other = Rules(
            triggers=(),
            attempts=3,
            sure=0.1,
            reply_within=dict.fromkeys(PRIORITIES, 7),
            take_within=dict.fromkeys(PRIORITIES, 7),
            teams=dict.fromkeys([*choices.SUBJECTS, "gone"], 99999),
        )
        with translation.override(language):
            found = differences(SHIPPED, other, choices.load()) + differences(other, SHIPPED, choices.load())
        assert len(found) == 2 * len(changed(SHIPPED, other)) == 2 * (6 + 1 + 4 + 1 + 4 + 13)
        assert all(each.place and each.was and each.now and "%(" not in each.place for each in found)

    @pytest.mark.parametrize(
        ("minutes", "number", "unit", "said"),
        [(1, "1", "1", "1 minute"), (90, "90", "1", "90 minutes"), (240, "4", "60", "4 hours")]
        + [(1440, "1", "1440", "1 day"), (43200, "30", "1440", "30 days")],
    )
    def test_times(self, minutes: int, number: str, unit: str, said: str) -> None:
        assert times.split(minutes) == (number, unit) and times.minutes(number, unit) == minutes
        assert times.words(minutes) == said
