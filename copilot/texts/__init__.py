"""The texts that leads may change, as they are in use: each is a file that is shipped, or a version in the database."""

import hashlib


def version_of(name: str, *texts: str) -> str:
    """`name@hash` over all texts, so that a changed text is a changed version."""
    return f"{name}@{hashlib.sha256(''.join(texts).encode()).hexdigest()[:10]}"
