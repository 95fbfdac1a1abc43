"""The one error of everything that asks a model."""


class ModelError(Exception):
    """The model gave no answer. `retryable`: the same request may succeed later, at best after `retry_after` seconds.

    `code` is stable for the screen and the tests: unavailable, no_model, refused, too_long, broken, timeout, and
    resting: the server was not asked, because it did not answer before (copilot.llm.breaker).
    """

    def __init__(self, code: str, message: str, *, retryable: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.hangs = False  # the server was found to answer nothing at all
        self.code, self.message, self.retryable, self.retry_after = code, message, retryable, retry_after


def broken(message: str = "The model's answer could not be read.") -> ModelError:
    """What came back is no answer; another try may bring one."""
    return ModelError("broken", message, retryable=True)
