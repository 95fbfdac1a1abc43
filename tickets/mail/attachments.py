"""Stores files of messages. Of a refused attachment the name, the size and the reason are kept."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile

from config.picture_formats import NotAPicture, recognise
from tickets.mail.mime import decoding
from tickets.mail.mime.body import Part
from tickets.models import Attachment, Message, StoredFile

MAX_ATTACHMENTS = 50
PROGRAMS = frozenset(
    "ade adp apk app appx bat cab chm cmd com cpl dll dmg exe hta ins iso img isp jar js jse lib lnk mde msc msi msix "  # noqa: SIM905
    "msp mst nsh pif ps1 reg scf scr sct sh sys vb vbe vbs vhd vhdx vxd wsc wsf wsh xll".split()
)
_PROGRAM_TYPES = re.compile(r"application/(?:x-msdownload|x-dosexec|x-executable|x-ms-installer|hta|java-archive)")


def refusal(filename: str, content_type: str, content: bytes) -> str:
    """Why the content is not stored, or "". English (tickets/models/stored_texts.py)."""
    ending = PurePath(filename.lower().rstrip(". ")).suffix.lstrip(".")
    if ending in PROGRAMS or _PROGRAM_TYPES.match(content_type):
        return f"Programs are not stored (.{ending})" if ending else "Programs are not stored"
    if content[:2] == b"MZ" or content[:4] == b"\x7fELF":
        return "Programs are not stored (recognized by the content)"
    if len(content) > settings.ATTACHMENT_MAX_BYTES:
        return f"Larger than {settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)} MB"
    return "" if content else "Empty"


def described(content: bytes, filename: str, content_type: str) -> dict[str, Any]:
    """The fields of a StoredFile, without the file itself."""
    try:
        picture = recognise(content)
    except NotAPicture:
        shape = {"picture": "", "width": 0, "height": 0}
    else:
        shape = {"picture": picture.content_type, "width": picture.width, "height": picture.height}
    return shape | {
        "filename": decoding.one_line(filename, 255) or "attachment",
        "content_type": decoding.one_line(content_type, 120) or "application/octet-stream",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def write_file(stored: StoredFile, content: bytes) -> None:
    """Files are named by their hash; the row is not saved."""
    stored.file.save(f"{stored.sha256}.bin", ContentFile(content), save=False)


def store(message: Message, parts: Iterable[Part], stored: list[Attachment]) -> None:
    """Adds one row for each part, and appends it to `stored`."""
    for number, part in enumerate(parts, start=1):
        too_many = number > MAX_ATTACHMENTS
        why = "Too many attachments" if too_many else refusal(part.filename, part.content_type, part.content)
        fields = described(part.content, part.filename, part.content_type)
        attachment = Attachment(message=message, refused=why, content_id=part.content_id[:200], **fields)
        if not why:
            write_file(attachment, part.content)
        stored.append(attachment)
        attachment.save()


def copy(attachment: Attachment) -> Attachment:
    """The same file once more, for another message. The row is not saved."""
    with attachment.file.open("rb") as file:
        content = file.read()
    copied = Attachment(**described(content, attachment.filename, attachment.content_type))
    write_file(copied, content)
    return copied


def delete_files(stored: Iterable[StoredFile]) -> None:
    """Called when the rows are gone, or rolled back."""
    for attachment in stored:
        if attachment.file:
            attachment.file.delete(save=False)
