"""`python training/export.py adapter.npz OUT.gguf`: the trained adapter as llama.cpp reads it. Needs gguf."""

import sys
from pathlib import Path

import gguf
import numpy as np


def main(source: Path, out: Path) -> None:
    trained = np.load(source)
    writer = gguf.GGUFWriter(out, "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(trained["alpha"]))
    writer.add_string("general.license", "apache-2.0")
    for name in sorted(set(trained.files) - {"alpha"}):
        target, _, half = name.rpartition(".")
        writer.add_tensor(f"{target}.weight.lora_{half}", trained[name].astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
