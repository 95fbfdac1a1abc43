"""`python training/train.py MODEL.gguf SAMPLES.json OUT`: trains the adapter. Needs a GPU, PyTorch and gguf, no Django.

A LoRA adapter (Hu et al. 2021, arXiv:2106.09685) on the attention of the writer as it is shipped: the weights are
those of the GGUF file, quantized and not changed, so the adapter fits what answers on a desk. Three losses: the right
digit of the pointing prompt, the right word of the checking prompt, and for translations and revisions the divergence
from what the model says without the adapter. OUT gets `adapter.npz` (export.py makes a GGUF file of it) and `log.txt`.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from gguf import GGUFReader
from gguf.quants import dequantize
from torch import Tensor

TARGETS = ("attn_q", "attn_k", "attn_v", "attn_output")
RANK, ALPHA, DROPOUT = 8, 16, 0.05
RATE, WARM_UP, LEAST_RATE = 2e-4, 0.06, 0.05  # of the optimizer; shares of all steps, and of the rate
SMOOTHING = 0.03
ROWS, TOKENS = 32, 8000  # of one step's pointing samples, at most
VERIFIED, KEPT = 32, 4  # samples of the other two tasks in each step
KEPT_TOKENS = 160  # at the end of each text
HEADS, KEY_HEADS, HEAD = 12, 2, 128  # of the writer, qwen2.5 with 1.5 billion weights
EPSILON, THETA = 1e-6, 1e6
Past = list[tuple[Tensor, Tensor]]


class Writer:
    """The writer with an adapter that can be switched off."""

    def __init__(self, path: Path) -> None:
        self.weights = {
            each.name: torch.from_numpy(np.array(dequantize(each.data, each.tensor_type))).to("cuda", torch.bfloat16)
            for each in GGUFReader(path).tensors
        }
        self.blocks = 1 + max(int(name.split(".")[1]) for name in self.weights if name.startswith("blk."))
        self.output = self.weights.get("output.weight", self.weights["token_embd.weight"])
        self.adapter = {
            name: self._pair(name)
            for block in range(self.blocks)
            for name in (f"blk.{block}.{each}" for each in TARGETS)
        }
        self.adapted, self.training = True, False

    def _pair(self, name: str) -> tuple[Tensor, Tensor]:
        rows, columns = self.weights[f"{name}.weight"].shape
        down = torch.randn(RANK, columns, device="cuda") / math.sqrt(columns)
        return down.requires_grad_(), torch.zeros(rows, RANK, device="cuda", requires_grad=True)

    def read(self, ids: Tensor, start: int = 0, past: Past | None = None) -> tuple[Tensor, Past]:
        """Hidden states after the last block; keys and values of each. `past`: of a beginning that all rows share."""
        x, kept = self.weights["token_embd.weight"][ids], []
        places = torch.arange(start, start + ids.shape[1], device="cuda")
        mask = None if past is None else self._mask(*ids.shape, past[0][0].shape[2])
        for block in range(self.blocks):
            normed = self._norm(x, f"blk.{block}.attn_norm")
            query = rotated(self._heads(normed, f"blk.{block}.attn_q", HEADS), places)
            key = rotated(self._heads(normed, f"blk.{block}.attn_k", KEY_HEADS), places)
            value = self._heads(normed, f"blk.{block}.attn_v", KEY_HEADS)
            kept.append((key, value))
            if past is not None:
                key, value = (
                    torch.cat([before.expand(len(ids), -1, -1, -1), own], 2)
                    for before, own in zip(past[block], (key, value), strict=True)
                )
            key, value = (each.repeat_interleave(HEADS // KEY_HEADS, 1) for each in (key, value))
            seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
            x = x + self._linear(seen.transpose(1, 2).flatten(2), f"blk.{block}.attn_output")
            normed = self._norm(x, f"blk.{block}.ffn_norm")
            gate, up = (self._linear(normed, f"blk.{block}.ffn_{each}") for each in ("gate", "up"))
            x = x + self._linear(F.silu(gate) * up, f"blk.{block}.ffn_down")
        return self._norm(x, "output_norm"), kept

    def next_token(self, prefix: Sequence[int], rows: Sequence[Sequence[int]]) -> Tensor:
        """For each row the logits of what follows it."""
        _, past = self.read(torch.tensor([prefix], device="cuda"))
        hidden, _ = self.read(padded(rows), len(prefix), past)
        last = torch.tensor([len(row) - 1 for row in rows], device="cuda")
        return F.linear(hidden[torch.arange(len(rows), device="cuda"), last], self.output).float()

    def _heads(self, x: Tensor, name: str, count: int) -> Tensor:
        return self._linear(x, name).unflatten(-1, (count, HEAD)).transpose(1, 2)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        y = F.linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))
        if not self.adapted or name not in self.adapter:
            return y
        down, up = (each.to(x.dtype) for each in self.adapter[name])
        given = F.dropout(x, DROPOUT) if self.training else x
        return y + ALPHA / RANK * F.linear(F.linear(given, down), up)

    def _norm(self, x: Tensor, name: str) -> Tensor:
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + EPSILON)).to(x.dtype) * self.weights[
            f"{name}.weight"
        ]

    @staticmethod
    def _mask(rows: int, length: int, before: int) -> Tensor:
        own = torch.ones(length, length, dtype=torch.bool, device="cuda").tril()
        return torch.cat([own.new_ones(length, before), own], 1).expand(rows, 1, length, before + length)


def rotated(x: Tensor, places: Tensor) -> Tensor:
    speeds = THETA ** -(torch.arange(0, HEAD, 2, device="cuda").float() / HEAD)
    angles = (places[:, None] * speeds).repeat(1, 2)
    turned = torch.cat([-x[..., HEAD // 2 :], x[..., : HEAD // 2]], -1)
    return x * angles.cos().to(x.dtype) + turned * angles.sin().to(x.dtype)


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device="cuda")


# --- losses ---


@dataclass(frozen=True)
class Task:
    """One question with a known answer: what all prompts begin with, and the tokens of all answers."""

    prefix: list[int]
    words: list[int]

    def loss(self, writer: Writer, samples: Sequence[dict[str, Any]]) -> Tensor:
        said = writer.next_token(self.prefix, [sample["tokens"] for sample in samples]).log_softmax(-1)
        right = torch.zeros_like(said)
        right[:, self.words] = SMOOTHING / len(self.words)
        for row, sample in enumerate(samples):
            for token, share in sample["right"].items():
                right[row, int(token)] += (1 - SMOOTHING) * share
        return -(right * said).sum(-1).mean()


def divergence(writer: Writer, texts: Sequence[Sequence[int]]) -> Tensor:
    """How far the end of each text is from what the model says without the adapter."""
    ids = padded(texts)
    counted = torch.zeros(ids.shape, dtype=torch.bool, device="cuda")
    for row, text in enumerate(texts):
        counted[row, max(0, len(text) - KEPT_TOKENS) : len(text)] = True
    writer.adapted = writer.training = False
    with torch.no_grad():
        before = F.linear(writer.read(ids)[0][counted], writer.output).float().log_softmax(-1)
    writer.adapted = writer.training = True
    after = F.linear(writer.read(ids)[0][counted], writer.output).float().log_softmax(-1)
    return (before.exp() * (before - after)).sum(-1).mean()


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


def area(scores: Sequence[tuple[float, bool]]) -> float:
    """Under the ROC curve."""
    yes, no = ([score for score, right in scores if right is wanted] for wanted in (True, False))
    return sum((one > other) + (one == other) / 2 for one in yes for other in no) / (len(yes) * len(no))


@torch.no_grad()
def judge(writer: Writer, tasks: dict[str, Task], samples: Sequence[dict[str, Any]]) -> dict[str, float]:
    """How well the answers tell the cases of each task apart; of several questions the one that is answered best."""
    writer.training, found = False, {}
    for name, task in tasks.items():
        best: dict[Any, tuple[float, bool]] = {}
        for sample in (each for each in samples if each["task"] == name):
            shares = writer.next_token(task.prefix, [sample["tokens"]])[0, task.words].softmax(-1)
            score = float(shares[0] if name == "verify" else 1 - shares[0])
            best[sample["id"]] = max(best.get(sample["id"], (0.0, False)), (score, sample["yes"]))
        found[name] = round(area(list(best.values())), 4)
    return found


def train(writer: Writer, data: dict[str, Any], tasks: dict[str, Task], seconds: float) -> Iterator[str]:
    began, chance = time.monotonic(), random.Random(3)  # noqa: S311
    weights = [each for pair in writer.adapter.values() for each in pair]
    optimizer = torch.optim.AdamW(weights, lr=RATE, weight_decay=0.01, betas=(0.9, 0.99))
    order = list(batches(data["point"], chance))
    for step, batch in enumerate(order):
        share = max(step / len(order), (time.monotonic() - began) / seconds)
        if share >= 1:
            break
        cooled = LEAST_RATE + (1 - LEAST_RATE) * (1 + math.cos(math.pi * share)) / 2
        optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / (WARM_UP * len(order))) * cooled
        optimizer.zero_grad()
        writer.training = True
        losses = {
            "point": tasks["point"].loss(writer, batch),
            "verify": tasks["verify"].loss(writer, chance.sample(data["verify"], VERIFIED)),
            "kept": divergence(writer, chance.sample(data["kept"], KEPT)),
        }
        sum(losses.values(), torch.zeros((), device="cuda")).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        if step % 20 == 0:
            yield f"step {step} of {len(order)}: " + ", ".join(
                f"{name} {loss.item():.3f}" for name, loss in losses.items()
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("samples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=1800, help="the rate of learning falls to its end by then")
    options = parser.parse_args()
    torch.manual_seed(1)
    data = json.loads(options.samples.read_text())
    tasks = {name: Task(data["prefix"][name], data["words"][name]) for name in ("point", "verify")}
    writer = Writer(options.model)
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "log.txt").open("w") as log:
        for line in train(writer, data, tasks, options.seconds):
            print(line, flush=True)
            log.write(line + "\n")
        log.write(f"area: {judge(writer, tasks, data['judged'])}\n")
    pairs = {f"{name}.{each}": pair[at] for name, pair in writer.adapter.items() for at, each in enumerate("ab")}
    np.savez(
        options.out / "adapter.npz", alpha=ALPHA, **{name: each.detach().half().cpu() for name, each in pairs.items()}
    )


if __name__ == "__main__":
    main()
