"""What a route does: it is stored once for each message, its ticket and its draft follow, and people's choices stay."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot import rule_sets, tasks
from copilot.drafting import drafter_queue, following, snapshot, states, writing
from copilot.evidence import gathering
from copilot.models import Draft, ModelCall, Preparation, Route, RoutingRules, Triage
from copilot.preparation import backlog, pipeline
from copilot.routing import configuration
from copilot.routing.rules import SHIPPED, TeamRule, to_json
from copilot.triage import correcting
from knowledge.articles import publishing
from knowledge.models import Article
from knowledge.search import retrieval
from tests import cast
from tests.copilot.preparation.conftest import Publish, publish, store  # noqa: F401 - fixtures
from tests.fakes import FakeModel
from tests.knowledge.fakes import MemoryStore
from tickets import assignment, lifecycle
from tickets.models import Category, Message, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db
State, Handling, May = Draft.State, Route.Handling, Route.May
LAWYER = "I was charged twice in March. My lawyer will contact you."
REFUND = "I was charged twice in March. I want my money back."
CALM = "I was charged twice in March. Will one of the payments disappear?"


@pytest.fixture(autouse=True)
def knowledge(publish: Publish, settings: Any) -> None:  # noqa: F811
    settings.DRAFT_MIN_SCORE = 0.1
    publish()


def arrives(text: str, **fields: Any) -> Ticket:
    """As on the desk: the draft is queued at once, and a job prepares the message."""
    ticket = cast.new_ticket(text=text, **fields)
    message = ticket.messages.get()
    drafter_queue.request_for(message.pk)
    tasks.prepare_message(message.pk)
    return ticket


def writes_again(ticket: Ticket, text: str) -> Message:
    message = Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text=text)
    states.mark_outdated(ticket.pk, message.pk)
    drafter_queue.request_for(message.pk)
    tasks.prepare_message(message.pk)
    return message


def write(draft: Draft, model: FakeModel | None = None) -> Draft:
    async_to_sync(writing.write)(draft.pk, model or FakeModel(points=[1]), "background")
    draft.refresh_from_db()
    return draft


def draft_of(ticket: Ticket) -> Draft:
    draft = ticket.drafts.visible().first()
    assert draft is not None
    return draft


def route_of(ticket: Ticket) -> Route:
    return Route.objects.filter(message__ticket=ticket).order_by("message_id").last()  # type: ignore[return-value]


def save(**changed: Any) -> RoutingRules:
    return configuration.save(SHIPPED.__class__(**{**SHIPPED.__dict__, **changed}), configuration.current()[0])


class TestAMessageThatArrives:
    def test_its_route_is_stored_with_what_decided(self) -> None:
        ticket = arrives(LAWYER)
        route = route_of(ticket)
        assert (route.handling, route.may, route.rules) == (Handling.HUMAN_NOW, May.NOTHING, None)
        assert route.because["signal"] == "legal_threat" and "lawyer" in route.because["words"]
        kept = Preparation.objects.get().steps["route"]
        assert kept["reason"].startswith("rule 1 (signal): human_now") and kept["outcome"]["handling"] == "human_now"

    def test_a_lawyer_never_ends_in_a_how_to_draft(self) -> None:
        ticket = arrives(LAWYER)
        draft = draft_of(ticket)
        assert (draft.state, draft.text, draft.citations.count()) == (State.BY_RULE, "", 0)
        ticket.refresh_from_db()
        assert ticket.preparation == Ticket.Preparation.BY_RULE

    def test_no_draft_by_rule_is_final(self) -> None:
        ticket = arrives(LAWYER)
        drafter_queue.maintain(model_ready=True)
        Message.objects.update(created_at=ticket.created_at - timedelta(hours=1))
        Preparation.objects.update(search_version="older")
        assert backlog.catch_up(then=following.prepared) == 1
        assert write(draft_of(ticket)).state == State.BY_RULE
        assert Draft.objects.count() == 1 and not drafter_queue.messages_without_draft().exists()

    def test_the_model_is_never_asked(self) -> None:
        ticket = cast.new_ticket(text=LAWYER, language="de")
        drafter_queue.request_for(ticket.messages.get().pk)  # the drafter is faster than the job
        model = FakeModel(points=[1])
        assert write(draft_of(ticket), model).state == State.BY_RULE
        assert not ModelCall.objects.exists()

    def test_of_a_refund_the_agent_sees_what_the_articles_say(self) -> None:
        ticket = arrives(REFUND)
        draft = draft_of(ticket)
        assert (route_of(ticket).may, draft.state, draft.text) == (May.POLICY, State.BY_RULE, "")
        assert any("We refund double payments" in each.excerpt for each in draft.citations.all())
        assert not draft.citations.filter(cited=True).exists()

    def test_all_others_get_their_draft(self) -> None:
        ticket = arrives(CALM)
        assert route_of(ticket).drafted and write(draft_of(ticket)).state == State.READY

    def test_a_threat_counts_for_what_the_customer_writes_next(self) -> None:
        ticket = arrives(LAWYER)
        writes_again(ticket, CALM)
        assert route_of(ticket).because["signal"] == "legal_threat"
        assert draft_of(ticket).state == State.BY_RULE and Route.objects.count() == 2

    def test_it_is_told_in_the_timeline_without_the_customers_words(self) -> None:
        ticket = arrives(LAWYER)
        (event,) = ticket.events.filter(kind=TicketEvent.Kind.ROUTED)
        assert (event.data["handling"], event.data["rule"], event.data["signal"]) == ("human_now", 11, "legal_threat")
        assert "lawyer" not in str(event.data)
        tasks.prepare_message(ticket.messages.get().pk)
        assert ticket.events.filter(kind=TicketEvent.Kind.ROUTED).count() == 1


class TestThePage:
    def test_the_composer_says_which_rule_and_why(self) -> None:
        notice = snapshot.snapshot(arrives(LAWYER))["notice"]
        assert notice["code"] == "by_rule"
        assert "No draft by rule. Rule 1:" in notice["text"] and "“My lawyer" in notice["text"]

    def test_an_agent_cannot_ask_for_one(self, client: Client) -> None:
        ticket = arrives(LAWYER)
        client.force_login(cast.mira())
        answer = client.post(reverse("copilot:draft", args=[ticket.pk]))
        assert answer.status_code == 422 and "Legal threat" in answer.json()["error"]
        assert Draft.objects.count() == 1


class TestTeamAndPriority:
    @pytest.fixture
    def teams(self) -> tuple[Any, Any]:
        billing, everybody = cast.team("Billing"), cast.team("Support")
        save(teams=(TeamRule("billing", "", billing.pk), TeamRule("", "", everybody.pk)))
        return billing, everybody

    def test_a_ticket_goes_to_the_team_of_its_category(self, teams: tuple[Any, Any]) -> None:
        billing, everybody = teams
        known = arrives(CALM, category_id="billing")
        other = arrives(CALM, customer=cast.lena())
        known.refresh_from_db(), other.refresh_from_db()
        assert (known.team, other.team) == (billing, everybody)
        assert route_of(known).team == billing

    def test_one_that_somebody_has_or_moved_stays(self, teams: tuple[Any, Any]) -> None:
        taken = cast.new_ticket(category_id="billing")
        assignment.assign(taken, cast.mira(), cast.mira())
        moved = cast.new_ticket(category_id="billing", customer=cast.lena())
        assignment.transfer(moved, cast.team("Technical"), "Yours", cast.mira())
        for ticket in (taken, moved):
            tasks.prepare_message(ticket.messages.filter(kind="customer").get().pk)
            ticket.refresh_from_db()
        assert (taken.team, moved.team) == (None, cast.team("Technical"))

    def test_it_follows_the_category_that_an_agent_corrects(self, teams: tuple[Any, Any]) -> None:
        ticket = arrives(CALM)
        correcting.correct_category(ticket, Category.objects.get(slug="billing"), cast.mira())
        following.corrected(ticket)
        ticket.refresh_from_db()
        assert ticket.team == teams[0]

    def test_a_person_now_has_high_priority_unless_somebody_set_another(self) -> None:
        ticket = arrives(LAWYER)
        ticket.refresh_from_db()
        assert ticket.priority == Ticket.Priority.HIGH
        lifecycle.set_priority(ticket, Ticket.Priority.LOW, cast.mira())
        writes_again(ticket, "I have told my lawyer.")
        ticket.refresh_from_db()
        assert ticket.priority == Ticket.Priority.LOW

    def test_a_team_that_is_gone_changes_nothing(self) -> None:
        save(teams=(TeamRule("", "", 999),))
        ticket = arrives(CALM)
        ticket.refresh_from_db()
        assert ticket.team is None and route_of(ticket).team is None


class TestWhatAnAgentCorrects:
    def test_a_signal_that_is_none_brings_the_draft_back(self, mira: User) -> None:
        ticket = arrives(LAWYER)
        correcting.dismiss(ticket, "legal_threat", mira)
        following.corrected(ticket)
        assert route_of(ticket).drafted
        assert write(draft_of(ticket)).state == State.READY

    def test_and_undone_it_goes_again(self, mira: User) -> None:
        ticket = arrives(LAWYER)
        for undo in (False, True):
            correcting.dismiss(ticket, "legal_threat", mira, undo=undo)
            following.corrected(ticket)
        assert draft_of(ticket).state == State.BY_RULE and not Draft.objects.active().exists()

    def test_how_the_customer_sounds_decides_anew(self, mira: User) -> None:
        ticket = arrives(CALM, category_id="technical")
        assert write(draft_of(ticket)).state == State.READY
        correcting.correct_tone(ticket, mira, sentiment="urgent")
        following.corrected(ticket)
        draft, route = draft_of(ticket), route_of(ticket)
        assert (route.handling, draft.state, draft.text) == (Handling.HUMAN_NOW, State.BY_RULE, "")

    def test_a_draft_that_an_agent_works_with_stays(self, mira: User) -> None:
        ticket = arrives(CALM, category_id="technical")
        draft = write(draft_of(ticket))
        Draft.objects.update(first_key_at=draft.created_at)
        correcting.correct_tone(ticket, mira, sentiment="urgent")
        following.corrected(ticket)
        assert draft_of(ticket).state == State.READY

    def test_one_that_is_being_written_is_stopped(self, mira: User) -> None:
        ticket = arrives(CALM, category_id="technical")
        claimed = states.claim(draft_of(ticket).pk)
        assert claimed is not None
        correcting.correct_tone(ticket, mira, urgency=5)
        following.corrected(ticket)
        assert draft_of(ticket).state == State.BY_RULE
        assert not states.finish(claimed, State.READY, text="too late")

    def test_nothing_else_is_made_again(self, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
        ticket = arrives(CALM)
        monkeypatch.setattr(pipeline, "run", None)
        correcting.correct_tone(ticket, mira, urgency=5)
        following.corrected(ticket)
        assert route_of(ticket).handling == Handling.HUMAN_NOW

    def test_before_the_message_is_prepared_its_route_waits_for_that(self, mira: User) -> None:
        ticket = cast.new_ticket(text=CALM)
        correcting.correct_tone(ticket, mira, urgency=5)
        following.corrected(ticket)
        assert not Route.objects.exists()
        tasks.prepare_message(ticket.messages.get().pk)
        assert route_of(ticket).handling == Handling.HUMAN_NOW

    def test_a_ticket_without_a_message_of_the_customer_has_no_route(self) -> None:
        ticket = cast.new_ticket()
        ticket.messages.all().delete()
        following.corrected(ticket)
        assert not Route.objects.exists()


class TestWhatHappensMeanwhile:
    def test_a_threat_that_is_read_late_counts_for_the_message_after_it(self) -> None:
        ticket = cast.new_ticket(text=LAWYER)
        first = ticket.messages.get()
        writes_again(ticket, CALM)  # its job is faster than that of the first
        assert route_of(ticket).drafted
        tasks.prepare_message(first.pk)
        assert route_of(ticket).because["signal"] == "legal_threat" and draft_of(ticket).state == State.BY_RULE

    def test_and_one_that_no_job_has_read(self) -> None:
        hour = timezone.now() - timedelta(hours=1)
        ticket = cast.new_ticket(text=LAWYER, created_at=hour)
        writes_again(ticket, CALM)
        tasks.prepare_waiting()
        assert draft_of(ticket).state == State.BY_RULE

    def test_a_correction_while_the_message_is_prepared_counts(
        self, mira: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticket, others, real = cast.new_ticket(text=CALM), [True], retrieval.search

        def search(query: str, **options: Any) -> Any:
            if others:
                others.pop()
                correcting.correct_tone(ticket, mira, urgency=5)
            return real(query, **options)

        monkeypatch.setattr(gathering, "search", search)
        tasks.prepare_message(ticket.messages.get().pk)
        assert route_of(ticket).handling == Handling.HUMAN_NOW

    def test_a_reply_that_is_undone_brings_no_forbidden_draft_back(self, mira: User) -> None:
        ticket = arrives(CALM, category_id="technical")
        draft = write(draft_of(ticket))
        Draft.objects.update(review=Draft.Review.ACCEPTED)
        correcting.correct_tone(ticket, mira, urgency=5)
        following.corrected(ticket)
        assert draft_of(ticket).text  # it was sent
        Draft.objects.filter(pk=draft.pk).update(review=Draft.Review.PENDING)
        following.returned(ticket.pk)
        assert (draft_of(ticket).state, draft_of(ticket).text) == (State.BY_RULE, "")

    def test_a_ticket_by_hand_is_by_hand_again_after_an_undo(self) -> None:
        ticket = arrives(LAWYER)
        lifecycle.set_preparation(ticket.pk, Ticket.Preparation.NONE)  # as after a reply
        following.returned(ticket.pk)
        ticket.refresh_from_db()
        assert ticket.preparation == Ticket.Preparation.BY_RULE

    def test_a_renewal_that_is_not_allowed_takes_the_old_draft_with_it(self, mira: User) -> None:
        ticket = arrives(CALM, category_id="technical")
        write(draft_of(ticket))
        correcting.correct_tone(ticket, mira, urgency=5)
        renewal, _new = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.RENEWAL)
        write(renewal)
        ticket.refresh_from_db()
        assert draft_of(ticket).state == State.BY_RULE and ticket.preparation == Ticket.Preparation.BY_RULE

    @pytest.mark.parametrize("urgency", [5, 3])
    def test_a_process_that_dies_between_route_and_draft_is_made_up_for(self, mira: User, urgency: int) -> None:
        ticket = arrives(CALM, category_id="technical")
        if urgency == 3:  # by rule first
            correcting.correct_tone(ticket, mira, urgency=5)
            following.corrected(ticket)
        correcting.correct_tone(ticket, mira, urgency=urgency)
        pipeline.reroute(Message.objects.select_related("ticket__customer").get())
        assert following.settle() == 1 and following.settle() == 0
        assert draft_of(ticket).state == (State.BY_RULE if urgency == 5 else State.QUEUED)

    def test_one_message_that_fails_holds_up_no_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        arrives(CALM), arrives(CALM, customer=cast.lena())
        save(urgency=3)
        Preparation.objects.filter(pk=Preparation.objects.earliest("pk").pk).update(steps={})
        assert tasks.route_open_tickets() == "1 routed again"

    def test_drafts_of_answered_tickets_stay_what_they_were(self) -> None:
        ticket = arrives(CALM, category_id="technical")
        Draft.objects.update(state=State.NO_SOURCE, text="")
        Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, author=cast.mira(), text="Here it is.")
        lifecycle.set_status(ticket, Ticket.Status.PENDING)
        save(categories=("technical",))
        tasks.route_open_tickets()
        assert draft_of(ticket).state == State.NO_SOURCE

    def test_a_draft_of_an_earlier_message_does_not_change_the_ticket(self, mira: User) -> None:
        ticket = arrives(CALM, category_id="technical")
        first = write(draft_of(ticket))
        writes_again(ticket, CALM)
        states.rule_out(first)
        ticket.refresh_from_db()
        assert ticket.preparation == Ticket.Preparation.WAITING


class TestWhatTheArticlesSay:
    def test_it_follows_the_articles(self) -> None:
        ticket = arrives(REFUND)
        draft = draft_of(ticket)
        publishing.unpublish(Article.objects.get())
        tasks.prepare_message(ticket.messages.get().pk)
        assert not draft.citations.exists() and draft_of(ticket).state == State.BY_RULE

    def test_it_comes_when_other_rules_allow_it(self) -> None:
        ticket = arrives(LAWYER)
        save(signals={"legal_threat": "ai_and_human"}, may=SHIPPED.may | {"*": "policy"})
        tasks.route_open_tickets()
        tasks.prepare_message(ticket.messages.get().pk)  # the job that was queued
        assert draft_of(ticket).state == State.BY_RULE and draft_of(ticket).citations.exists()

    def test_and_goes_when_nothing_is_allowed(self, mira: User) -> None:
        ticket = arrives(REFUND)
        assert draft_of(ticket).citations.exists()
        correcting.correct_tone(ticket, mira, urgency=5)
        following.corrected(ticket)
        assert not draft_of(ticket).citations.exists()


class TestOtherRules:
    def test_open_tickets_are_routed_again_and_their_drafts_follow(self) -> None:
        ticket = arrives(CALM, category_id="technical")
        assert write(draft_of(ticket)).state == State.READY
        rules = save(categories=("technical",))
        assert tasks.route_open_tickets() == "1 routed again"
        assert route_of(ticket).rules == rules and draft_of(ticket).state == State.BY_RULE
        back = configuration.save(SHIPPED, rules.pk)
        assert tasks.prepare_waiting().endswith("1 routed again")  # the job was lost
        assert route_of(ticket).drafted and draft_of(ticket).state == State.QUEUED
        assert route_of(ticket).rules == back and tasks.route_open_tickets() == "0 routed again"

    def test_the_shipped_rules_have_no_number(self) -> None:
        arrives(CALM)
        assert tasks.route_open_tickets() == "0 routed again"
        save(urgency=3)
        assert tasks.route_open_tickets() == "1 routed again"

    def test_closed_tickets_keep_their_route(self) -> None:
        ticket = arrives(CALM)
        lifecycle.close(ticket, cast.mira(), [])
        save(urgency=3)
        assert tasks.route_open_tickets() == "0 routed again"

    def test_rules_that_cannot_be_read_do_not_count(self) -> None:
        good = save(urgency=3)
        RoutingRules.objects.create(rules={"urgency": "soon"}, place=good.place + 1)
        assert configuration.current()[0] == good.pk

    def test_two_leads_who_save_at_the_same_time(self) -> None:
        seen = configuration.current()[0]
        configuration.save(SHIPPED, seen)
        with pytest.raises(rule_sets.Changed):
            configuration.save(SHIPPED, seen)

    def test_even_if_neither_has_seen_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(RoutingRules.objects, "first", lambda: None)
        configuration.save(SHIPPED, 0)
        with pytest.raises(rule_sets.Changed):
            configuration.save(SHIPPED, 0)
        assert RoutingRules.objects.count() == 1

    def test_a_row_is_never_changed(self) -> None:
        row = save(urgency=3)
        assert row.rules == to_json(SHIPPED) | {"urgency": 3}
        row.note = "other"
        with pytest.raises(Exception, match="RoutingRules"):
            row.save()


def test_billing_says_only_what_is_certain() -> None:
    ticket = arrives(CALM, category_id="billing")
    assert route_of(ticket).may == May.OWN_WORDS
    draft = draft_of(ticket)
    progress = writing.prepare(Draft.objects.select_related("ticket__customer", "message").get(pk=draft.pk))
    assert progress.asked.own_words and progress.allowed


def test_what_an_agent_chose_is_certain(store: MemoryStore) -> None:  # noqa: F811
    ticket = arrives(CALM)
    assert route_of(ticket).because["rule"] == 40
    correcting.correct_category(ticket, Category.objects.get(slug="product_question"), cast.mira())
    following.corrected(ticket)
    assert route_of(ticket).handling == Handling.AI_ONLY
    assert Triage.objects.get().corrected == ["category"]
