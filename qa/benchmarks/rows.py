"""The rows of many tickets, each kind with one statement. Most never leave the database, which makes them from a series
of numbers. `plan` says what there is already; the messages of ticket n are 2n - 1 and 2n.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.models import Draft
from qa.benchmarks import texts
from qa.benchmarks.sql import Dialect, insert, literal, one_of, pick, run
from tickets.models import Customer, Message, OutgoingMail, Recipient, Ticket, TicketEvent
from tickets.search import INDEX

SPAN = 730 * 86400  # seconds
PER_CUSTOMER = 4  # tickets
NEWEST = 8  # of 100 tickets: most of the open ones are among them
PREPARED = ("ready",) * 11 + ("no_source",) * 3 + ("working",) * 2 + ("by_rule", "waiting", "delayed", "")
DRAFTED = {"ready": "ready", "waiting": "queued", "working": "writing", "delayed": "failed", "": "stopped"}
# Of tickets that are answered: how their drafts ended, and what became of those that were ready.
ENDED = ("ready",) * 39 + ("no_source",) * 7 + ("by_rule",) * 3 + ("failed",)
REVIEWED = ("accepted",) * 9 + ("edited",) * 6 + ("rejected",) * 2 + ("ignored",) * 2 + ("pending",)
FULL_TEXT = """
SELECT t.id, lower(t.subject) || ' ' || t.id AS subject, lower(c.name) || ' ' || replace(replace(c.email, '@', ' '),
'.', ' ') || ' ' || replace(replace(c.email, '@', ''), '.', '') AS people, {tags} AS labels, lower(replace(a.text ||
' ' || b.text, '.', '')) AS said FROM tickets_ticket t JOIN tickets_customer c ON c.id = t.customer_id JOIN
tickets_message a ON a.id = 2 * t.id - 1 JOIN tickets_message b ON b.id = 2 * t.id
WHERE t.id BETWEEN {first} AND {last}
"""
TAGS_OF = """
SELECT g.name FROM tickets_ticket_tags tt JOIN tickets_tag g ON g.id = tt.tag_id
WHERE tt.ticket_id = t.id ORDER BY g.name
"""


@dataclass(frozen=True)
class Plan:
    """Of one database: how many tickets it gets, and the keys of what they refer to."""

    tickets: int
    sql: Dialect
    agents: Sequence[int]
    teams: Sequence[int]
    categories: Sequence[str]
    tags: Sequence[int]

    @property
    def customers(self) -> int:
        return max(1, self.tickets // PER_CUSTOMER)

    @property
    def longest(self) -> int:
        """Among the newest, but not at their end: it has been written to for a while."""
        return self.tickets - self.tickets // 50


def customers(plan: Plan, first: int, last: int) -> None:
    values = {
        "id": "n",
        "name": texts.name("n"),
        "email": texts.email("n"),
        "tier": one_of(["free"] * 6 + ["paid"] * 3 + ["enterprise"], "tier", "n"),
        "language": one_of(["en"] * 6 + ["de"] * 3 + ["fr"], "language", "n"),
        "created_at": plan.sql.moment(f"{SPAN} + {pick(SPAN, 'since', 'n')}"),
    }
    insert(Customer, values, plan.sql.series(first, last), "FROM series")


def tickets(plan: Plan, first: int, last: int) -> None:
    """`age` and so on: how many seconds ago."""
    sql, answering = plan.sql, f"600 + {pick(36_000, 'answering', 'n')}"
    newest = f"n > {plan.tickets - plan.tickets * NEWEST // 100}"
    per_mille = pick(1000, "status", "n")
    status = (
        f"CASE WHEN n = {plan.longest} THEN 'open' WHEN {newest} THEN CASE WHEN {per_mille} < 400 THEN 'open' "
        f"WHEN {per_mille} < 650 THEN 'pending' ELSE 'closed' END WHEN {per_mille} < 9 THEN 'open' "
        f"WHEN {per_mille} < 20 THEN 'pending' ELSE 'closed' END"
    )
    aged = f"SELECT n, ({plan.tickets} - n) * {SPAN} / {plan.tickets} + 300 AS age, {status} AS status FROM series"
    known = f"SELECT n, age, status, {sql.largest(f'age - ({answering})', '60')} AS answered FROM ({aged}) aged"
    closing = sql.largest(f"answered - {pick(400_000, 'closing', 'n')}", "30")
    nobodys = f"status = 'open' AND {pick(100, 'assigned', 'n')} < 45"
    values = {
        "id": "n",
        "customer": f"1 + {pick(plan.customers, 'customer', 'n')}",
        "subject": texts.subject("n"),
        "status": "status",
        "priority": one_of([1, *[2] * 14, *[3] * 4, 4], "priority", "n"),
        "category": one_of([*plan.categories, *plan.categories, None], "category", "n"),
        "channel": one_of(["email"] * 15 + ["web"] * 4 + ["api"], "channel", "n"),
        "language": one_of(["en"] * 6 + ["de"] * 3 + ["fr"], "ticket language", "n"),
        "team": one_of([*plan.teams, *plan.teams, None], "team", "n"),
        "assignee": f"CASE WHEN NOT ({nobodys}) THEN {_agent(plan)} END",
        "preparation": f"CASE WHEN status = 'open' THEN {one_of(PREPARED, 'prepared', 'n')} ELSE '' END",
        "reply_token": sql.token("n"),
        "preview": f"substr({texts.question('n')}, 1, 160)",
        "created_at": sql.moment("age"),
        "updated_at": sql.moment(f"CASE status WHEN 'closed' THEN {closing} WHEN 'pending' THEN answered ELSE age END"),
        "waiting_since": sql.moment("age"),
        "first_response_at": f"CASE WHEN status = 'open' THEN NULL ELSE {sql.moment('answered')} END",
        "handoff_due_at": f"CASE WHEN status = 'open' AND {pick(50, 'due', 'n')} = 0 THEN {sql.moment('-3600')} END",
        "closed_at": f"CASE WHEN status = 'closed' THEN {sql.moment(closing)} END",
    }
    insert(Ticket, values, sql.series(first, last), f"FROM ({known}) known")


def _agent(plan: Plan, n: str = "n") -> str:
    """Who answers a ticket, whether it is assigned or not."""
    return one_of(plan.agents, "agent", n)


def _those(first: int, last: int, answered: bool = False) -> str:
    only = " AND t.status <> 'open'" if answered else ""
    return (
        "FROM tickets_ticket t JOIN tickets_customer c ON c.id = t.customer_id "
        f"WHERE t.id BETWEEN {first} AND {last}{only}"
    )


def messages(plan: Plan, first: int, last: int) -> None:
    """The second one is a reply, or what the customer adds while the ticket is open."""
    asked = {
        "id": "2 * t.id - 1",
        "ticket": "t.id",
        "kind": "'customer'",
        "text": texts.question("t.id"),
        "from_name": "c.name",
        "from_email": "c.email",
        "message_id": "'asked' || t.id || '@mail.example'",
        "created_at": "t.created_at",
    }
    insert(Message, asked, "", _those(first, last))
    is_open = "CASE WHEN t.status = 'open' THEN {} ELSE {} END".format
    second = asked | {
        "id": "2 * t.id",
        "kind": is_open("'customer'", "'reply'"),
        "author": is_open("NULL", _agent(plan, "t.id")),
        "text": is_open(texts.addition("t.id"), texts.answer("t.id")),
        "from_name": is_open("c.name", "'Support'"),
        "from_email": is_open("c.email", "'support@tallybird.example'"),
        "message_id": "'second' || t.id || '@mail.example'",
        "created_at": is_open(plan.sql.later("t.created_at", "200"), "t.first_response_at"),
    }
    insert(Message, second, "", _those(first, last))


def mails(plan: Plan, first: int, last: int) -> None:
    values = {
        "message": "2 * t.id",
        "subject": "'Re: ' || t.subject",
        "state": "'sent'",
        "send_after": "t.first_response_at",
        "sent_at": plan.sql.later("t.first_response_at", "12"),
    }
    insert(OutgoingMail, values, "", _those(first, last, answered=True))
    to = {"message": "2 * t.id", "kind": "'to'", "email": "c.email", "accepted": "TRUE"}
    insert(Recipient, to, "", _those(first, last, answered=True))


def events(plan: Plan, first: int, last: int) -> None:
    received = {
        "ticket": "t.id",
        "kind": "'received'",
        "data": plan.sql.json('\'{"channel": "email", "message": \' || (2 * t.id - 1) || \'}\''),
        "at": "t.created_at",
    }
    sent = received | {
        "kind": "'sent'",
        "actor": _agent(plan, "t.id"),
        "data": plan.sql.json("'{\"message\": ' || 2 * t.id || '}'"),
        "at": "t.first_response_at",
    }
    closed = sent | {
        "kind": "'status'",
        "data": literal({"was": "pending", "now": "closed", "why": "closed"}),
        "at": "t.closed_at",
    }
    insert(TicketEvent, received, "", _those(first, last))
    insert(TicketEvent, sent, "", _those(first, last, answered=True))
    insert(TicketEvent, closed, "", _those(first, last) + " AND t.status = 'closed'")


def tags(plan: Plan, first: int, last: int) -> None:
    """Every third ticket has one, every sixth another one too."""
    count, start = len(plan.tags), plan.tags[0]
    one, rows = pick(count, "tag", "t.id"), f"FROM tickets_ticket t WHERE t.id BETWEEN {first} AND {last}"
    insert(
        Ticket.tags.through,
        {"ticket": "t.id", "tag": f"{start} + {one}"},
        "",
        f"{rows} AND {pick(6, 'tagged', 't.id')} < 2",
    )
    other = f"{start} + ({one} + 1 + {pick(count - 1, 'other tag', 't.id')}) % {count}"
    insert(Ticket.tags.through, {"ticket": "t.id", "tag": other}, "", f"{rows} AND {pick(6, 'tagged', 't.id')} < 1")


def drafts(plan: Plan, first: int, last: int) -> None:
    """One for each ticket: the figures of the dashboard come from them."""
    written = " ".join(f"WHEN {literal(key)} THEN {literal(state)}" for key, state in DRAFTED.items())
    state = (
        f"CASE WHEN status <> 'open' THEN {one_of(ENDED, 'ended', 'id')} "
        f"ELSE CASE preparation {written} ELSE preparation END END"
    )
    review = (
        f"CASE WHEN status <> 'open' AND state = 'ready' THEN {one_of(REVIEWED, 'reviewed', 'id')} ELSE 'pending' END"
    )
    with_state = f"SELECT t.*, {state} AS state FROM tickets_ticket t WHERE id BETWEEN {first} AND {last}"
    finished = plan.sql.later("created_at", f"10 + {pick(60, 'written', 'id')}")
    done, sent = "CASE WHEN review <> 'pending' THEN {} END".format, "review IN ('accepted', 'edited')"
    values = {
        "ticket": "id",
        "message": "2 * id - 1",
        "state": "state",
        "text": f"'Hi <NAME>. ' || {one_of(texts.ANSWERS, 'answer', 'id')} || ' [1].'",
        "created_at": "created_at",
        "attempts": "1",
        "lease_until": f"CASE WHEN state = 'writing' THEN {plan.sql.moment('-86400')} END",
        "finished_at": f"CASE WHEN state NOT IN ('queued', 'writing') THEN {finished} END",
        "review": "review",
        "reason": f"CASE WHEN review = 'rejected' THEN {one_of(Draft.Reason.values, 'reason', 'id')} ELSE '' END",
        "reviewed_by": done("assignee_id"),
        "shown_at": done(plan.sql.later("first_response_at", f"-10 - {pick(120, 'looked', 'id')}")),
        "reviewed_at": done("first_response_at"),
        "edit_distance": f"CASE WHEN {sent} THEN CASE review WHEN 'edited' THEN "
        f"(1 + {pick(60, 'distance', 'id')}) / 100.0 ELSE 0 END END",
        "reply": f"CASE WHEN {sent} THEN 2 * id END",
    }
    insert(Draft, values, "", f"FROM (SELECT d.*, {review} AS review FROM ({with_state}) d) d")


def full_text(plan: Plan, first: int, last: int) -> None:
    """The same rows as `index_ticket` writes, because these texts are plain words."""
    texts_of = FULL_TEXT.format(first=first, last=last, tags=plan.sql.joined(TAGS_OF))
    if not plan.sql.postgresql:
        run(f"INSERT INTO {INDEX.table} (rowid, {', '.join(INDEX.columns)}) {texts_of}")
        return
    document = INDEX.document(INDEX.columns)
    run(f"INSERT INTO {INDEX.table} (rowid, document) SELECT id, {document} FROM ({texts_of}) texts")
