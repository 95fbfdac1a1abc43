"""`python training/train.py MODEL.gguf SAMPLES.json OUT`: trains the adapter. Needs a GPU, PyTorch and gguf, no Django.

A LoRA adapter (Hu et al. 2021, arXiv:2106.09685) on the attention of the writer as it is shipped: the weights are
those of the GGUF file, quantized and not changed, so the adapter fits what answers on a desk. Three losses: the right
digit of the pointing prompt, the right word of the checking prompt, and for translations and revisions the divergence
from what the model says without the adapter. OUT gets `adapter.npz` (export.py makes a GGUF file of it), `log.txt` and
`answers.json`, what was answered to the samples that are only measured (calibrate.py says what it is worth).
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from gguf import GGUFReader, ReaderTensor
from gguf.quants import dequantize
from torch import Tensor
from torch.nn.attention.bias import causal_lower_right

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
ATTENTION = ("attn_q", "attn_k", "attn_v", "attn_output")
RANK, ALPHA, DROPOUT = 8, 16, 0.05
RATE, WARM_UP, LEAST_RATE = 2e-4, 0.06, 0.05  # of the optimizer; shares of all steps, and of the rate
SMOOTHING = 0.03
ROWS, TOKENS = 32, 9000  # of one step's pointing samples, at most
VERIFIED, KEPT = 48, 4  # samples of the other two tasks in each step
KEPT_TOKENS = 160  # at the end of each text
HEADS, KEY_HEADS, HEAD = 12, 2, 128  # of the writer, qwen2.5 with 1.5 billion weights
EPSILON, THETA = 1e-6, 1e6
Samples = Sequence[dict[str, Any]]


# --- the model ---


@dataclass(frozen=True)
class Group:
    """Rows of tokens that begin with the same prefix, which is read once."""

    prefix: Sequence[int]
    rows: Sequence[Sequence[int]]

    @property
    def longest(self) -> int:
        return max(map(len, self.rows))

    def ids(self) -> list[int]:
        return [*self.prefix, *(each for row in self.rows for each in [*row, *[0] * (self.longest - len(row))])]

    def places(self) -> list[int]:
        start = len(self.prefix)
        return [*range(start), *list(range(start, start + self.longest)) * len(self.rows)]

    def last(self) -> list[int]:
        """Where in the ids each row ends."""
        return [len(self.prefix) + self.longest * at + len(row) - 1 for at, row in enumerate(self.rows)]

    def seen(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attention: each row sees the prefix and itself."""
        start, found = len(self.prefix), []
        if start:
            found.append(attention(*(each[None, :start] for each in (query, key, value))))
        own = [each[start:].unflatten(0, (len(self.rows), self.longest)) for each in (query, key, value)]
        before = [each[None, :start].expand(len(self.rows), -1, -1, -1) for each in (key, value)]
        keys, values = (torch.cat([early, late], 1) for early, late in zip(before, own[1:], strict=True))
        found.append(attention(own[0], keys, values))
        return torch.cat([each.flatten(0, 1) for each in found])


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """(rows, tokens, heads, width), as is the result. The last query sees all keys, each before it one less."""
    query, key, value = (each.transpose(1, 2) for each in (query, key, value))
    key, value = (each.repeat_interleave(HEADS // KEY_HEADS, 1) for each in (key, value))
    mask = causal_lower_right(query.shape[2], key.shape[2])
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2)


class Writer:
    """The writer with an adapter that can be switched off."""

    def __init__(self, path: Path, targets: Sequence[str]) -> None:
        self.weights = dict(ThreadPoolExecutor().map(self._loaded, GGUFReader(path).tensors))
        self.blocks = 1 + max(int(name.split(".")[1]) for name in self.weights if name.startswith("blk."))
        self.output = self.weights.get("output.weight", self.weights["token_embd.weight"])
        self.adapter = {
            name: self._pair(name)
            for block in range(self.blocks)
            for name in (f"blk.{block}.{each}" for each in targets)
        }
        self.adapted, self.training = True, False

    @staticmethod
    def _loaded(given: ReaderTensor) -> tuple[str, Tensor]:
        values = np.array(dequantize(given.data, given.tensor_type))
        return given.name, torch.from_numpy(values).to(DEVICE, torch.bfloat16)

    def _pair(self, name: str) -> tuple[Tensor, Tensor]:
        rows, columns = self.weights[f"{name}.weight"].shape
        down = torch.randn(RANK, columns, device=DEVICE) / math.sqrt(columns)
        return down.requires_grad_(), torch.zeros(rows, RANK, device=DEVICE, requires_grad=True)

    def read(self, groups: Sequence[Group]) -> list[Tensor]:
        """Hidden states after the last block, for each group those of its ids."""
        x = self.weights["token_embd.weight"][tensor([each for group in groups for each in group.ids()])]
        turns = rotations([each for group in groups for each in group.places()])
        sizes = [len(group.ids()) for group in groups]
        for block in range(self.blocks):
            normed = self._norm(x, f"blk.{block}.attn_norm")
            query, key, value = (
                self._linear(normed, f"blk.{block}.attn_{name}").unflatten(-1, (-1, HEAD)) for name in "qkv"
            )
            parts = [each.split(sizes) for each in (rotated(query, turns), rotated(key, turns), value)]
            seen = torch.cat([group.seen(*own) for group, *own in zip(groups, *parts, strict=True)])
            x = x + self._linear(seen.flatten(1), f"blk.{block}.attn_output")
            normed = self._norm(x, f"blk.{block}.ffn_norm")
            gate, up = (self._linear(normed, f"blk.{block}.ffn_{each}") for each in ("gate", "up"))
            x = x + self._linear(F.silu(gate) * up, f"blk.{block}.ffn_down")
        return list(self._norm(x, "output_norm").split(sizes))

    def said(self, hidden: Tensor) -> Tensor:
        """The logarithm of each token's probability."""
        return F.linear(hidden, self.output).float().log_softmax(-1)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        y = F.linear(x, self.weights[f"{name}.weight"], bias(self.weights, name))
        if not self.adapted or name not in self.adapter:
            return y
        down, up = (each.to(x.dtype) for each in self.adapter[name])
        given = F.dropout(x, DROPOUT) if self.training else x
        return y + F.linear(F.linear(given, down), up * (ALPHA / RANK))

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.rms_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], EPSILON)


