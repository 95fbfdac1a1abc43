"""What is typed into a search field is searched without personal data, and still finds what was asked for."""

import pytest

from knowledge.masking.forms import for_search, for_storage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tagged")]


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("my name is Petra Novak and how do I cancel", "my name is and how do I cancel"),
        ("refund for petra.novak@mail.example", "refund for"),
        ("why is the parcel to Lindenstraße 14, 10969 Berlin not here?", "why is the parcel to not here?"),
        ("how do I cancel", "how do I cancel"),
        ("Hi,\n\nhow do  I cancel?\nPetra Novak", "Hi,\n\nhow do I cancel?"),
    ],
)
def test_personal_data_is_left_out(typed: str, searched: str) -> None:
    assert for_search(typed) == searched


@pytest.mark.parametrize("typed", ["Okta SSO", "Amelia export", "Clara setup", "Bergen delivery", "Sage 50", "Lincoln"])
def test_a_name_of_one_word_may_be_a_product(typed: str) -> None:
    assert for_search(typed) == typed


def test_where_only_a_name_is_asked_for_it_stays() -> None:
    assert for_search("Petra Novak") == "Petra Novak"


def test_numbers_never_stay() -> None:
    assert for_search("4111 1111 1111 1111") == ""


def test_what_is_stored_keeps_the_kinds_and_placeholders() -> None:
    assert for_storage("<EMAIL_1> wrote: Petra Novak is out") == "<EMAIL_1> wrote: <person> is out"
