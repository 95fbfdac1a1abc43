"""Who gets a reply. Pure, but for the settings.

A reply always goes to the ticket's customer. Others are in it because the customer or an agent put them there: whoever
merely writes on the ticket (anybody who was shown a mail of it can) is offered to the agent, and gets nothing unasked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.mail import smtp
from tickets.mail.automatic import is_own
from tickets.mail.mime import addresses, decoding
from tickets.mail.mime.addresses import Address

MOST = 50  # of one reply
OFFERED = 20


class NotAddressed(Exception):
    """The mail cannot go to these addresses. The message is for who wrote it."""


@dataclass(frozen=True)
class Recipients:
    """Each address once, in the first field that has it."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()

    @property
    def emails(self) -> list[str]:
        """In lower case."""
        return [each.email.lower() for each in (*self.to, *self.cc, *self.bcc)]

    @property
    def shown(self) -> list[str]:
        """In lower case, without Bcc."""
        return [each.email.lower() for each in (*self.to, *self.cc)]

    @property
    def fields(self) -> dict[str, tuple[Address, ...]]:
        return {"to": self.to, "cc": self.cc, "bcc": self.bcc}

    def as_json(self) -> dict[str, list[dict[str, str]]]:
        return {name: [as_json(each) for each in field] for name, field in self.fields.items()}


@dataclass(frozen=True)
class Mail:
    """What counts of one message of the ticket. `sender` is None for a reply of ours."""

    sender: Address | None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()


@dataclass(frozen=True)
class Choice:
    """`all`: who gets a reply to everybody. `known`: who was on the ticket before, in lower case. `offered`: of them
    those who are not in `all`, the latest first."""

    all: Recipients
    known: frozenset[str]
    offered: tuple[Address, ...]


def as_json(address: Address) -> dict[str, str]:
    return {"name": address.name, "email": address.email}


def _is_ours(address: Address) -> bool:
    return is_own(address.email, settings.SUPPORT_ADDRESS)


def once(to: Iterable[Address], cc: Iterable[Address] = (), bcc: Iterable[Address] = ()) -> Recipients:
    """Each address in the first field that has it."""
    seen: set[str] = set()
    fields = []
    for field in (to, cc, bcc):
        kept = {each.email.lower(): each for each in reversed(list(field)) if each.email.lower() not in seen}
        seen |= set(kept)
        fields.append(tuple(reversed(kept.values())))
    return Recipients(*fields)


def of_mail(to: Iterable[Address], cc: Iterable[Address]) -> Recipients:
    """Those of a customer's mail, without us."""
    return once(*([each for each in field if smtp.can_send(each.email) and not _is_ours(each)] for field in (to, cc)))


def choose(customer: Address, mails: Sequence[Mail]) -> Choice:
    """From the mails of a ticket, oldest first. Everybody: who is in the latest mail that is ours, or that the customer
    or somebody wrote whom one of these mails went to."""
    known, latest = {customer.email.lower()}, Mail(None)
    people: list[Address] = []
    for mail in mails:
        people += [*([mail.sender] if mail.sender else []), *mail.to, *mail.cc]
        if mail.sender is None or mail.sender.email.lower() in known:
            latest = mail
            known |= {each.email.lower() for each in (*mail.to, *mail.cc)}
    if latest.sender is None:
        everybody = once([customer, *latest.to], latest.cc)
    else:
        everybody = once([customer, latest.sender], [*latest.to, *latest.cc])
    rest = [each for each in once(reversed(people)).to if each.email.lower() not in everybody.emails]
    seen = {each.email.lower() for each in (customer, *people)}
    return Choice(everybody, frozenset(seen), tuple(rest[:OFFERED]))


def with_customer(customer: Address, asked: Recipients | None) -> Recipients:
    """Who gets the reply. Raises NotAddressed."""
    wanted = asked or Recipients(())
    _none_is_ours(wanted)
    found = once([customer, *wanted.to], wanted.cc, wanted.bcc)
    _few_enough(found)
    return found


def check(asked: Recipients) -> None:
    """Whether a mail can go there. Raises NotAddressed."""
    _none_is_ours(asked)
    _few_enough(asked)


def _none_is_ours(asked: Recipients) -> None:
    for each in (*asked.to, *asked.cc, *asked.bcc):
        if _is_ours(each):
            raise NotAddressed(_("%(address)s is the address of this desk. Remove it.") % {"address": each.email})


def _few_enough(asked: Recipients) -> None:
    if len(asked.emails) > MOST:
        most = ngettext("A mail can go to %(count)d address.", "A mail can go to %(count)d addresses.", MOST)
        raise NotAddressed(most % {"count": MOST})


def read(sent: Any) -> Recipients:
    """What a browser sent: {"to": [{"name", "email"}], "cc", "bcc"}.

    ValueError if it has another shape; NotAddressed if something in it is not an address.
    """
    if not isinstance(sent, dict) or set(sent) - {"to", "cc", "bcc"}:
        raise ValueError("not three lists of addresses")
    return once(*(_field(sent.get(name, [])) for name in ("to", "cc", "bcc")))


def _field(rows: Any) -> list[Address]:
    if not isinstance(rows, list) or len(rows) > 4 * MOST:
        raise ValueError("not a list of addresses")
    return [_address(row) for row in rows]


def _address(row: Any) -> Address:
    name, email = (row.get("name", ""), row.get("email")) if isinstance(row, dict) else ("", None)
    if not isinstance(name, str) or not isinstance(email, str):
        raise ValueError("not an address")
    found = addresses.normal(email)
    if not found or not smtp.can_send(found):
        shown = decoding.one_line(email, 80)
        raise NotAddressed(_("“%(address)s” is not an email address.") % {"address": shown})
    return Address(decoding.one_line(name, 200), found)