def bias(weights: dict[str, Tensor], name: str) -> Tensor | None:
    return weights.get(f"{name}.bias")


def tensor(values: Sequence[int]) -> Tensor:
    return torch.tensor(values, device=DEVICE)


def rotations(places: Sequence[int]) -> tuple[Tensor, Tensor]:
    speeds = THETA ** -(torch.arange(0, HEAD, 2, device=DEVICE).float() / HEAD)
    angles = (tensor(places)[:, None, None] * speeds).repeat(1, 1, 2)
    return angles.cos().bfloat16(), angles.sin().bfloat16()


def rotated(x: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    turned = torch.cat([-x[..., HEAD // 2 :], x[..., : HEAD // 2]], -1)
    return x * turns[0] + turned * turns[1]


# --- losses ---


@dataclass(frozen=True)
class Task:
    """One question with a known answer: what all prompts begin with, and the tokens of all answers."""

    prefix: list[int]
    words: list[int]

    def group(self, samples: Samples) -> Group:
        return Group(self.prefix, [sample["tokens"] for sample in samples])

    def loss(self, said: Tensor, samples: Samples) -> Tensor:
        right = torch.zeros(said.shape)
        right[:, self.words] = SMOOTHING / len(self.words)
        for row, sample in enumerate(samples):
            for token, share in sample["right"].items():
                right[row, int(token)] += (1 - SMOOTHING) * share
        return -(right.to(DEVICE) * said).sum(-1).mean()


def losses(writer: Writer, tasks: dict[str, Task], samples: dict[str, Samples], kept: Group) -> dict[str, Tensor]:
    """Of each task, and how far the end of each kept text is from what the model says without the adapter."""
    writer.training = True
    groups = {name: task.group(samples[name]) for name, task in tasks.items()}
    *hidden, texts = writer.read([*groups.values(), kept])
    found = {
        name: tasks[name].loss(writer.said(states[tensor(group.last())]), samples[name])
        for (name, group), states in zip(groups.items(), hidden, strict=True)
    }
    sizes = [min(len(row), KEPT_TOKENS) for row in kept.rows]
    ends = tensor([end - back for end, size in zip(kept.last(), sizes, strict=True) for back in range(size)])
    writer.adapted = writer.training = False
    with torch.no_grad():
        before = writer.said(writer.read([kept])[0][ends])
    writer.adapted = True
    found["kept"] = (before.exp() * (before - writer.said(texts[ends]))).sum(-1).mean()
    return found


# --- training ---


def batches(epochs: Sequence[list[dict[str, Any]]], chance: random.Random) -> Iterator[list[dict[str, Any]]]:
    """Samples of similar length together, in random order."""
    for samples in epochs:
        found: list[list[dict[str, Any]]] = [[]]
        for sample in sorted(samples, key=lambda each: len(each["tokens"]) // 40 + 3 * chance.random()):
            longest = max(len(each["tokens"]) for each in [*found[-1], sample])
            if len(found[-1]) == ROWS or longest * (len(found[-1]) + 1) > TOKENS:
                found.append([])
            found[-1].append(sample)
        yield from chance.sample(found, len(found))


def endless(samples: Samples, chance: random.Random) -> Iterator[dict[str, Any]]:
    """All of them in random order, again and again."""
    while True:
        yield from chance.sample(samples, len(samples))


def train(writer: Writer, data: dict[str, Any], tasks: dict[str, Task], rate: float, seconds: float) -> Iterator[str]:
    began, chance = time.monotonic(), random.Random(3)  # noqa: S311
    weights = [each for pair in writer.adapter.values() for each in pair]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01, betas=(0.9, 0.99), fused=DEVICE == "cuda")
    order, verified = list(batches(data["point"], chance)), endless(data["verify"], chance)
    for step, batch in enumerate(order):
        share = max(step / len(order), (time.monotonic() - began) / seconds)
        if share >= 1:
            break
        cooled = LEAST_RATE + (1 - LEAST_RATE) * (1 + math.cos(math.pi * share)) / 2
        optimizer.param_groups[0]["lr"] = rate * min(1, (step + 1) / (WARM_UP * len(order))) * cooled
        optimizer.zero_grad()
        samples = {"point": batch, "verify": [next(verified) for _ in range(VERIFIED)]}
        found = losses(writer, tasks, samples, Group([], chance.sample(data["kept"], KEPT)))
        sum(found.values(), torch.zeros((), device=DEVICE)).backward()
        slope = torch.nn.utils.clip_grad_norm_(weights, 1.0)
        if finite := bool(slope.isfinite()):
            optimizer.step()
        if step % 20 == 0 or not finite:
            told = ", ".join(f"{name} {loss.item():.3f}" for name, loss in {**found, "slope": slope}.items())
            yield f"{time.monotonic() - began:.0f} s, step {step} of {len(order)}: {told}"


# --- what it learnt ---


@torch.no_grad()
def answered(writer: Writer, tasks: dict[str, Task], samples: Samples) -> list[dict[str, Any]]:
    """Each sample with the shares of the words that can answer it, and its score: yes, or any line but 0."""
    writer.training, answers = False, []
    for name, task in tasks.items():
        asked = sorted((each for each in samples if each["task"] == name), key=lambda each: len(each["tokens"]))
        for start in range(0, len(asked), ROWS):
            group = task.group(rows := asked[start : start + ROWS])
            said = writer.said(writer.read([group])[0][tensor(group.last())])[:, task.words].softmax(-1).cpu()
            for row, shares in zip(rows, said.tolist(), strict=True):
                about = {key: value for key, value in row.items() if key != "tokens"}
                answers.append({**about, "shares": shares, "score": shares[0] if name == "verify" else 1 - shares[0]})
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("samples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=1800, help="the rate of learning falls to its end by then")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--also", nargs="*", default=(), help="other layers to adapt: ffn_gate, ffn_up, ffn_down")
    options = parser.parse_args()
    torch.manual_seed(1)
    data = json.loads(options.samples.read_text())
    tasks = {name: Task(data["prefix"][name], data["words"][name]) for name in ("point", "verify")}
    writer = Writer(options.model, (*ATTENTION, *options.also))
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "log.txt").open("w") as log:
        for line in train(writer, data, tasks, options.rate, options.seconds):
            print(line, flush=True)
            log.write(line + "\n")
    (options.out / "answers.json").write_text(json.dumps(answered(writer, tasks, data["judged"])))
    pairs = {f"{name}.{each}": pair[at] for name, pair in writer.adapter.items() for at, each in enumerate("ab")}
    np.savez(
        options.out / "adapter.npz", alpha=ALPHA, **{name: each.detach().half().cpu() for name, each in pairs.items()}
    )


if __name__ == "__main__":
    main()
