"""A model of llama.cpp and its cache, without policy. Beside its samplers (sampling) the only importer of llama_cpp.

Tokenising and making a sampler are safe from any thread; everything else belongs to the decode thread.
"""

import ctypes
import logging
import math
import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

# Waiting threads sleep instead of spinning. Alone on two cores that costs a fifth of the writing speed; next to one
# busy process, which a desk has, it doubles it. OMP_WAIT_POLICY=active in the environment spins. Read when the
# library loads.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import llama_cpp as C
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from copilot.engine.batching import longest_step, slots_in_all
from copilot.engine.errors import BadRequest, DecodeFailed, LoadFailed, NoModel
from copilot.engine.requests import Sampling
from copilot.engine.sampling import Sampler
from copilot.engine.sequences import Copy, MemoryOp, Work
from copilot.engine.settings import EngineSettings

log = logging.getLogger(__name__)
ERROR_LEVEL = 4  # GGML_LOG_LEVEL_ERROR
errors: list[str] = []  # errors that llama.cpp logged since the last attempt, for our messages


@C.llama_log_callback
def _on_log(level: int, text: bytes, _: Any) -> None:
    line = text.decode(errors="replace").strip()
    if level == ERROR_LEVEL and line:
        errors.append(line[:200])
        log.warning("llama.cpp: %s", line[:200])


def _why() -> str:
    return errors[0] if errors else "llama.cpp gave no reason"


