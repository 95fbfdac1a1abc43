"""Chat messages to prompt tokens, such that no message can pass for markup of the prompt.

The model's own template is rendered with a marker in place of each content. Only the text between the
markers, which the template wrote, may contain special tokens; contents are tokenised as plain text.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from copilot.engine.errors import BadRequest

Render = Callable[[list[dict[str, str]]], str]
Tokenize = Callable[[str, bool], list[int]]


@dataclass(frozen=True)
class Span:
    text: str
    markup: bool


def spans(messages: Sequence[dict[str, str]], render: Render) -> list[Span]:
    """The rendered prompt, cut into what the template wrote and what people or articles wrote."""
    nonce = secrets.token_hex(16)
    marked = [{"role": message["role"], "content": f"[[{nonce}:{at}]]"} for at, message in enumerate(messages)]
    try:
        rendered = render(marked)
    except ValueError as error:
        raise BadRequest(f"The model's chat template refuses these messages: {error}") from error
    parts = re.split(rf"\[\[{nonce}:(\d+)\]\]", rendered)
    if {int(at) for at in parts[1::2]} != set(range(len(messages))):
        raise BadRequest("The model's chat template has no place for one of these messages.")
    cut = [
        Span(messages[int(part)]["content"], markup=False) if at % 2 else Span(part, markup=True)
        for at, part in enumerate(parts)
    ]
    return [span for span in cut if span.text]


def prompt_tokens(messages: Sequence[dict[str, str]], render: Render, tokenize: Tokenize) -> list[int]:
    return [token for span in spans(messages, render) for token in tokenize(span.text, span.markup)]
