"""Reads settings from the environment. A value that makes no sense ends the start with one plain line."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from environs import Env, EnvError

WHERE = "Correct it in the environment or in .env; .env.example explains every setting."
# What each reader expects, in words.
WANTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list separated by commas",
    "str": "text",
    "dj_db_url": "an address like postgres://user:password@host:5432/name",
    "dj_email_url": "an address like smtp+tls://user:password@host:587",
}
LARGEST = 2**53
SECRET = {"dj_db_url", "dj_email_url"}  # may contain a password, so the value is not printed


def refuse(name: str, why: str) -> SystemExit:
    """Raise it to print the line and end the process with status 1, without a traceback."""
    return SystemExit(f"Copydesk cannot start: {name} {why}. {WHERE}")


class Environment(Env):
    """environs with readable errors. A mistyped value is never replaced by a guess."""

    def __getattribute__(self, kind: str) -> Any:
        found = super().__getattribute__(kind)
        return self._plain(kind, found) if kind in WANTED else found

    def one_of(self, name: str, default: str, allowed: Sequence[str]) -> str:
        value = str(self.str(name, default)).strip()
        if value not in allowed:
            raise refuse(name, f"is {value!r:.40}, but may only be one of: {', '.join(allowed)}")
        return value

    def whole(self, name: str, default: int, minimum: int = 0, maximum: int = LARGEST) -> int:
        value: int = self.int(name, default)
        if not minimum <= value <= maximum:
            raise refuse(name, f"must be between {minimum} and {maximum}, but is {value}")
        return value

    def renamed(self, old: str, new: str) -> None:
        """Refuse a setting that has another name now, rather than ignore it."""
        if old in os.environ:
            raise refuse(old, f"is called {new} now")

    def _plain(self, kind: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def reader(name: str, default: Any, *args: Any, **more: Any) -> Any:
            try:
                value = read(name, default, *args, **more)
            except (EnvError, ValueError, TypeError, KeyError) as error:
                raise refuse(name, f"is not {WANTED[kind]}{self._given(kind, name)}") from error
            if kind == "dj_email_url" and "EMAIL_BACKEND" not in value:
                raise refuse(name, f"is not {WANTED[kind]}")
            return value

        return reader

    def _given(self, kind: str, name: str) -> str:
        if kind in SECRET:
            return ""
        return f" (it is {self._get_value(name, '')!r:.60})"
