"""What can be changed: each prompt, and the voice. A kind knows its file, its form, its checks and how it is read."""

import tomllib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from copilot.prompts.checks import Fault
from copilot.texts import toml_text

Data = Mapping[str, Any]
CONTROL = {code: None for code in (*range(9), *range(11, 32), 127)}


class Kind(ABC):
    """`languages`: the second text of a prompt's version. `tried`: whether it can be tried on past messages."""

    template: str
    tried = False

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    @abstractmethod
    def shipped_texts(self) -> str: ...

    @property
    def languages(self) -> str:
        return ""

    @property
    def shipped(self) -> Data:
        return self.read(self.shipped_texts)

    def read(self, texts: str) -> Data:
        """Raises ValueError if it is broken."""
        return self.normal(tomllib.loads(texts))

    def write(self, data: Data) -> str:
        return toml_text.dumps(data)

    @abstractmethod
    def normal(self, data: Data) -> Data:
        """So that equal texts are equal whatever white space surrounds them. Raises ValueError if parts are missing."""

    @abstractmethod
    def posted(self, post: QueryDict) -> Data:
        """What the form holds, complete or not."""

    @abstractmethod
    def faults(self, data: Data) -> list[Fault]: ...

    @abstractmethod
    def fields(self, data: Data, faults: list[Fault]) -> dict[str, Any]:
        """For the form's template."""

    @abstractmethod
    def readable(self, data: Data) -> str:
        """All of it as one text, to compare two versions line by line."""


def said(post: QueryDict, field: str) -> str:
    """What a field holds, without control characters and the white space around it."""
    return post.get(field, "").replace("\r\n", "\n").translate(CONTROL).strip()


def of_place(faults: list[Fault], place: str) -> list[str]:
    return [fault.said for fault in faults if fault.place == place]
