"""`python -m knowledge.index.chroma_program run …` is the `chroma` script, ready half a second earlier.

The script imports Chroma's Python client before it starts the server, which is written in Rust and needs none of it.
"""

import sys
from contextlib import suppress

import chromadb_rust_bindings

if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        chromadb_rust_bindings.cli(["chroma", *sys.argv[1:]])
