"""What the engine needs to know, passed in as one frozen value."""

import os
from dataclasses import dataclass
from pathlib import Path


def cores() -> int:
    """The cores this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class EngineSettings:
    model_path: Path
    model_name: str
    sha256: str = ""  # of the model file; computed when it is loaded if it is not known before
    context: int = 8192  # tokens in the cache, all sequences together
    slots: int = 4  # sequences of one priority that are decoded together
    threads: int = 0  # 0: from the cores
    batch_threads: int = 0
    gpu_layers: int = 0  # -1: all
    max_queue: int = 100  # requests at the same time, those being answered too; as many more in the background
    guess: bool = True  # decode guessed tokens along where that pays
    lora_path: Path | None = None  # an adapter that changes what the model says
    api_key: str = ""
    fix: str = "manage.py fetch_models"  # the command that brings a missing model

    @property
    def decode_threads(self) -> int:
        """Writing waits for memory, not for arithmetic: past a few threads nothing is gained."""
        return self.threads or min(8, cores())

    @property
    def prefill_threads(self) -> int:
        return self.batch_threads or cores()

    @property
    def chunk(self) -> int:
        """Prompt tokens per step. On a CPU longer chunks gain nothing but block everybody else."""
        return 512 if self.gpu_layers else 64

    @property
    def shared_chunk(self) -> int:
        """Prompt tokens per step while somebody else would wait for them."""
        return 256 if self.gpu_layers else 32
