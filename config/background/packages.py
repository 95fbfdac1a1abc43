"""What both brokers know of django-q's packages: a package is one job as signed text."""

import hashlib
import json
from typing import Any

from django_q.signing import SignedPackage

Handed = list[tuple[Any, Any]] | None  # what a broker hands out: a receipt and a package


def key_of(lane: str, package: str) -> str:
    """A key that is the same for the same function and arguments in the same lane."""
    task = SignedPackage.loads(package)
    named = json.dumps([lane, str(task["func"]), task["args"], task.get("kwargs") or {}], default=str, sort_keys=True)
    return hashlib.sha256(named.encode()).hexdigest()
