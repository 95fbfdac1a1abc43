"""A LoRA adapter changes what the model says; a wrong one is named. With the tiny writer and an adapter of nonsense."""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from copilot.engine.errors import LoadFailed
from copilot.engine.runner import Engine
from tests.copilot.tiny import TINY, Running, tiny_settings

pytestmark = pytest.mark.model
WIDTH = 576  # of the tiny writer
ALIGNMENT = 32


def adapter(path: Path, width: int = WIDTH) -> Path:
    """A GGUF file with one pair of matrices, for the queries of the first block."""
    random = np.random.default_rng(1)
    tensors = {
        "blk.0.attn_q.weight.lora_a": random.normal(size=(1, width)).astype(np.float32),
        "blk.0.attn_q.weight.lora_b": random.normal(size=(width, 1)).astype(np.float32),
    }
    told = {"general.type": "adapter", "general.architecture": "llama", "adapter.type": "lora"}
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(told) + 1)
    for key, value in told.items():
        head += text(key) + struct.pack("<I", 8) + text(value)
    head += text("adapter.lora.alpha") + struct.pack("<If", 6, 4.0)
    data = b""
    for name, tensor in tensors.items():
        rows, columns = tensor.shape
        head += text(name) + struct.pack("<IQQIQ", 2, columns, rows, 0, len(data))
        data += padded(tensor.tobytes())
    path.write_bytes(padded(head) + data)
    return path


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGNMENT)


def test_an_adapter_changes_what_is_said_and_by_whom(tmp_path: Path) -> None:
    said, names = [], []
    for path in (None, adapter(tmp_path / "shop.gguf")):
        running = Running(tiny_settings(lora_path=path))
        try:
            said.append(running.text("What is a spade?", max_tokens=12))
            names.append((running.health()["sha256"], running.health()["lora"], running.health()["model"]))
        finally:
            running.stop()
    assert said[0] != said[1]
    assert names[0][0] != names[1][0] and names[0][1:] == ("", TINY) and names[1][1:] == ("shop.gguf", TINY)


def test_until_both_are_read_nobody_says_who_answers(tmp_path: Path) -> None:
    from copilot.engine.llama import Llama

    alone = replace(tiny_settings(), sha256="a" * 64)
    assert Engine(alone, Llama).sha256 == alone.sha256
    assert Engine(replace(alone, lora_path=tmp_path / "shop.gguf"), Llama).sha256 == ""


@pytest.mark.parametrize("wrong", ["missing", "no adapter", "another model's"])
def test_a_wrong_adapter_is_named(wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.gguf"
    if wrong == "no adapter":
        path.write_bytes(b"GGUF and nothing else")
    elif wrong == "another model's":
        adapter(path, width=64)
    from copilot.engine.llama import Llama

    with pytest.raises(LoadFailed, match=r"shop\.gguf"):
        Llama(tiny_settings(lora_path=path))
