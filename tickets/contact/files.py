"""Files of a contact form that had errors: saved until it is sent, so that nobody has to choose them again.

They lie in the attachments' storage under random names; the form itself carries a signed list of its own. Their
number, size and age are limited; when there is no room, the form asks for the files again.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.mail import attachments
from tickets.mail.mime import decoding
from tickets.mail.mime.body import Part

T = TypeVar("T")
FILES = 3  # of one message
MEGABYTE = 1024 * 1024
SALT = "contact.files"
FOLDER = "unsent"
MAX_AGE = 6 * 3600  # seconds
MAX_ALL_FILES = 300  # of all forms together
MAX_ALL_BYTES = 500 * MEGABYTE


@dataclass(frozen=True)
class SavedFile:
    """A file of a form that has not been sent yet."""

    key: str
    name: str
    content_type: str
    size: int

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.key}"

    @property
    def exists(self) -> bool:
        return default_storage.exists(self.path)

    def part(self) -> Part:
        with default_storage.open(self.path) as file:
            return Part(self.name, self.content_type, file.read())


def problems(files: Sequence[UploadedFile], saved: int) -> list[str]:
    """Why the files cannot be sent; `saved`: how many the form has already."""
    found = [why for file in files if (why := _refusal(file))]
    if saved + len(files) <= FILES:
        return found
    too_many = ngettext("Please choose at most %(count)d file.", "Please choose at most %(count)d files.", FILES)
    return [too_many % {"count": FILES}, *found]


def _refusal(file: UploadedFile) -> str:
    """A sentence for the form; "" for a file that may be sent."""
    if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
        limit = settings.ATTACHMENT_MAX_BYTES // MEGABYTE
        return _("%(name)s cannot be sent. It is larger than %(limit)d MB.") % {"name": file.name, "limit": limit}
    file.seek(0)
    if attachments.refusal(file.name or "", file.content_type or "", file.read(1024)):
        return _("%(name)s cannot be sent. We do not accept programs or empty files.") % {"name": file.name}
    return ""


def part(file: UploadedFile) -> Part:
    file.seek(0)
    return Part(file.name or "file", file.content_type or "application/octet-stream", file.read())


def save(files: Iterable[UploadedFile], before: Sequence[SavedFile]) -> tuple[SavedFile, ...]:
    """`before` and, as far as there is room, those of `files` that may be sent."""
    delete_old()
    count, size = _stored()
    saved = list(before)
    for file in files:
        size += file.size or 0
        count += 1
        if len(saved) == FILES or count > MAX_ALL_FILES or size > MAX_ALL_BYTES:
            break
        if not _refusal(file):
            saved.append(_write(file))
    return tuple(saved)


def _write(file: UploadedFile) -> SavedFile:
    file.seek(0)
    saved = SavedFile(
        uuid.uuid4().hex,
        decoding.one_line(file.name or "file", 255),
        decoding.one_line(file.content_type or "application/octet-stream", 120),
        file.size or 0,
    )
    default_storage.save(saved.path, ContentFile(file.read()))
    return saved


def sign(form: str, saved: Sequence[SavedFile]) -> str:
    return signing.dumps([form, *(asdict(each) for each in saved)], salt=SALT, compress=True) if saved else ""


def unsign(signed: str, form: str) -> tuple[SavedFile, ...]:
    """The files saved for this form; none for a list that is forged, another form's or too old."""
    try:
        owner, *rows = signing.loads(signed, salt=SALT, max_age=MAX_AGE)
        return tuple(SavedFile(**row) for row in rows) if owner == form else ()
    except (signing.BadSignature, TypeError, ValueError):
        return ()


def delete_old() -> int:
    """Deletes files that can no longer be sent; returns how many."""
    until = timezone.now() - timedelta(seconds=MAX_AGE)
    old = [path for path, changed in _each(default_storage.get_modified_time) if changed < until]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _stored() -> tuple[int, int]:
    sizes = [size for _, size in _each(default_storage.size)]
    return len(sizes), sum(sizes)


def _each(ask: Callable[[str], T]) -> Iterator[tuple[str, T]]:
    """(path, answer) of every file, but for those that another process deletes meanwhile."""
    with suppress(FileNotFoundError):
        for name in default_storage.listdir(FOLDER)[1]:
            path = f"{FOLDER}/{name}"
            with suppress(FileNotFoundError):
                yield path, ask(path)
