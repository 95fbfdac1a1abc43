"""The one error of everything that asks a model."""

from django.utils.translation import gettext_noop


class ModelError(Exception):
    """The model gave no answer. `retryable`: the same request may succeed later, at best after `retry_after` seconds.

    `message` is English and may be stored; pages translate it when they show it (our texts are marked with
    gettext_noop, a server's own stay as they are). `code` is stable: unavailable, no_model, refused, too_long, broken,
    timeout, busy: too many others wait for the server, and resting: the server was not asked, because it did not
    answer before (copilot.llm.breaker).
    `hangs`: a timeout of a server that answers nothing at all.
    """

    def __init__(
        self, code: str, message: str, *, retryable: bool, retry_after: float | None = None, hangs: bool = False
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.retryable, self.retry_after = code, message, retryable, retry_after
        self.hangs = hangs


def broken(message: str = gettext_noop("The model’s answer could not be read.")) -> ModelError:
    """What came back is not a valid answer; another try may bring one."""
    return ModelError("broken", message, retryable=True)
