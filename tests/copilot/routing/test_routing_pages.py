"""The pages on which leads change the routing rules, used as a browser without scripts would."""

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from copilot import rule_versions
from copilot.models import Route, RoutingRules, Triage
from copilot.redaction import values
from copilot.routing import configuration
from copilot.routing.rules import NEVER, OTHERS, ROWS, SHIPPED, Rules, TeamRule
from copilot.routing_pages import choices
from copilot.routing_pages.differences import changed, differences
from copilot.routing_pages.entered import MOST_TEAMS, of_post, of_rules
from copilot.routing_pages.form import read
from copilot.triage.signals import REQUESTS
from tests import cast
from tickets.models import Category, Ticket, User

pytestmark = pytest.mark.django_db
Fields = dict[str, list[str]]
HOSTILE = "\"'><script>alert(1)</script>"
NOW, WITH_DRAFT, ALONE = Route.Handling.HUMAN_NOW, Route.Handling.AI_AND_HUMAN, Route.Handling.AI_ONLY


class Form(HTMLParser):
    """What a browser would send from the form `routing-form`; and the accessible name of each field."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.names: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.inside, self.select, self.label = False, "", ""
        self.first: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inside = given.get("id") == "routing-form" if tag == "form" else self.inside
        name = given.get("name", "")
        if not self.inside or name == "csrfmiddlewaretoken":
            return
        if tag == "label":
            self.label = given.get("for", "")
        if tag == "select":
            self.select, self.first = name, None
            self.names.setdefault(name, given.get("aria-label", ""))
        if tag == "option" and self.select:
            self._option(given)
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.fields.setdefault(name, []).append(given.get("value", ""))
            self.names.setdefault(name, given.get("aria-label", ""))

    def _option(self, given: dict[str, str]) -> None:
        if self.first is None:
            self.first = given["value"]
            self.fields.setdefault(self.select, []).append(self.first)
        if "selected" in given:
            self.fields[self.select][-1] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def page(client: Client, **query: str) -> Any:
    answer = client.get(reverse("copilot:routing"), query)
    assert answer.status_code == 200
    return answer


def fields(client: Client, **changes: Any) -> Fields:
    """Of the form; names with "__" for "-", so that they can be keywords, and "any" for "*"."""
    found = Form(page(client).content.decode()).fields
    for name, value in changes.items():
        place = name.replace("__", "-")
        found[re.sub("-any$", "-*", place)] = value if isinstance(value, list) else [str(value)]
    return found


def save(client: Client, **changes: Any) -> Any:
    return client.post(reverse("copilot:routing"), fields(client, **changes))


def preview(client: Client, **changes: Any) -> Any:
    answer = client.post(reverse("copilot:routing_preview"), fields(client, **changes))
    assert answer.status_code == 200
    return answer


def use(client: Client, number: int, seen: int | str) -> Any:
    return client.post(reverse("copilot:routing_use", args=[number]), {"seen": seen})


def classified(category: str = "billing", days: int = 3, subject: str = "Charged twice", **fields: Any) -> Ticket:
    at = timezone.now() - timedelta(days=days)
    ticket = cast.new_ticket(category_id=category, created_at=at, subject=subject)
    tone = {"confidence": 0.9, "sentiment": "neutral", "urgency": 3}
    Triage.objects.create(message=ticket.messages.get(), category_id=category, **{**tone, **fields})
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
        client.get(reverse("copilot:routing")).status_code == 200,
        client.post(reverse("copilot:routing_preview")).status_code == 200,
        client.get(reverse("copilot:routing_version", args=[0])).status_code == 200,
        use(client, 0, 0).status_code == 422,  # the shipped rules are in use
    }
    assert statuses == {may}
    assert client.get(reverse("copilot:routing")).status_code == (200 if may else 403)


@pytest.mark.parametrize("name", ["qa:overview", "qa:triage", "copilot:texts"])
def test_leads_find_the_page(rosa_at: Client, name: str) -> None:
    said = rosa_at.get(reverse(name)).content.decode()
    assert said.count(f'href="{reverse("copilot:routing")}"') == 2  # in the head, and in the menu of every page


class TestTheForm:
    def test_the_matrix_is_a_matrix(self, rosa_at: Client) -> None:
        form = Form(page(rosa_at).content.decode())
        for row in ROWS:
            for column in (*Category.objects.values_list("slug", flat=True), OTHERS):
                stored = SHIPPED.matrix[row].get(column, "")
                assert form.fields[f"matrix-{row}-{column}"] == [stored]
        assert form.names["matrix-negative-billing"] == "Billing, negative, or urgency 4"
        assert form.names["matrix-urgent-*"] == "Other categories, urgent, or urgency 5"
        inside = [name for name in form.fields if name.startswith("matrix-")]
        assert inside == [f"matrix-{row}-{column}" for row in ROWS for column in choices.load().columns]

    def test_every_rule_says_what_it_does_and_every_list_has_a_name(self, rosa_at: Client) -> None:
        answer = page(rosa_at)
        said, form = words(answer), Form(answer.content.decode())
        assert [said.find(f"{number} {head}") > 0 for number, head in HEADS] == [True] * 7
        assert [name for name, label in form.names.items() if not label and name in choices.load().fields()] == []
        assert "Nothing is sent automatically. “Copilot alone” says what the copilot could be allowed" in said
        assert "With “Person now” there is never a draft" in said and "keeps its team" in said

    def test_sent_back_untouched_it_changes_nothing(self, rosa_at: Client) -> None:
        answer = save(rosa_at)
        assert answer.status_code == 422 and "Nothing to save. These are the rules in use." in words(answer)
        assert not RoutingRules.objects.exists()

    def test_a_category_that_an_admin_adds_is_a_column(self, rosa_at: Client) -> None:
        Category.objects.create(slug="shipping", name="Shipping & <b>returns</b>", position=1)
        answer = page(rosa_at)
        assert Form(answer.content.decode()).fields["matrix-urgent-shipping"] == [""]
        assert b"Shipping &amp; &lt;b&gt;returns&lt;/b&gt;" in answer.content and b"<b>returns" not in answer.content
        assert save(rosa_at, matrix__urgent__shipping=WITH_DRAFT).status_code == 302
        assert configuration.current()[1].cell("urgent", "shipping") == WITH_DRAFT

    def test_rules_of_an_inactive_category_stay(self, rosa_at: Client) -> None:
        given = {"matrix__urgent__complaint": ALONE, "sure__complaint": "90", "may__complaint": "policy"}
        save(rosa_at, **given, always="complaint")
        Category.objects.filter(slug="complaint").update(active=False)
        assert "matrix-urgent-complaint" not in fields(rosa_at)
        assert save(rosa_at, urgency="3").status_code == 302
        rules = configuration.current()[1]
        assert (rules.matrix["urgent"]["complaint"], rules.thresholds["complaint"], rules.may["complaint"]) == (
            ALONE,
            0.9,
            "policy",
        )
        assert rules.categories == ("complaint",) and rules.urgency == 3

    def test_it_asks_the_database_as_often_whatever_there_is(self, rosa_at: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page(rosa_at)
            return len(asked)

        page(rosa_at)
        before = queries()
        for number in range(4):
            Category.objects.create(slug=f"c-{number}", name=f"Category {number}")
            cast.team(f"Team {number}")
            classified(f"c-{number}")
            save(rosa_at, urgency=str(1 + number % 2))
        assert queries() == before <= 12


HEADS = (
    (1, "Sensitive signals and categories"),
    (2, "Customer tier"),
    (3, "Urgency"),
    (4, "Confidence"),
    (5, "Sentiment, urgency and category"),
    (6, "What the copilot may prepare"),
    (7, "Teams"),
)


class TestSaving:
    def test_every_rule_is_saved_as_a_new_version_and_the_old_one_stays(self, rosa_at: Client, rosa: User) -> None:
        team = cast.team("Billing desk")
        done = save(
            rosa_at,
            signal__churn="",
            signal__refund=NOW,
            always=["billing", "complaint"],
            tier__paid=WITH_DRAFT,
            urgency=NEVER,
            sure__billing="85",
            sure__any="60",
            matrix__negative__billing=NOW,
            matrix__neutral__technical="",
            may__technical="own_words",
            may__billing="",
            may__refund="nothing",
            team_category=["billing", "", ""],
            team_language=["DE ", "", "fr"],
            team=[team.pk, "", ""],
            note="  Billing complaints  ",
        )
        assert (done.status_code, done["Location"]) == (302, "/copilot/routing/?done=saved")
        number, rules = configuration.current()
        assert "churn" not in rules.signals and rules.signals["refund"] == NOW
        assert (rules.categories, rules.tiers["paid"], rules.urgency) == (("billing", "complaint"), WITH_DRAFT, NEVER)
        assert rules.thresholds == {"billing": 0.85, OTHERS: 0.6}
        assert rules.matrix["negative"]["billing"] == NOW and "technical" not in rules.matrix["neutral"]
        assert rules.may == {OTHERS: "draft", "technical": "own_words", "refund": "nothing", "access": "nothing"}
        assert rules.teams == (TeamRule("billing", "de", team.pk),)
        row = RoutingRules.objects.get()
        assert (row.pk, row.note, row.created_by) == (number, "Billing complaints", rosa)
        said = words(page(rosa_at, done="saved"))
        assert "Saved. New messages are routed by these rules" in said and f"Routing rules version {number}" in said
        assert save(rosa_at, urgency=4).status_code == 302
        assert [each.pk for each in RoutingRules.objects.all()] == [number + 1, number]
        assert configuration.RULES.numbered(number) == rules

    def test_what_was_saved_comes_back_as_it_was(self, rosa_at: Client) -> None:
        save(
            rosa_at, sure__billing="0", sure__technical="100", team=[cast.team().pk], team_category="", team_language=""
        )
        assert save(rosa_at).status_code == 422
        sent = fields(rosa_at)
        assert (sent["sure-billing"], sent["sure-technical"], sent["sure-account"]) == (["0"], ["100"], [""])

    def test_two_leads_at_the_same_moment(self, rosa_at: Client, ada_at: Client) -> None:
        mine = fields(rosa_at, tier__paid=NOW, note="Mine")
        assert save(ada_at, matrix__negative__billing=NOW).status_code == 302
        answer = rosa_at.post(reverse("copilot:routing"), mine)
        said, kept = words(answer), Form(answer.content.decode()).fields
        number = configuration.current()[0]
        assert answer.status_code == 409 and RoutingRules.objects.count() == 1
        assert f"Not saved: Ada Novak has saved version {number} since you opened the page." in said
        assert "Customer tier, Paid: no effect → Person now" in said
        assert "Matrix, Billing, “negative, or urgency 4”: Person now → Person with draft" in said
        assert (kept["tier-paid"], kept["note"], kept["seen"]) == ([NOW], ["Mine"], [str(number)])
        assert rosa_at.post(reverse("copilot:routing"), kept).status_code == 302  # now knowing it
        assert configuration.current()[1].cell("negative", "billing") == WITH_DRAFT

    def test_a_preview_in_between_does_not_hide_it(self, rosa_at: Client, ada_at: Client) -> None:
        mine = fields(rosa_at, tier__paid=NOW)
        save(ada_at, urgency=2)
        shown = rosa_at.post(reverse("copilot:routing"), mine | {"change": ["preview"]})
        assert shown.status_code == 200
        assert rosa_at.post(reverse("copilot:routing"), Form(shown.content.decode()).fields).status_code == 409

    @pytest.mark.parametrize("seen", ["", "x", "-1", "NaN", "9" * 40])
    def test_without_the_number_that_was_seen_nothing_is_saved(self, rosa_at: Client, seen: str) -> None:
        assert save(rosa_at, urgency=2, seen=seen).status_code == 409
        assert not RoutingRules.objects.exists()


WRONG: list[tuple[str, Any, str]] = [
    *[("sure__billing", text, "A whole number from 0 to 100.") for text in ("101", "-1", "NaN", "0.7", "²", "9" * 400)],
    ("sure__any", "", "A whole number from 0 to 100."),
    ("urgency", "7", "Choose one of the list."),
    ("urgency", "", "Choose one of the list."),
    ("signal__churn", ALONE, "Choose one of the list."),
    ("tier__free", "x\x07", "Choose one of the list."),
    ("matrix__urgent__any", "", "Choose one of the list."),
    ("matrix__urgent__billing", "auto", "Choose one of the list."),
    ("matrix__urgent__billing", [], "Choose one of the list."),
    ("may__any", "", "Choose one of the list."),
    ("may__refund", "", "Choose one of the list."),
    ("always", ["gone"], "One of the categories no longer exists"),
    ("note", "x" * 201, "At most 200 characters."),
    ("note", "a\x07b", "One line of text, without control characters."),
]


class TestWhatIsWrong:
    @pytest.mark.parametrize(("name", "value", "said"), WRONG)
    def test_is_said_beside_the_field_and_nothing_is_saved(
        self, rosa_at: Client, name: str, value: Any, said: str
    ) -> None:
        answer = save(rosa_at, **{name: value, "tier__paid": NOW})
        assert answer.status_code == 422 and said in words(answer)
        assert "1 field needs a correction. Nothing was saved." in words(answer)
        assert Form(answer.content.decode()).fields["tier-paid"] == [NOW]
        assert not RoutingRules.objects.exists()

    def test_what_was_typed_stays(self, rosa_at: Client) -> None:
        typed = {"sure__billing": "much", "note": HOSTILE, "team_language": ["Deutsch"], "team_category": ["billing"]}
        answer = save(rosa_at, **typed, team=[str(cast.team().pk)])
        kept = Form(answer.content.decode()).fields
        assert answer.status_code == 422 and "2 fields need a correction." in words(answer)
        assert (kept["sure-billing"], kept["note"]) == (["much"], [HOSTILE])
        assert (kept["team_language"][0], kept["team_category"][0]) == ("Deutsch", "billing")
        assert b"<script>alert" not in answer.content
        assert "A language is a code such as “de”; leave it empty for any." in words(answer)

    def test_a_wrong_choice_is_not_replaced_by_another_one(self, rosa_at: Client) -> None:
        answer = save(rosa_at, matrix__urgent__any="x")
        assert Form(answer.content.decode()).fields["matrix-urgent-*"] == ["-"]

    def test_a_double_row_of_teams(self, rosa_at: Client) -> None:
        team = cast.team().pk
        rows = {"team_category": ["", "billing", ""], "team_language": ["de", "de", "DE"]}
        answer = save(rosa_at, **rows, team=[team, team, team])
        assert answer.status_code == 422
        assert '<span class="error" id="team-2-error">There is a row for this category and language' in answer.text

    @pytest.mark.parametrize(
        ("category", "language", "team"),
        [("gone", "", "1"), ("", "deutschland", "1"), ("", "d\x07", "1"), ("", "", "99999"), ("", "", "9" * 30)],
    )
    def test_a_wrong_row_of_teams(self, rosa_at: Client, category: str, language: str, team: str) -> None:
        team = str(cast.team().pk) if team == "1" else team
        answer = save(rosa_at, team_category=[category], team_language=[language], team=[team])
        assert answer.status_code == 422 and 'id="team-0-error"' in answer.text

    def test_rows_that_are_not_whole_and_too_many(self, rosa_at: Client) -> None:
        assert "did not arrive whole" in words(save(rosa_at, team=[], urgency=2))
        many = ["x"] * (MOST_TEAMS + 5)
        assert "At most 200 rows." in words(save(rosa_at, team_category=many, team_language=many, team=many))

    def test_an_empty_post(self, rosa_at: Client) -> None:
        answer = rosa_at.post(reverse("copilot:routing"))
        assert answer.status_code == 422 and "fields need a correction" in words(answer)

    def test_a_category_added_meanwhile_has_to_be_chosen(self, rosa_at: Client) -> None:
        sent = fields(rosa_at, urgency=2)
        Category.objects.create(slug="shipping", name="Shipping")
        answer = rosa_at.post(reverse("copilot:routing"), sent)
        assert answer.status_code == 422 and "5 fields need a correction." in words(answer)


class TestTeams:
    def test_the_button_adds_a_row_and_keeps_the_rest(self, rosa_at: Client) -> None:
        before = fields(rosa_at, urgency=2, team=["", str(cast.team().pk), ""], change="rows")
        answer = rosa_at.post(reverse("copilot:routing"), before)
        kept = Form(answer.content.decode()).fields
        assert answer.status_code == 200 and len(kept["team"]) == 2 + 3 + 1
        assert (kept["urgency"], kept["team"][1]) == (["2"], str(cast.team().pk))

    def test_a_deleted_team_is_dropped(self, rosa_at: Client) -> None:
        team = cast.team("Short-lived")
        save(rosa_at, team_category=["billing"], team_language=[""], team=[team.pk])
        team.delete()
        assert "Without a team this row is not saved." in words(page(rosa_at))
        assert save(rosa_at).status_code == 302
        assert configuration.current()[1].teams == ()


class TestVersions:
    def test_the_history(self, rosa_at: Client) -> None:
        save(rosa_at, urgency=2, tier__paid=NOW, note=HOSTILE)
        save(rosa_at, urgency=3, note="Less")
        first, second = sorted(each.pk for each in RoutingRules.objects.all())
        answer = page(rosa_at)
        said = words(answer).partition("Versions ")[2]
        assert f"{second}: Less" in said and said.index(f"{second}: Less") < said.index(f"{first}: ")
        assert re.search(r"Rosa Marchetti 1 in use .* Rosa Marchetti 2 Use again As shipped – – Use again", said)
        assert b"<script>alert" not in answer.content

    def test_one_version_says_in_what_it_differs(self, rosa_at: Client) -> None:
        save(rosa_at, matrix__negative__billing=NOW, always="complaint", sure__billing="90", note="Careful")
        first = configuration.current()[0]
        save(rosa_at, urgency=NEVER, may__any="nothing")
        said = words(rosa_at.get(reverse("copilot:routing_version", args=[first])))
        assert f"Version {first}" in said and "Rosa Marchetti · Careful" in said
        assert "Urgency from which a person answers: never → 4" in said
        assert "What the copilot may prepare, Other categories: No draft → Draft" in said
        shipped = words(rosa_at.get(reverse("copilot:routing_version", args=[0])))
        assert "Matrix, Billing, “negative, or urgency 4”: Person now → Person with draft" in shipped
        assert (
            "Always to a person, Complaint: yes → no" in shipped and "Confidence, Billing: 90% → as others" in shipped
        )

    def test_use_again_saves_a_new_version(self, rosa_at: Client, rosa: User) -> None:
        save(rosa_at, urgency=2)
        save(rosa_at, urgency=3)
        second, first = (each.pk for each in RoutingRules.objects.all())
        assert use(rosa_at, first, second)["Location"] == "/copilot/routing/?done=used"
        row = RoutingRules.objects.first()
        assert row is not None and (row.note, row.created_by) == (f"Back to version {first}", rosa)
        assert configuration.current() == (row.pk, configuration.RULES.numbered(first)) and row.pk > second
        with translation.override("en"):
            assert rule_versions.note_of(row) == f"Back to version {first}"

    def test_use_the_shipped_rules(self, rosa_at: Client) -> None:
        save(rosa_at, urgency=2)
        assert use(rosa_at, 0, configuration.current()[0]).status_code == 302
        assert configuration.current()[1] == SHIPPED and configuration.current()[0] != 0
        assert "Back to the shipped rules" in words(page(rosa_at, done="used"))

    def test_somebody_else_was_faster(self, rosa_at: Client, ada_at: Client) -> None:
        save(rosa_at, urgency=2)
        seen = configuration.current()[0]
        save(ada_at, urgency=3)
        for given in (seen, "", "x"):
            answer = use(rosa_at, seen, given)
            assert answer.status_code == 409 and "somebody has saved other rules" in words(answer)
        assert RoutingRules.objects.count() == 2

    def test_the_rules_in_use_are_not_saved_again(self, rosa_at: Client) -> None:
        answer = use(rosa_at, 0, 0)
        assert answer.status_code == 422 and "Nothing to save." in words(answer)
        assert not RoutingRules.objects.exists()

    @pytest.mark.parametrize("number", [987, 10**30])
    def test_no_such_version(self, rosa_at: Client, number: int) -> None:
        assert rosa_at.get(reverse("copilot:routing_version", args=[number])).status_code == 404
        assert use(rosa_at, number, 0).status_code == 404

    def test_one_that_cannot_be_read(self, rosa_at: Client) -> None:
        row = RoutingRules.objects.create(rules={"urgency": 4}, place=1, note="From the future")
        said = words(page(rosa_at))
        assert "The newest version cannot be read" in said and "cannot be read" in said.partition("Versions")[2]
        assert rosa_at.get(reverse("copilot:routing_version", args=[row.pk])).status_code == 404
        assert save(rosa_at, urgency=2).status_code == 302


class TestThePreview:
    def test_before_any_change_it_counts_what_is(self, rosa_at: Client) -> None:
        for _number in range(2):
            classified()
        classified(urgency=5)
        said = words(page(rosa_at))
        assert "0 changes. 3 tickets of the last 30 days, with the rules in use:" in said
        assert "Copilot alone 2 Person with draft 0 Person now 1" in said

    def test_counts_and_links_of_what_would_have_moved(self, rosa_at: Client) -> None:
        billing = [classified(subject=HOSTILE), classified()]
        classified("technical")
        answer = preview(rosa_at, matrix__neutral__billing=NOW)
        said = words(answer)
        assert "This change would have moved 2 of 3 tickets of the last 30 days." in said
        assert "Copilot alone 3 1 Person with draft 0 0 Person now 0 2" in said
        assert "Copilot alone → Person now 2" in said
        assert "Rule 5: the matrix, Billing and neutral, urgency 3" in said
        links = re.findall(r'href="(/desk/[^"]+)"', answer.text)
        assert links == [reverse("tickets:ticket", args=[each.pk]) for each in reversed(billing)]
        assert "<script>alert" not in answer.text and 'id="routing-said" hx-swap-oob' in answer.text
        assert not RoutingRules.objects.exists()

    def test_words_have_their_real_values(self, rosa_at: Client) -> None:
        ticket = classified(signals=[["churn", "<NAME> leaves, says <PERSON_1>"]])
        values.add(ticket.pk, {"PERSON_1": "Ana Lima"})
        said = words(preview(rosa_at, signal__churn=NOW))
        assert "Rule 1: the sensitive signal “Wants to leave”: “Tomas leaves, says Ana Lima”" in said

    def test_another_draft_and_another_team(self, rosa_at: Client) -> None:
        classified("technical")
        team = {"team_category": ["technical"], "team_language": [""], "team": [cast.team("Experts").pk]}
        said = words(preview(rosa_at, **team))
        assert "Same handling and draft, another team 1" in said and "no team → Experts" in said
        said = words(preview(rosa_at, may__technical="nothing"))
        assert "Same handling, another kind of draft 1" in said and "Technical: the copilot writes no draft." in said

    def test_a_change_without_effect(self, rosa_at: Client) -> None:
        classified()
        said = words(preview(rosa_at, tier__free=NOW))
        assert "would have moved 0 of 1 ticket" in said and "would have been handled as they were" in said

    def test_the_period_and_tickets_that_are_not_classified(self, rosa_at: Client) -> None:
        classified(days=3)
        classified(days=20)
        cast.new_ticket()
        assert "2 tickets of the last 30 days" in words(page(rosa_at))
        said = words(preview(rosa_at, days=7))
        assert "1 ticket of the last 7 days" in said
        assert "1 of the 2 tickets of this time is not classified and does not count here." in said
        assert "2 tickets of the last 30 days" in words(preview(rosa_at, days="1" * 30))

    def test_nothing_classified_yet(self, rosa_at: Client) -> None:
        assert "No ticket has arrived in this time." in words(page(rosa_at))
        cast.new_ticket()
        said = words(preview(rosa_at, urgency=2))
        assert "No ticket of the last 30 days has been classified." in said and "1 ticket has arrived" in said

    def test_with_wrong_input_it_says_so_and_moves_nothing(self, rosa_at: Client) -> None:
        classified()
        said = words(preview(rosa_at, sure__any="NaN", urgency=1))
        assert "1 field needs a correction. Until then nothing is previewed." in said and "would have" not in said
        assert "fields need a correction" in words(rosa_at.post(reverse("copilot:routing_preview")))

    def test_it_asks_the_database_as_often_for_many_tickets(self, rosa_at: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                preview(rosa_at, signal__legal_threat="")
            return len(asked)

        signals = [["legal_threat", "my lawyer <PERSON_1>"]]
        values.add(classified(signals=signals).pk, {"PERSON_1": "Ana Lima"})
        queries()
        before = queries()
        for name in ("Bo", "Cy", "Di"):
            values.add(classified(signals=signals).pk, {"PERSON_1": name})
        assert queries() == before

    def test_only_the_newest_are_listed(self, rosa_at: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("copilot.routing_pages.previewing.NEWEST", 2)
        tickets = [classified() for _ in range(3)]
        answer = preview(rosa_at, always="billing")
        assert "moved 3 of 3" in words(answer) and "The newest 2 of these tickets" in words(answer)
        assert f"/desk/{tickets[0].pk}/" not in answer.text


class TestDifferences:
    def test_what_rules_hold_is_what_the_form_holds(self) -> None:
        found = choices.load()
        assert read(of_rules(SHIPPED, found), found, SHIPPED).rules == SHIPPED
        assert changed(SHIPPED, SHIPPED) == []

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_every_kind_of_value_has_words(self, language: str) -> None:
        other = Rules(
            signals={"gone": NOW},
            categories=("gone",),
            tiers={"gone": NOW},
            urgency=NEVER,
            thresholds={OTHERS: 0.5, "gone": 1.0},
            matrix={row: {OTHERS: NOW, "gone": ALONE} for row in ROWS},
            may={OTHERS: "nothing", **{kind.value: "draft" for kind in REQUESTS}},
            teams=(TeamRule("", "", 7), TeamRule("gone", "de", 8)),
        )
        with translation.override(language):
            found = differences(SHIPPED, other, choices.load()) + differences(other, SHIPPED, choices.load())
        assert len(found) == 2 * len(changed(SHIPPED, other)) > 40
        assert all(each.place and each.was and each.now and "%(" not in each.place for each in found)

    def test_a_category_named_like_a_request_has_no_second_row(self) -> None:
        Category.objects.create(slug="refund", name="Refunds")
        found = choices.load()
        assert found.subjects.count("refund") == 1
        assert of_post(QueryDict(), found).fields["may-refund"] == "-"
