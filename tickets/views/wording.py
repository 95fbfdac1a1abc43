"""What happened, in plain words: one line per event of the timeline. Pure."""

from tickets.models import Ticket, TicketEvent

Kind = TicketEvent.Kind
STATUS = {"open": "open", "pending": "waiting for the customer", "closed": "closed"}
PLAIN = {
    Kind.RECEIVED: "The customer wrote",
    Kind.REPLIED: "Reply written",
    Kind.SENT: "Reply sent",
    Kind.SEND_FAILED: "The reply could not be sent",
    Kind.SEND_UNSURE: "The reply was perhaps sent; a person has to check",
    Kind.SEND_UNDONE: "Sending taken back",
    Kind.NOTED: "Note written",
    Kind.IGNORED_MAIL: "Automatic mail ignored",
}
PREPARED = {
    "ready": "Draft written",
    "no_source": "No source answers this; the gap is noted",
    "failed": "No draft could be written",
    "stopped": "Draft stopped",
    "writing": "Draft begun",
    "queued": "Draft asked for",
}
REVIEWED = {
    "accepted": "Draft sent as written",
    "edited": "Draft edited and sent",
    "rejected": "Draft rejected",
    "ignored": "Draft not used",
}


def sentence(event: TicketEvent) -> str:
    """`event` as somebody would tell it; the actor's name stands in front of it on the page."""
    data = event.data
    if event.kind == Kind.RECEIVED and "read" in data:
        return _read_before(data)
    if event.kind in PLAIN:
        return PLAIN[Kind(event.kind)] + (f": {data['reason']}" if data.get("reason") else "")
    wording = {
        Kind.ASSIGNED: _assigned,
        Kind.HANDED_OVER: _handed_over,
        Kind.STATUS: _status,
        Kind.PRIORITY: _priority,
        Kind.TAGGED: lambda data: "Tagged " + ", ".join(data.get("added", [])),
        Kind.PREPARED: lambda data: data.get("words") or PREPARED.get(data.get("state", ""), "Copilot"),
        Kind.REVIEWED: _reviewed,
    }.get(Kind(event.kind))
    return wording(data) if wording else event.get_kind_display()


def _read_before(data: dict) -> str:
    read = "; ".join(f"“{each['title']}”" for each in data["read"])
    told = [f"read before writing: {read}"] if read else []
    told += [f"searched for: “{data['searched']}”"] if data.get("searched") else []
    words = "; ".join(told)
    return words[:1].upper() + words[1:]


def _assigned(data: dict) -> str:
    return f"Given to {data['now']}" if data.get("now") else "Back in the queue"


def _handed_over(data: dict) -> str:
    return f"Handed to {data.get('now', 'a team')}" + (f", was {data['was']}" if data.get("was") else "")


def _status(data: dict) -> str:
    now = STATUS.get(data.get("now", ""), data.get("now", ""))
    why = data.get("why", "")
    # "replied" and "closed" stand in lines of their own already.
    return f"Now {now}" + (f": {why}" if why and why not in {"replied", "closed", "closed and tagged"} else "")


def _priority(data: dict) -> str:
    labels = {value: label.lower() for value, label in Ticket.Priority.choices}
    return f"Priority {labels.get(data.get('now', 0), '?')}, was {labels.get(data.get('was', 0), '?')}"


def _reviewed(data: dict) -> str:
    words = REVIEWED.get(data.get("review", ""), "Draft reviewed")
    return words + (f": {str(data['reason']).replace('_', ' ')}" if data.get("reason") else "")
