"""What people read for a placeholder whose value they are not shown: `<PERSON_2>` is "name"."""

import re
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from copilot.redaction import PLACEHOLDER

_NAME = _("name")
LABELS: Mapping[str, object] = {
    "NAME": _NAME,
    "FULL_NAME": _NAME,
    "SURNAME": _NAME,
    "PERSON": _NAME,
    "EMAIL": _("email"),
    "PHONE": _("phone number"),
    "ADDRESS": _("address"),
    "LINK": _("link"),
    "KEY": _("key"),
    "PASSWORD": _("password"),
    "CODE": _("code"),
    "IBAN": _("account number"),
    "BIC": _("account number"),
    "ACCOUNT": _("account number"),
    "WALLET": _("account number"),
    "CARD": _("card number"),
    "BIRTHDATE": _("date of birth"),
    "PASSPORT": _("passport number"),
    "TAX": _("tax number"),
    "ID": _("number"),
    "IP": _("IP address"),
    "MAC": _("device address"),
}
_NUMBER = re.compile(r"_\d+$")


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, in the language of the page; True where one stands for a value."""
    end = 0
    for found in PLACEHOLDER.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], False
        yield str(LABELS[_NUMBER.sub("", found[1])]), True
        end = found.end()
    if end < len(text):
        yield text[end:], False
