"""tickets/mail/recipients.py: who gets a reply."""

from typing import Any

import pytest

from tickets.mail import recipients
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Mail, NotAddressed, Recipients

TOMAS = Address("Tomas Okafor", "tomas@okafor.example")
ANNA = Address("Anna Berg", "anna@berg.example")
BEN = Address("Ben Miller", "ben@miller.example")
CARLA = Address("", "carla@neri.example")
US = Address("Tallybird", "support@tallybird.example")


def everybody(*mails: Mail) -> Recipients:
    return recipients.choose(TOMAS, mails).all


def offered(*mails: Mail) -> tuple[Address, ...]:
    return recipients.choose(TOMAS, mails).offered


def test_a_reply_to_a_customer_who_wrote_to_us_alone_goes_to_them_alone() -> None:
    assert everybody(Mail(TOMAS)) == Recipients((TOMAS,))
    assert everybody() == Recipients((TOMAS,))


def test_who_the_customer_put_in_to_or_cc_is_in_copy() -> None:
    assert everybody(Mail(TOMAS, to=(ANNA,), cc=(BEN,))) == Recipients((TOMAS,), (ANNA, BEN))


def test_the_latest_mail_counts() -> None:
    assert everybody(Mail(TOMAS, cc=(ANNA,)), Mail(TOMAS, cc=(BEN,))) == Recipients((TOMAS,), (BEN,))
    assert offered(Mail(TOMAS, cc=(ANNA,)), Mail(TOMAS, cc=(BEN,))) == (ANNA,)


def test_our_reply_counts_as_well_so_a_second_one_goes_to_the_same_people() -> None:
    assert everybody(Mail(TOMAS, cc=(ANNA,)), Mail(None, (TOMAS, BEN), (CARLA,))) == Recipients((TOMAS, BEN), (CARLA,))
    assert everybody(Mail(TOMAS, cc=(ANNA,)), Mail(None, (TOMAS,))) == Recipients((TOMAS,))


def test_an_answer_of_somebody_in_copy_is_answered_to_them_and_the_customer() -> None:
    assert everybody(Mail(TOMAS, cc=(ANNA,)), Mail(ANNA)) == Recipients((TOMAS, ANNA))
    assert everybody(Mail(None, (TOMAS,), (ANNA,)), Mail(ANNA, cc=(BEN,))) == Recipients((TOMAS, ANNA), (BEN,))


def test_somebody_whom_nobody_put_in_copy_is_offered_and_gets_nothing_unasked() -> None:
    mails = Mail(TOMAS), Mail(ANNA, to=(TOMAS,), cc=(BEN,))
    assert everybody(*mails) == Recipients((TOMAS,))
    assert set(offered(*mails)) == {ANNA, BEN}


def test_who_was_only_in_bcc_is_not_in_the_next_reply() -> None:
    """`Mail` has no Bcc: rows of it are not read."""
    assert everybody(Mail(None, (TOMAS,))) == Recipients((TOMAS,))


def test_letter_case_makes_no_second_recipient() -> None:
    again = Address("Tomas", "TOMAS@okafor.example")
    assert everybody(Mail(again, cc=(TOMAS, ANNA, Address("", "Anna@Berg.example")))) == Recipients((TOMAS,), (ANNA,))


def test_our_own_addresses_are_none_of_the_recipients() -> None:
    ours = Address("", "support+abcdefgh12345678@tallybird.example")
    assert recipients.of_mail([US, ANNA], [ours, BEN]) == Recipients((ANNA,), (BEN,))


def test_what_no_mail_can_be_sent_to_is_not_taken_over_from_a_mail() -> None:
    odd = [Address("", "a@" + "ü" * 60 + ".example"), Address("", "=?utf-8?q?x?=@x.example")]
    assert recipients.of_mail([ANNA, *odd], odd) == Recipients((ANNA,))


def test_the_customer_always_gets_the_reply_and_first() -> None:
    assert recipients.with_customer(TOMAS, None) == Recipients((TOMAS,))
    asked = Recipients((ANNA,), (TOMAS, BEN), (Address("", "Tomas@Okafor.example"), CARLA))
    assert recipients.with_customer(TOMAS, asked) == Recipients((TOMAS, ANNA), (BEN,), (CARLA,))


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
@pytest.mark.parametrize("ours", ["support@tallybird.example", "Support+x9@Tallybird.example"])
def test_a_reply_to_ourselves_is_refused(field: str, ours: str) -> None:
    asked = recipients.read({field: [{"name": "", "email": ours}]})
    with pytest.raises(NotAddressed, match="address of this desk"):
        recipients.with_customer(TOMAS, asked)


def test_a_reply_goes_to_fifty_addresses_at_most() -> None:
    rows = [{"email": f"guest{number}@x.example"} for number in range(49)]
    assert len(recipients.with_customer(TOMAS, recipients.read({"cc": rows})).emails) == 50
    with pytest.raises(NotAddressed, match="50 addresses"):
        recipients.with_customer(TOMAS, recipients.read({"cc": [*rows, {"email": "one@more.example"}]}))


def test_what_a_browser_sends_is_read() -> None:
    sent = {
        "to": [],
        "cc": [{"name": " Anna \n Berg ", "email": " anna@Berg.example"}],
        "bcc": [{"email": "josé@x.example"}],
    }
    assert recipients.read(sent) == Recipients((), (ANNA,), (Address("", "josé@x.example"),))


@pytest.mark.parametrize(
    "email",
    ["anna", "anna@", "@berg.example", "anna@berg.example\nBcc: x@y.example", ""]
    + ["a@" + "ü" * 60 + ".example", "=?utf-8?q?x?=@x.example"],
)
def test_what_is_no_address_is_named(email: str) -> None:
    with pytest.raises(NotAddressed, match="not an email address"):
        recipients.read({"cc": [{"name": "x", "email": email}]})


@pytest.mark.parametrize(
    "sent",
    [[], "anna@berg.example", {"cc": "anna@berg.example"}, {"cc": ["anna@berg.example"]}, {"cc": [{}]}, {"x": []}]
    + [{"cc": [{"email": 7}]}, {"cc": [{"name": 7, "email": "a@b.example"}]}, {"to": [{"email": "a@b.example"}] * 201}],
)
def test_another_shape_is_refused(sent: Any) -> None:
    with pytest.raises(ValueError, match="not"):
        recipients.read(sent)
