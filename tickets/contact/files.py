"""Files of a contact form that came back with an error: kept until it is sent, so that nobody chooses them twice.

They lie in the attachments' storage under names that say nothing; which ones belong to a form stands, signed, in
the form itself. Bounded in number, size and time; where there is no room, the form asks for them again.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from tickets.mail import attachments
from tickets.mail.mime import decoding
from tickets.mail.mime.body import Part

T = TypeVar("T")
FILES = 3  # of one message
MEGABYTE = 1024 * 1024
SALT = "contact.files"
FOLDER = "unsent"
KEEP = 6 * 3600  # seconds
MOST = 300  # files of all forms together
MOST_BYTES = 500 * MEGABYTE


@dataclass(frozen=True)
class Kept:
    """One file that waits under `key`."""

    key: str
    name: str
    content_type: str
    size: int

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.key}"

    @property
    def there(self) -> bool:
        return default_storage.exists(self.path)

    def part(self) -> Part:
        with default_storage.open(self.path) as file:
            return Part(self.name, self.content_type, file.read())


def problems(files: Sequence[UploadedFile], before: int, words: Mapping[str, str]) -> list[str]:
    """Why the files cannot be sent as they are; `before` more are kept already."""
    found = [words["file_refused"].format(name=file.name, why=why) for file in files if (why := _refusal(file, words))]
    return [words["too_many_files"].format(FILES), *found] if before + len(files) > FILES else found


def _refusal(file: UploadedFile, words: Mapping[str, str]) -> str:
    if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
        return words["too_large"].format(settings.ATTACHMENT_MAX_BYTES // MEGABYTE)
    file.seek(0)
    return words["program"] if attachments.refusal(file.name or "", file.content_type or "", file.read(1024)) else ""


def part(file: UploadedFile) -> Part:
    file.seek(0)
    return Part(file.name or "file", file.content_type or "application/octet-stream", file.read())


def keep(files: Iterable[UploadedFile], before: Sequence[Kept], words: Mapping[str, str]) -> tuple[Kept, ...]:
    """`before` and, as far as there is room, those of `files` that may be sent."""
    forget_old()
    count, size = _held()
    kept = list(before)
    for file in files:
        size += file.size or 0
        count += 1
        if len(kept) == FILES or count > MOST or size > MOST_BYTES:
            break
        if not _refusal(file, words):
            kept.append(_write(file))
    return tuple(kept)


def _write(file: UploadedFile) -> Kept:
    file.seek(0)
    kept = Kept(
        uuid.uuid4().hex,
        decoding.one_line(file.name or "file", 255),
        decoding.one_line(file.content_type or "application/octet-stream", 120),
        file.size or 0,
    )
    default_storage.save(kept.path, ContentFile(file.read()))
    return kept


def sign(form: str, kept: Sequence[Kept]) -> str:
    return signing.dumps([form, *(asdict(each) for each in kept)], salt=SALT, compress=True) if kept else ""


def unsign(signed: str, form: str) -> tuple[Kept, ...]:
    """The files kept for this very form; nothing for a list that is not ours, another form's or too old."""
    try:
        owner, *rows = signing.loads(signed, salt=SALT, max_age=KEEP)
        return tuple(Kept(**row) for row in rows) if owner == form else ()
    except (signing.BadSignature, TypeError, ValueError):
        return ()


def forget_old() -> int:
    """Deletes what nobody may send any more; returns how many files those were."""
    until = timezone.now() - timedelta(seconds=KEEP)
    old = [path for path, changed in _each(default_storage.get_modified_time) if changed < until]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _held() -> tuple[int, int]:
    sizes = [size for _, size in _each(default_storage.size)]
    return len(sizes), sum(sizes)


def _each(ask: Callable[[str], T]) -> Iterator[tuple[str, T]]:
    """(path, answer) of every file; another process may delete some of them meanwhile."""
    with suppress(FileNotFoundError):
        for name in default_storage.listdir(FOLDER)[1]:
            path = f"{FOLDER}/{name}"
            with suppress(FileNotFoundError):
                yield path, ask(path)