class Llama:
    """A loaded model with one context for many sequences."""

    def __init__(self, settings: EngineSettings) -> None:
        if not settings.model_path.is_file():
            raise NoModel(f"No model file at {settings.model_path}. Run `{settings.fix}`.")
        if settings.lora_path and not settings.lora_path.is_file():
            raise LoadFailed(f"No adapter at {settings.lora_path}; LLM_LORA names it.")
        C.llama_log_set(_on_log, ctypes.c_void_p(0))
        C.llama_backend_init()
        with ExitStack() as opened:  # what was opened is closed again if the rest cannot be
            self.model = _load_model(settings.model_path, settings.gpu_layers)
            opened.callback(C.llama_model_free, self.model)
            self.vocab = C.llama_model_get_vocab(self.model)
            self.formatter = self._formatter()
            self.context = _new_context(self.model, settings)
            opened.callback(C.llama_free, self.context)
            if settings.lora_path:
                _adapt(self.model, self.context, settings.lora_path)
            self.memory = C.llama_get_memory(self.context)
            self.size = int(C.llama_n_ctx(self.context))
            self.longest = min(self.size, int(C.llama_model_n_ctx_train(self.model)))
            self.batch = C.llama_batch_init(longest_step(settings.slots, settings.chunk), 0, 1)
            opened.callback(C.llama_batch_free, self.batch)
            self.close = opened.pop_all().close

    # --- text and tokens ---

    def _formatter(self) -> Jinja2ChatFormatter:
        template = C.llama_model_chat_template(self.model, None)
        if not template:
            raise LoadFailed("This model file has no chat template.")
        end, begin = C.llama_vocab_eos(self.vocab), C.llama_vocab_bos(self.vocab)
        return Jinja2ChatFormatter(template.decode(), eos_token=self._name(end), bos_token=self._name(begin))

    def _name(self, token: int) -> str:
        return C.llama_vocab_get_text(self.vocab, token).decode() if token >= 0 else ""

    def render(self, messages: list[dict[str, str]]) -> str:
        """The chat as the model's template writes it, with the beginning that its vocabulary asks for."""
        prompt = str(self.formatter(messages=messages).prompt)  # type: ignore[arg-type]
        begin = self._name(C.llama_vocab_bos(self.vocab)) if C.llama_vocab_get_add_bos(self.vocab) else ""
        return prompt if prompt.startswith(begin) else begin + prompt

    def tokenize(self, text: str, markup: bool) -> list[int]:
        """Without `markup` nothing in the text can become a control token."""
        raw = text.encode("utf-8", errors="replace")
        room = len(raw) + 8
        tokens = (C.llama_token * room)()
        found = C.llama_tokenize(self.vocab, raw, len(raw), tokens, room, False, markup)
        if found < 0:
            raise BadRequest("A message could not be turned into tokens.")
        return list(tokens[:found])

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        length = C.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, False)
        return buffer.raw[: max(0, length)]

    def is_end(self, token: int) -> bool:
        return bool(C.llama_vocab_is_eog(self.vocab, token))

    # --- the cache ---

    def apply(self, ops: Sequence[MemoryOp]) -> None:
        for op in ops:
            if isinstance(op, Copy):
                C.llama_memory_seq_cp(self.memory, op.source, op.target, 0, op.length)
            elif not C.llama_memory_seq_rm(self.memory, op.target, op.length, -1):
                raise DecodeFailed("This model cannot forget a part of what it has read.")

    def decode(self, work: Sequence[Work]) -> bool:
        """Compute one step; False if the cache has no room for it."""
        at = 0
        for item in work:
            at = self._enqueue(item, at)
        self.batch.n_tokens = at
        errors.clear()
        answer = C.llama_decode(self.context, self.batch)
        if answer not in (0, 1):
            raise DecodeFailed(f"llama_decode failed with {answer}: {_why()}")
        return bool(answer == 0)

    def _enqueue(self, item: Work, at: int) -> int:
        """The model says what follows the last token, and each guessed one."""
        sequence, batch = item.sequence, self.batch
        assert sequence.slot is not None
        for number, token in enumerate(item.tokens):
            batch.token[at], batch.pos[at] = token, sequence.done + number
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, sequence.slot.number
            batch.logits[at] = item.samples and number >= item.count - 1
            at += 1
        return at

    def logits(self, index: int) -> Any:
        """A view of output `index` of the last batch, for as long as nothing else is decoded."""
        size = C.llama_vocab_n_tokens(self.vocab)
        return np.ctypeslib.as_array(C.llama_get_logits_ith(self.context, index), (size,))

    def logprobs(self, index: int, words: Sequence[Sequence[int]]) -> list[float]:
        """The logarithm of the probability of each word after output `index`: that of all its spellings together."""
        logits = self.logits(index).astype(np.float64)
        whole = np.logaddexp.reduce(logits)
        return [float(np.logaddexp.reduce(logits[list(word)]) - whole) if word else -math.inf for word in words]

    def likeliest(self, index: int) -> int:
        return int(self.logits(index).argmax())

    def spellings(self, word: str) -> list[int]:
        """The tokens that are this word, with or without a space before it, in capital letters or not."""
        return self._spellings.get(word.strip().lower(), [])

    @cached_property
    def _spellings(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for token in range(C.llama_vocab_n_tokens(self.vocab)):
            found.setdefault(self.piece(token).decode(errors="replace").strip().lower(), []).append(token)
        return found

    def sampler(self, sampling: Sampling) -> Sampler:
        return Sampler(self.vocab, self.context, self.logits, sampling)


def _load_model(path: Path, gpu_layers: int) -> Any:
    errors.clear()
    params = C.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    model = C.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise LoadFailed(f"The model file {path.name} could not be loaded: {_why()}")
    return model


def _adapt(model: Any, context: Any, path: Path) -> None:
    """Freed with the model."""
    errors.clear()
    adapter = C.llama_adapter_lora_init(model, str(path).encode())
    if not adapter:
        raise LoadFailed(f"The adapter {path.name} does not fit the model: {_why()}")
    one = (C.llama_adapter_lora_p_ctypes * 1)(adapter)
    if C.llama_set_adapters_lora(context, one, 1, (ctypes.c_float * 1)(1.0)):
        raise LoadFailed(f"The adapter {path.name} could not be used: {_why()}")


def _new_context(model: Any, settings: EngineSettings) -> Any:
    params = C.llama_context_default_params()
    params.n_ctx = settings.context
    params.n_batch = params.n_ubatch = longest_step(settings.slots, settings.chunk)
    params.n_seq_max = slots_in_all(settings.slots)
    params.kv_unified = True
    params.n_threads, params.n_threads_batch = settings.decode_threads, settings.prefill_threads
    params.no_perf = True
    context = C.llama_init_from_model(model, params)
    if not context:
        raise LoadFailed(f"There is no room for a context of {settings.context} tokens: {_why()}")
    return context
