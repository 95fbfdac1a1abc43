"""What was written before a message, for the model: "I did that" means nothing alone."""

from collections.abc import Sequence

from copilot.evidence.question import CUT, written_before
from copilot.evidence.question_text import shortened
from copilot.redaction import Masker
from tickets.models import Message

Letter = tuple[str, str]  # kind of the message, text
CHARACTERS, WORDS = 800, 60  # of each message


def masked_before(message: Message, masker: Masker) -> str:
    """See `before`. `masker` gives values that it does not know yet a placeholder."""
    earlier = [(kind, text[: CHARACTERS + CUT]) for kind, text in written_before(message)]
    masker.learn(*(text for _kind, text in earlier))
    return before([(kind, masker.mask(text)[:CHARACTERS]) for kind, text in earlier])


def before(earlier: Sequence[Letter]) -> str:
    """From the customer's message before our latest reply on, oldest first; replies are quoted, as in a mail.

    `earlier`: newest first. Pure.
    """
    taken: list[Letter] = []
    for kind, text in earlier:
        answered = any(each == Message.Kind.REPLY for each, _text in taken)
        taken.append((kind, text))
        if answered and kind == Message.Kind.CUSTOMER:
            break
    return "\n\n".join(_short(kind, text) for kind, text in reversed(taken))


def _short(kind: str, text: str) -> str:
    said = shortened(text, WORDS)
    if kind != Message.Kind.REPLY:
        return said
    return "\n".join(f"> {line}" for line in said.splitlines() if line.strip())
