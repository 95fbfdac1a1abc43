"""Uploads for an import: kept under VAR_DIR between the preview and the confirmation, then deleted."""

import secrets
import shutil
import time
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

MOST_FILES = 5_000
MOST_BYTES = 200 * 1024 * 1024  # unpacked: a zip can hold a thousand times its size
UPLOAD_BYTES = 50 * 1024 * 1024
HOUR = 3600
SALT = "knowledge.import"
WANTED = {".md", ".png", ".jpg", ".jpeg", ".gif", ".webp"}


class Refused(Exception):
    """The upload is not accepted. The message is for whoever sent it."""


def keep(file: Any, user_id: int) -> tuple[str, Path]:
    """Store the upload. Returns a key, valid for an hour and for this member alone, and the path. Raises Refused."""
    if file.size > UPLOAD_BYTES:
        raise Refused(
            _("The file is larger than %(size)d MB. Use the command manage.py import_articles.")
            % {"size": UPLOAD_BYTES // 1024 // 1024}
        )
    _sweep()
    name = secrets.token_hex(8)
    folder = _folder() / name
    folder.mkdir(parents=True)
    try:
        if zipfile.is_zipfile(file):
            _unpack(file, folder / "articles")
        elif str(file.name).lower().endswith((".jsonl", ".json", ".ndjson")):
            (folder / "articles.jsonl").write_bytes(b"".join(file.chunks()))
        else:
            raise Refused(_("This is not a zip of Markdown files and not a JSONL file."))
    except (Refused, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise error if isinstance(error, Refused) else Refused(_("The zip is damaged or encrypted.")) from error
    return signing.dumps([name, user_id], salt=SALT), _content(folder)


def find(key: str, user_id: int) -> Path:
    """The path of an earlier upload. Raises Refused if it is somebody else's, too old or gone."""
    try:
        name, owner = signing.loads(key, salt=SALT, max_age=HOUR)
    except (signing.BadSignature, ValueError) as error:
        raise Refused(_("The upload has expired. Choose the file again.")) from error
    folder = _folder() / name
    if owner != user_id or not folder.is_dir():
        raise Refused(_("The upload no longer exists. Choose the file again."))
    return _content(folder)


def forget(path: Path) -> None:
    shutil.rmtree(path.parent, ignore_errors=True)


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "imports"


def _content(folder: Path) -> Path:
    articles = folder / "articles"
    return articles if articles.is_dir() else folder / "articles.jsonl"


def _unpack(file: Any, target: Path) -> None:
    """Only Markdown and pictures, only inside `target`. Sizes are counted while reading: the zip's own may lie."""
    target.mkdir()
    left = MOST_BYTES
    with zipfile.ZipFile(file) as archive:
        wanted = [each for each in archive.infolist() if _wanted(each)]
        if len(wanted) > MOST_FILES:
            raise Refused(
                _("The zip has more than %(count)d files. Use the command manage.py import_articles.")
                % {"count": MOST_FILES}
            )
        for each in wanted:
            with archive.open(each) as packed:
                content = packed.read(left + 1)
            left -= len(content)
            if left < 0:
                raise Refused(_("The zip is too large when unpacked. Use the command manage.py import_articles."))
            place = target / each.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def _wanted(each: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(each.filename)
    if each.is_dir() or path.suffix.lower() not in WANTED or "__MACOSX" in path.parts:
        return False
    if path.is_absolute() or ".." in path.parts or "\\" in each.filename or ":" in each.filename:
        raise Refused(_("The zip has a file with an unsafe path: %(path)s") % {"path": each.filename[:80]})
    return True


def _sweep() -> None:
    """Delete uploads that nobody confirmed within an hour."""
    folder = _folder()
    for each in folder.iterdir() if folder.is_dir() else ():
        if each.stat().st_mtime < time.time() - HOUR:
            shutil.rmtree(each, ignore_errors=True)
