"""The only importer of llama_cpp: a model, its cache and its samplers, without policy.

Tokenising and making a sampler are safe from any thread; everything else belongs to the decode thread.
"""

import ctypes
import logging
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Waiting threads sleep instead of spinning. Alone on two cores that costs a fifth of the writing speed; next to one
# busy process, which a desk has, it doubles it. OMP_WAIT_POLICY=active in the environment spins. Read when the
# library loads.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import llama_cpp as C
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
from llama_cpp.llama_grammar import json_schema_to_gbnf

from copilot.engine.batching import PINS, Copy, MemoryOp, Work
from copilot.engine.errors import BadRequest, DecodeFailed, LoadFailed, NoModel
from copilot.engine.requests import Sampling
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
        C.llama_log_set(_on_log, ctypes.c_void_p(0))
        C.llama_backend_init()
        self.model = _load_model(settings.model_path, settings.gpu_layers)
        self.vocab = C.llama_model_get_vocab(self.model)
        self.context = _new_context(self.model, settings)
        self.memory = C.llama_get_memory(self.context)
        self.size = int(C.llama_n_ctx(self.context))
        self.longest = min(self.size, int(C.llama_model_n_ctx_train(self.model)))
        self.batch = C.llama_batch_init(_batch_size(settings), 0, 1)
        self.formatter = self._formatter()

    def close(self) -> None:
        C.llama_batch_free(self.batch)
        C.llama_free(self.context)
        C.llama_model_free(self.model)

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
        sequence, batch = item.sequence, self.batch
        assert sequence.slot is not None
        for position in range(sequence.done, sequence.done + item.count):
            batch.token[at], batch.pos[at] = sequence.tokens[position], position
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, sequence.slot.number
            batch.logits[at] = item.samples and position == len(sequence.tokens) - 1
            at += 1
        return at

    def logits(self, index: int) -> Any:
        """A view of output `index` of the last batch, for as long as nothing else is decoded."""
        size = C.llama_vocab_n_tokens(self.vocab)
        return np.ctypeslib.as_array(C.llama_get_logits_ith(self.context, index), (size,))

    def sampler(self, sampling: Sampling) -> "Sampler":
        return Sampler(self, sampling)


def _load_model(path: Path, gpu_layers: int) -> Any:
    errors.clear()
    params = C.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    model = C.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise LoadFailed(f"The model file {path.name} could not be loaded: {_why()}")
    return model


def _batch_size(settings: EngineSettings) -> int:
    """The longest step that the scheduler may plan."""
    chunk = max(settings.chunk, settings.shared_chunk)
    return chunk + chunk // 2 + settings.slots


def _new_context(model: Any, settings: EngineSettings) -> Any:
    params = C.llama_context_default_params()
    params.n_ctx = settings.context
    params.n_batch = params.n_ubatch = _batch_size(settings)
    params.n_seq_max = 2 * settings.slots + PINS
    params.kv_unified = True
    params.n_threads, params.n_threads_batch = settings.decode_threads, settings.prefill_threads
    params.no_perf = True
    context = C.llama_init_from_model(model, params)
    if not context:
        raise LoadFailed(f"There is no room for a context of {settings.context} tokens: {_why()}")
    return context


class Sampler:
    """Chooses tokens for one sequence. Close it when the sequence has ended."""

    def __init__(self, llama: Llama, sampling: Sampling) -> None:
        self.llama = llama
        self.grammar = _grammar(llama.vocab, sampling)
        self.chain = C.llama_sampler_chain_init(C.llama_sampler_chain_default_params())
        for link in _links(sampling):
            C.llama_sampler_chain_add(self.chain, link)

    def close(self) -> None:
        C.llama_sampler_free(self.chain)
        if self.grammar:
            C.llama_sampler_free(self.grammar)

    def sample(self, index: int) -> int:
        """The next token after output `index` of the batch.

        With a grammar the chosen token is checked first, and all tokens only if it is not allowed.
        """
        token = int(C.llama_sampler_sample(self.chain, self.llama.context, index))
        if self.grammar:
            if not self._allows(token):
                token = self._sample_allowed(index)
            C.llama_sampler_accept(self.grammar, token)
        return token

    def logprobs(self, index: int, chosen: int, count: int) -> list[tuple[int, float]]:
        """`(token, log of its probability)` after output `index`, before any sampling: the chosen one, then the
        likeliest."""
        logits = self.llama.logits(index).astype(np.float64)
        best = np.argpartition(-logits, count)[:count]
        whole = np.logaddexp.reduce(logits)
        ordered = sorted(map(int, best), key=lambda token: -logits[token])
        return [(token, float(logits[token] - whole)) for token in [chosen, *ordered]]

    def _allows(self, token: int) -> bool:
        one = Candidates(np.array([token]), np.array([1.0]))
        one.apply(self.grammar)
        return not math.isinf(one.table["logit"][0])

    def _sample_allowed(self, index: int) -> int:
        logits = self.llama.logits(index)
        everything = Candidates(np.arange(len(logits)), logits)
        everything.apply(self.grammar)
        everything.apply(self.chain)
        token, logit = everything.selected()
        if math.isinf(logit):  # accepting it would end the process
            raise DecodeFailed("The grammar allows no token here.")
        return token


def _links(sampling: Sampling) -> list[Any]:
    if sampling.temperature <= 0:
        return [C.llama_sampler_init_greedy()]
    return [
        C.llama_sampler_init_top_k(sampling.top_k),
        C.llama_sampler_init_top_p(sampling.top_p, 1),
        C.llama_sampler_init_temp(sampling.temperature),
        C.llama_sampler_init_dist(sampling.seed),
    ]


def _grammar(vocab: Any, sampling: Sampling) -> Any:
    text = sampling.grammar
    if sampling.json_schema:
        try:
            text = str(json_schema_to_gbnf(sampling.json_schema))
        except Exception as error:
            raise BadRequest(f"The JSON schema cannot be used: {error!r:.200}") from error
    if not text:
        return None
    grammar = C.llama_sampler_init_grammar(vocab, text.encode(), b"root")
    if not grammar:
        raise BadRequest("The grammar could not be read.")
    return grammar


class Candidates:
    """Tokens with their logits, in the form that samplers change in place. Owns the memory they point to."""

    ROW = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])

    def __init__(self, ids: Any, logits: Any) -> None:
        self.table = np.zeros(len(ids), self.ROW)
        self.table["id"], self.table["logit"] = ids, logits
        data = self.table.ctypes.data_as(C.llama_token_data_p)
        self.array = C.llama_token_data_array(data=data, size=len(ids), selected=-1, sorted=False)

    def apply(self, sampler: Any) -> None:
        C.llama_sampler_apply(sampler, ctypes.byref(self.array))

    def selected(self) -> tuple[int, float]:
        found = self.array.data[self.array.selected]
        return int(found.id), float(found.logit)
