"""The recipients of a message as rows: to whom a reply goes, who else was in a customer's mail."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from tickets.mail import recipients
from tickets.mail.mime import addresses
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.models import Customer, Message, OutgoingMail, Recipient, Ticket

MOST = 100  # of one field of a mail


def store(message: Message, asked: Recipients) -> None:
    """The rows of a new message. In the caller's transaction."""
    Recipient.objects.bulk_create(
        Recipient(message=message, kind=kind, name=each.name[:200], email=each.email)
        for kind, field in asked.fields.items()
        for each in field[:MOST]
    )


def stored(message: Message) -> Recipients:
    """As `store` kept them. One query, none if they were prefetched."""
    fields: dict[str, list[Address]] = {"to": [], "cc": [], "bcc": []}
    for row in message.recipients.all():
        fields[row.kind].append(Address(row.name, row.email))
    return Recipients(*(tuple(each) for each in fields.values()))


def accept(message: Message, refusals: Mapping[str, str] = MappingProxyType({}), *, keep_refused: bool = False) -> None:
    """The mail server has taken the mail for all who did not have it yet, except for those in `refusals` (why, by
    address). `keep_refused`: and except for those of whom a report came before we knew the outcome."""
    waiting = message.recipients.filter(accepted=False)
    if keep_refused:
        waiting = waiting.filter(refused="")
    waiting.exclude(email__in=refusals).update(accepted=True, refused="")
    for email, why in refusals.items():
        waiting.filter(email=email).update(refused=why[:300])


def bounced(message: Message, emails: Collection[str], why: str, *, known_only: bool = False) -> None:
    """The mail came back from these addresses; from all, if none of them is a recipient (a server can have forwarded
    it) and not `known_only`."""
    rows = list(message.recipients.all())
    named = {addresses.normal(each).lower() for each in emails}
    back = [row.pk for row in rows if row.email.lower() in named]
    if not back and not known_only:
        back = [row.pk for row in rows]
    message.recipients.filter(pk__in=back).update(accepted=False, refused=why[:300])


def expect(message: Message) -> None:
    """The mail is sent again to those who do not have it; to all, if that is not known."""
    if not message.recipients.filter(accepted=False).exists():
        message.recipients.update(accepted=False)


def of_ticket(ticket: Ticket, messages: Iterable[Message]) -> recipients.Choice:
    """From its messages, oldest first, with their recipients. Without undone replies and what customers do not see."""
    mails = [_counted(each) for each in messages if each.kind in Message.WITH_CUSTOMER and not _undone(each)]
    return recipients.choose(customer_address(ticket.customer), mails)


def customer_address(customer: Customer) -> Address:
    return Address(customer.name, customer.email)


def _undone(message: Message) -> bool:
    return hasattr(message, "outgoing") and message.outgoing.state == OutgoingMail.State.UNDONE


def _counted(message: Message) -> recipients.Mail:
    kept = stored(message)
    if message.kind == Message.Kind.REPLY:
        return recipients.Mail(None, kept.to, kept.cc)
    sender = message.from_email or message.ticket.customer.email
    return recipients.Mail(Address(message.from_name, sender), kept.to, kept.cc)
