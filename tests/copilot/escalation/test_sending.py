"""Handing a ticket to a team: what the team is told, where that comes from, and what an undo leaves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from copilot.escalation import configuration, judging, loops, sending
from copilot.escalation.facts import facts
from copilot.escalation.package import Package, prepared
from copilot.escalation.rules import SHIPPED, Reason
from copilot.escalation.sending import SameTeam, Wanted, WouldLoop
from copilot.models import Citation, Draft, DraftRecord, Escalation, MaskedValue, SentReply, Triage
from copilot.presend.check import check
from copilot.presend.findings import Code
from copilot.presend.gathering import facts_for
from tests import cast
from tests.articles import approved
from tickets import assignment, live, outbox
from tickets.assignment import ChangedMeanwhile
from tickets.models import Message, Ticket, TicketEvent, User
from tickets.search import search_tickets

pytestmark = pytest.mark.django_db
LAWYER = "I was charged twice in March. When do I get it back? My lawyer will contact you."
Send = Callable[..., Escalation]


@pytest.fixture
def ticket() -> Ticket:
    found = cast.new_ticket(text=LAWYER, team=cast.team("Support"))
    Triage.objects.create(message=found.messages.get(), signals=[["legal_threat", "My lawyer will contact you"]])
    return found


def package_of(ticket: Ticket, rules: Any = SHIPPED) -> Package:
    now = timezone.now()
    return prepared(ticket, facts(ticket, now), rules, now)


@pytest.fixture
def send(ticket: Ticket, mira: User) -> Send:
    def escalate(team: str = "Legal", by: User | None = None, again: bool = False, **texts: str) -> Escalation:
        """As the page sends it: a part that was changed has no origin any more."""
        found = Ticket.objects.get(pk=ticket.pk)
        package = package_of(found)
        said = {name: package.texts[name] for name in sending.EDITABLE} | texts
        origins = {name: origin for name, origin in package.origins.items() if name not in texts}
        known = {"seen": assignment.latest_move(found), "upto": sending.latest_of_customer(found), "again": again}
        wanted = Wanted(cast.team(team), package.reason, said, origins, **known)
        return sending.send(found, wanted, by or mira, package, configuration.current())[0]

    return escalate


class TestThePackage:
    def test_what_is_said_of_the_customer_comes_from_the_record(self, ticket: Ticket) -> None:
        ticket.messages.update(text="I am an enterprise customer and pay you 90,000 euros a year.")
        told = package_of(ticket).texts["customer"]
        assert told.startswith("Paid · Studio · €1,840 · customer since ") and told.endswith(" · 1 ticket in 30 days")

    def test_signals_are_quoted_and_the_triage_has_its_reason(self, ticket: Ticket) -> None:
        Triage.objects.update(urgency=4, sentiment="negative", because={"urgency": "My lawyer"})
        texts = package_of(ticket).texts
        assert texts["signals"] == "Legal threat “My lawyer will contact you”"
        assert "Negative · urgency 4 of 5 “My lawyer”" in texts["triage"]

    def test_without_a_model_everything_is_in_their_own_words(self, ticket: Ticket, mira: User) -> None:
        reply = "Please wait five business days. The second charge goes away."
        outbox.write_reply(ticket, mira, reply, submission=None)
        again = "It did not go away. Where is my money?"
        Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text=again)
        package = package_of(ticket)
        texts = package.texts
        assert "When do I get it back?" in texts["asked"] and "Where is my money?" in texts["asked"]
        assert texts["tried"] and texts["tried"] in reply
        assert "It did not go away." in texts["failed"]
        assert "Where is my money?" in texts["open"] and "When do I get it back?" not in texts["open"]
        assert {package.origins[name] for name in ("asked", "tried", "failed", "open")} == {"quotes"}

    def test_the_next_step_follows_from_the_strongest_reason(self, ticket: Ticket) -> None:
        assert package_of(ticket).texts["next"].startswith("Promise nothing.")
        Triage.objects.update(signals=[])
        assert package_of(ticket).texts["next"] == ""

    def test_the_draft_is_the_suggested_reply_without_its_numbers(self, ticket: Ticket) -> None:
        draft = Draft.objects.create(
            ticket=ticket, message=ticket.messages.get(), state="ready", text="Hi <NAME>, wait five days. [2]"
        )
        DraftRecord.objects.create(draft=draft)
        for number, title in enumerate(("Cards", "Refunds"), start=1):
            article, cited = approved(title, "Wait five days."), title == "Refunds"
            fields = {"article": article, "title": title, "excerpt": "…", "score": 1, "cited": cited}
            Citation.objects.create(draft=draft, number=number, **fields)
        package = package_of(ticket)
        assert (package.texts["reply"], package.origins["reply"]) == ("Hi Tomas, wait five days.", "draft")
        assert [(each.title, each.use) for each in package.articles] == [("Refunds", "draft"), ("Cards", "found")]

    @pytest.mark.parametrize("change", [{"outdated": True}, {"review": "rejected"}, {"state": "no_source"}])
    def test_no_reply_is_suggested_that_nobody_should_send(self, ticket: Ticket, change: dict[str, Any]) -> None:
        reason = {"reason": "wrong"} if change.get("review") else {}
        fields = {"state": "ready", "text": "Wait."} | change | reason
        Draft.objects.create(ticket=ticket, message=ticket.messages.get(), **fields)
        assert package_of(ticket).texts["reply"] == ""

    def test_articles_that_the_customer_was_sent_come_first(self, ticket: Ticket, mira: User) -> None:
        reply = Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, text="Wait.", author=mira)
        source = {"article": None, "title": "Pending charges", "heading": ""}
        SentReply.objects.create(message=reply, sentences=[{"sources": [source]}, {"sources": [source]}])
        assert [(each.title, each.use) for each in package_of(ticket).articles] == [("Pending charges", "sent")]


class TestSending:
    def test_the_team_has_it_with_a_note_and_a_time(self, ticket: Ticket, send: Send, mira: User) -> None:
        escalation = send()
        now = Ticket.objects.get()
        assert (now.team, now.assignee, now.status) == (cast.team("Legal"), None, "open")
        assert now.handoff_due_at == escalation.due_at == escalation.sent_at + timedelta(hours=4)
        assert (escalation.from_team, escalation.reason, escalation.triggers) == (cast.team(), "signal", ["signal"])
        text = escalation.note.text
        for words in ("Next step\nPromise nothing.", "Customer\nPaid · Studio", "When do I get it back?"):
            assert words in text
        assert escalation.note.author == mira and escalation.note.kind == Message.Kind.NOTE

    def test_the_time_follows_the_priority(self, ticket: Ticket, send: Send) -> None:
        Ticket.objects.update(priority=Ticket.Priority.URGENT)
        escalation = send()
        assert escalation.due_at == escalation.sent_at + timedelta(minutes=15)

    def test_what_the_agent_changed_is_sent_and_is_the_agents(self, send: Send) -> None:
        escalation = send(asked="  Wants the March charge back.  ", open="")
        assert escalation.package["texts"]["asked"] == "Wants the March charge back."
        assert "open" not in escalation.package["texts"]
        assert "asked" not in escalation.package["origins"]

    def test_facts_cannot_be_changed_from_outside(self, send: Send) -> None:
        assert "Paid · Studio" in send(customer="Enterprise", signals="none").package["texts"]["customer"]

    def test_personal_data_is_masked_in_the_package_and_readable_in_the_note(self, ticket: Ticket, send: Send) -> None:
        escalation = send(next="Call tomas@okafor.example or +49 171 5550142.")
        assert escalation.package["texts"]["next"] == "Call <EMAIL> or <PHONE_1>."
        assert "Call tomas@okafor.example or +49 171 5550142." in escalation.note.text
        assert MaskedValue.objects.filter(ticket=ticket, placeholder="PHONE_1").exists()

    def test_names_of_the_messages_are_masked_wherever_they_stand(self, ticket: Ticket, send: Send) -> None:
        """A part alone does not say that it is a name."""
        ticket.messages.update(text="My colleague Petra Novak is locked out. When can she work again?")
        texts = send(next="Call Novak back.", asked="petra blames the page.").package["texts"]
        assert "Novak" not in str(texts) and "petra" not in str(texts).lower()
        assert texts["next"].startswith("Call <PERSON_")

    def test_what_a_model_wrote_says_so_even_if_its_summary_was_not_kept(self, ticket: Ticket, mira: User) -> None:
        wanted = Wanted(cast.team("Legal"), "signal", {"next": "Go.", "asked": "Back."}, {"asked": "model"})
        escalation, _was = sending.send(ticket, wanted, mira, package_of(ticket), configuration.current())
        assert escalation.package["origins"] == {"asked": "model"}

    def test_the_package_is_found_by_the_search(self, ticket: Ticket, send: Send) -> None:
        send(next="Phone the notary.")
        assert search_tickets("notary") == [ticket.pk]

    def test_what_it_quotes_is_no_decision_of_a_colleague(self, ticket: Ticket, send: Send, jonas: User) -> None:
        """The check before sending trusts what colleagues noted, but not what a package says that a customer asks."""
        ticket.messages.update(text="Where is my refund of 120 euros?")
        send(reply="We will refund you 120 euros within two days.")
        facts = facts_for(ticket, jonas, "We will refund you 120 euros within two days.")
        assert facts.notes == ()
        assert Code.MONEY in {each.code for each in check("We will refund you 120 euros within two days.", facts)}

    def test_the_timeline_and_open_pages_are_told(self, ticket: Ticket, send: Send, monkeypatch: Any) -> None:
        told: list[tuple[str, ...]] = []
        monkeypatch.setattr(live, "ticket_changed", lambda _ticket, *parts: told.append(parts))
        send()
        assert ("conversation", "header", "timeline", "queue") in told
        event = ticket.events.filter(kind=TicketEvent.Kind.TRANSFERRED).get()
        assert event.data["escalated"] is True and "asked" not in event.data

    def test_without_any_reason_it_is_the_agents_own(self, ticket: Ticket, send: Send) -> None:
        Triage.objects.update(signals=[])
        escalation = send(next="Look at the account.")
        assert (escalation.reason, escalation.triggers) == (Reason.OTHER, [])

    def test_the_rules_that_applied_are_kept(self, send: Send) -> None:
        row = configuration.RULES.save(replace(SHIPPED, take_within={4: 1, 3: 2, 2: 3, 1: 4}), 0)
        escalation = send()
        assert escalation.rules == row and escalation.due_at - escalation.sent_at == timedelta(minutes=3)


class TestRefusing:
    def test_its_own_team(self, send: Send) -> None:
        with pytest.raises(SameTeam):
            send("Support")

    def test_a_move_that_the_agent_has_not_seen(self, ticket: Ticket, mira: User, jonas: User) -> None:
        package = package_of(ticket)
        assignment.assign(ticket, jonas, jonas)
        wanted = Wanted(cast.team("Legal"), "signal", {"next": "Read this."}, seen=0)
        with pytest.raises(ChangedMeanwhile):
            sending.send(ticket, wanted, mira, package, configuration.current())
        assert not Escalation.objects.exists() and not ticket.messages.filter(kind=Message.Kind.NOTE).exists()

    def test_a_team_that_had_it_before_until_the_agent_insists(self, send: Send, jonas: User) -> None:
        send("Legal")
        with pytest.raises(
            WouldLoop, match="This ticket was with Support until .* and was then transferred to another team."
        ):
            send("Support", jonas)
        assert send("Support", jonas, again=True).team == cast.team("Support")

    def test_a_message_of_the_customer_that_the_agent_has_not_seen(self, ticket: Ticket, mira: User) -> None:
        package, upto = package_of(ticket), sending.latest_of_customer(ticket)
        Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="I have cancelled my card.")
        wanted = Wanted(cast.team("Legal"), "signal", {"next": "Read this."}, upto=upto)
        with pytest.raises(sending.CustomerWrote) as newer:
            sending.send(ticket, wanted, mira, package, configuration.current())
        assert not Escalation.objects.exists()
        again = replace(wanted, upto=newer.value.message_id)
        assert sending.send(ticket, again, mira, package, configuration.current())[0].pk

    def test_a_team_with_another_name_by_now(self, send: Send, jonas: User) -> None:
        send("Legal")
        support = cast.team("Support")
        support.name = "First line"
        support.save()
        with pytest.raises(WouldLoop, match="with First line until"):
            send("First line", jonas)

    def test_a_transfer_that_was_undone_is_no_loop(self, ticket: Ticket, mira: User) -> None:
        was = assignment.transfer(ticket, cast.team("Legal"), "yours", mira)
        assert loops.had(cast.team("Support"), loops.moves(ticket))
        assignment.undo_transfer(ticket, mira, was)
        assert loops.moves(ticket) == []


class TestUndoing:
    def test_it_does_not_stand_any_more(
        self, ticket: Ticket, send: Send, mira: User, django_capture_on_commit_callbacks: Any
    ) -> None:
        escalation = send()
        before = (ticket.pk, cast.team().pk, None, "open", ticket.waiting_since, None)
        was = assignment.Transfer(*before, assignment.latest_move(ticket), escalation.note_id)
        with django_capture_on_commit_callbacks(execute=True):
            assert assignment.undo_transfer(ticket, mira, was)
        assert list(Escalation.objects.standing()) == [] and Ticket.objects.get().handoff_due_at is None
        escalation.refresh_from_db()
        with pytest.raises(judging.Undone):
            judging.judge(escalation, "justified", cast.jonas())

    def test_a_process_that_died_between_is_healed(self, ticket: Ticket, send: Send, mira: User) -> None:
        escalation = send()
        before = (ticket.pk, cast.team().pk, None, "open", ticket.waiting_since, None)
        was = assignment.Transfer(*before, assignment.latest_move(ticket), escalation.note_id)
        assert assignment.undo_transfer(ticket, mira, was)
        assert Escalation.objects.standing().exists()  # nobody heard of it
        sending.settle()
        assert not Escalation.objects.standing().exists()


class TestJudging:
    @pytest.fixture(autouse=True)
    def of_the_team(self, jonas: User) -> None:
        jonas.teams.set([cast.team("Legal")])

    @pytest.mark.parametrize(("who", "allowed"), [("mira", False), ("jonas", True), ("rosa", True)])
    def test_members_of_the_team_and_leads(self, send: Send, who: str, allowed: bool) -> None:
        escalation, member = send(), getattr(cast, who)()
        assert judging.may_judge(escalation, member, judging.teams_of(member)) is allowed

    def test_not_a_member_of_another_team_unless_it_is_theirs(self, send: Send, jonas: User) -> None:
        jonas.teams.set([cast.team("Support")])
        escalation = send()
        with pytest.raises(judging.NotYours):
            judging.judge(escalation, "justified", jonas)
        Ticket.objects.update(assignee=jonas)
        assert judging.judge(Escalation.objects.get(), "justified", jonas) == ""

    def test_a_colleagues_judgement_stays_unless_a_lead_decides(self, send: Send, jonas: User, rosa: User) -> None:
        escalation, other = send(), cast.ada()
        judging.judge(escalation, "justified", jonas)
        other.role = User.Role.AGENT
        other.save()
        other.teams.set([cast.team("Legal")])
        with pytest.raises(judging.Judged):
            judging.judge(escalation, "not_needed", other)
        assert judging.judge(escalation, "not_needed", rosa) == "justified"

    def test_somebody_else_says_whether_it_was_right(self, send: Send, jonas: User, ticket: Ticket) -> None:
        escalation = send()
        assert judging.judge(escalation, "wrong_team", jonas) == ""
        escalation.refresh_from_db()
        assert (escalation.judgement, escalation.judged_by) == ("wrong_team", jonas) and escalation.judged_at
        event = ticket.events.get(kind=TicketEvent.Kind.JUDGED)
        assert (event.data, event.actor) == ({"judgement": "wrong_team"}, jonas)

    def test_it_can_be_changed_and_withdrawn(self, send: Send, jonas: User) -> None:
        escalation = send()
        judging.judge(escalation, "wrong_team", jonas)
        assert judging.judge(escalation, "justified", jonas) == "wrong_team"
        assert judging.judge(escalation, "", jonas) == "justified"
        escalation.refresh_from_db()
        assert (escalation.judgement, escalation.judged_by, escalation.judged_at) == ("", None, None)

    def test_the_same_again_changes_nothing(self, send: Send, jonas: User, ticket: Ticket) -> None:
        escalation = send()
        judging.judge(escalation, "justified", jonas)
        judging.judge(escalation, "justified", jonas)
        assert ticket.events.filter(kind=TicketEvent.Kind.JUDGED).count() == 1

    def test_nobody_judges_their_own(self, send: Send, mira: User) -> None:
        with pytest.raises(judging.NotYours):
            judging.judge(send(), "justified", mira)
