"""Stores raw mails as files under MAIL_DIR. They are written completely or not at all, and never changed."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def write_atomically(path: Path, content: bytes) -> None:
    """The file appears only when all its bytes are on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def keep_incoming(raw: bytes) -> str:
    """Writes the raw mail. Returns its path under MAIL_DIR."""
    relative = f"in/{timezone.now():%Y-%m}/{sha256(raw)}.eml"
    path = Path(settings.MAIL_DIR) / relative
    if not path.exists():
        write_atomically(path, raw)
    return relative


def read_incoming(relative: str) -> bytes | None:
    """The raw mail. None if the file is missing or is not under MAIL_DIR."""
    root = Path(settings.MAIL_DIR).resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return None
    return path.read_bytes()
