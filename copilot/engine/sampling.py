"""Chooses the next token of a sequence with llama.cpp's samplers, within a grammar if there is one."""

import ctypes
import math
from collections.abc import Callable
from typing import Any

import llama_cpp as C
import numpy as np
from llama_cpp.llama_grammar import json_schema_to_gbnf

from copilot.engine.errors import BadRequest, DecodeFailed
from copilot.engine.requests import Sampling


class Sampler:
    """Chooses tokens for one sequence. Close it when the sequence has ended."""

    def __init__(self, vocab: Any, context: Any, logits: Callable[[int], Any], sampling: Sampling) -> None:
        self.context, self.logits = context, logits
        self.grammar = _grammar(vocab, sampling)
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
        token = int(C.llama_sampler_sample(self.chain, self.context, index))
        if self.grammar:
            if not self._allows(token):
                token = self._sample_allowed(index)
            C.llama_sampler_accept(self.grammar, token)
        return token

    def logprobs(self, index: int, chosen: int, count: int) -> list[tuple[int, float]]:
        """`(token, log of its probability)` after output `index`, before any sampling: the chosen one, then the
        likeliest."""
        logits = self.logits(index).astype(np.float64)
        best = np.argpartition(-logits, count)[:count]
        whole = np.logaddexp.reduce(logits)
        ordered = sorted(map(int, best), key=lambda token: -logits[token])
        return [(token, float(logits[token] - whole)) for token in [chosen, *ordered]]

    def _allows(self, token: int) -> bool:
        one = Candidates(np.array([token]), np.array([1.0]))
        one.apply(self.grammar)
        return not math.isinf(one.table["logit"][0])

    def _sample_allowed(self, index: int) -> int:
        logits = self.logits(index)
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
