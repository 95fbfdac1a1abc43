"""Raw mails as files under MAIL_DIR: written whole or not at all, never changed."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils import timezone


def write_atomically(path: Path, content: bytes) -> None:
    """The file appears with all its bytes on disk, or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def keep_incoming(raw: bytes) -> str:
    """Writes the mail as it came; returns its path under MAIL_DIR."""
    relative = f"in/{timezone.now():%Y-%m}/{sha256(raw)}.eml"
    path = Path(settings.MAIL_DIR) / relative
    if not path.exists():
        write_atomically(path, raw)
    return relative


def read_incoming(relative: str) -> bytes | None:
    """The raw mail, or None if the file is gone or lies elsewhere."""
    root = Path(settings.MAIL_DIR).resolve()
    path = (root / relative).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return None
    return path.read_bytes()
