"""The errors of the engine, each with its HTTP status, in OpenAI's format."""

from typing import Any


class EngineError(Exception):
    """`code` is stable; the message is one plain sentence."""

    status = 500
    kind = "server_error"
    code = "internal_error"

    def body(self) -> dict[str, Any]:
        return {"error": {"message": str(self), "type": self.kind, "param": None, "code": self.code}}


class BadRequest(EngineError):
    status, kind, code = 400, "invalid_request_error", "invalid_request"


class ContextTooLong(EngineError):
    status, kind, code = 400, "invalid_request_error", "context_length_exceeded"


class BodyTooLarge(EngineError):
    status, kind, code = 413, "invalid_request_error", "request_too_large"


class NotJson(EngineError):
    status, kind, code = 415, "invalid_request_error", "unsupported_media_type"


class WrongKey(EngineError):
    status, kind, code = 401, "invalid_request_error", "invalid_api_key"


class NoModel(EngineError):
    """There is no model file; `manage.py fetch_models` fixes this."""

    status, code = 503, "no_model"


class LoadFailed(EngineError):
    status, code = 503, "model_error"


class Overloaded(EngineError):
    """Too many are waiting. After `retry_after` seconds one of them will have gone, at the pace of the last ones."""

    status, kind, code = 429, "rate_limit_error", "queue_full"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many requests are waiting for the model. Try again later.")
        self.retry_after = retry_after


class TimedOut(EngineError):
    """The request said how long it may take, and that is over."""

    status, code = 504, "timeout"


class Stopping(EngineError):
    status, code = 503, "stopping"


class DecodeFailed(EngineError):
    code = "decode_failed"
