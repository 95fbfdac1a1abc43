"""What the check before sending says against a reply. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SHOWN = 70  # characters of the quoted words


class Level(StrEnum):
    """A block has no override. A doubt is the model's, comes later and never holds a reply back."""

    BLOCK = "block"
    WARNING = "warning"
    DOUBT = "doubt"


class Code(StrEnum):
    NOTE = "note"
    INTERNAL = "internal"
    OTHER_CUSTOMER = "other_customer"
    PLACEHOLDER = "placeholder"
    UNKNOWN_ADDRESS = "unknown_address"
    OTHER_NAME = "other_name"
    FACT = "fact"
    ADDRESS = "address"
    NAME = "name"
    MONEY = "money"
    GUARANTEE = "guarantee"
    LEGAL = "legal"
    MOOD = "mood"
    CHEERFUL = "cheerful"
    CURT = "curt"
    LANGUAGE = "language"
    UNANSWERED = "unanswered"
    INTERNAL_LINK = "internal_link"
    DEAD_LINK = "dead_link"
    ATTACHMENT = "attachment"
    GREETING = "greeting"
    OWN_NAME = "own_name"
    DOUBT = "doubt"


BLOCKS = frozenset({Code.NOTE, Code.INTERNAL, Code.OTHER_CUSTOMER, Code.PLACEHOLDER})
# %(words)s: of the reply, or of the customer's message; %(detail)s: see the finder.
MESSAGES: dict[Code, Promise] = {
    Code.NOTE: _("“%(words)s” is copied from an internal note. Customers must not read it."),
    Code.INTERNAL: _("“%(words)s” is copied from the internal article “%(detail)s”. Customers must not read it."),
    Code.OTHER_CUSTOMER: _("“%(words)s” belongs to another customer."),
    Code.PLACEHOLDER: _("“%(words)s” is a placeholder that nobody has filled in."),
    Code.UNKNOWN_ADDRESS: _("Nobody here knows the address “%(words)s”. Is it right?"),
    Code.OTHER_NAME: _("“%(words)s” is the name of another customer."),
    Code.FACT: _("“%(words)s” is in none of the sources and messages."),
    Code.ADDRESS: _("The address “%(words)s” is in none of the sources and messages."),
    Code.NAME: _("“%(words)s” is in none of the sources and messages."),
    Code.MONEY: _("“%(words)s” promises money. Only a team lead decides that."),
    Code.GUARANTEE: _("“%(words)s” is a guarantee that no source gives. Only a team lead may give one."),
    Code.LEGAL: _("“%(words)s” is a legal statement. Only a team lead may make one."),
    Code.MOOD: _("The customer wrote “%(words)s”. The reply has no word for that."),
    Code.CHEERFUL: _("“%(words)s” sounds cheerful, but the customer is upset."),
    Code.CURT: _("“%(words)s” sounds curt."),
    Code.LANGUAGE: _("The customer’s latest message is in another language than “%(words)s”."),
    Code.UNANSWERED: _("Not answered: “%(words)s”"),
    Code.INTERNAL_LINK: _("“%(words)s” leads to a page that customers cannot open."),
    Code.DEAD_LINK: _("“%(words)s” leads to an article that does not exist or is not published."),
    Code.ATTACHMENT: _("“%(words)s”, but nothing is attached."),
    Code.GREETING: _("The greeting says “%(words)s”, the customer’s name is %(detail)s."),
    Code.OWN_NAME: _("The greeting says “%(words)s”, which is your own name."),
    Code.DOUBT: _("The sources may not say this: “%(words)s”"),
}


@dataclass(frozen=True)
class Finding:
    """`start` and `end` count code points of the reply; both the same: something is missing there.

    `words`: what is quoted; `mend`: the text that replaces the place, None if only a person can say.
    """

    code: Code
    start: int
    end: int
    words: str
    mend: str | None = None
    detail: str = ""

    @property
    def level(self) -> Level:
        if self.code is Code.DOUBT:
            return Level.DOUBT
        return Level.BLOCK if self.code in BLOCKS else Level.WARNING

    @property
    def message(self) -> str:
        """In the language of the page."""
        return str(MESSAGES[self.code]) % {"words": shortened(self.words), "detail": self.detail}

    @property
    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "level": self.level,
            "start": self.start,
            "end": self.end,
            "words": self.words,
            "message": self.message,
            "mend": self.mend,
        }


def shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1].rstrip()}…"
