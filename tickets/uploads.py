"""Files in a composer: kept on the server until their message is sent, for one member and one ticket.

So they survive a reload, and are there on another device. Each file in the storage belongs to one row: an Upload
here, or the Attachment that it becomes when the message is sent. Undoing makes it an Upload again.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.mail import attachments
from tickets.models import Attachment, Message, StoredFile, Ticket, Upload, User
from tickets.models.stored_texts import shown

MEGABYTE = 1024 * 1024
FILES = 20  # of one message
ALL_BYTES = 18 * MEGABYTE  # of one message: written into a mail they are 25 MB, which is what most servers take
KEPT = timedelta(days=60)  # as long as the text (static/js/composer/kept.js)
UNDO = timedelta(hours=1)  # a file that was taken out

_SAME = [field.name for field in StoredFile._meta.fields]


class NotTaken(Exception):
    """The file is not kept. The message is for who chose it."""


class Gone(Exception):
    """`count` files are not there any more: sent or removed in another window, or too old."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} files are gone")
        self.count = count


def of(ticket: Ticket, owner: User) -> QuerySet[Upload]:
    """What waits in this member's composer, in the order in which it came."""
    return Upload.objects.filter(ticket=ticket, owner=owner, removed_at=None)


def largest() -> int:
    """Bytes that one file may have."""
    return min(int(settings.ATTACHMENT_MAX_BYTES), ALL_BYTES)


def receive(
    ticket: Ticket, owner: User, file: UploadedFile, *, for_note: bool = False, key: UUID | None = None
) -> Upload:
    """Keeps the file, once for each `key`: a browser that got no answer sends it again. Raises NotTaken."""
    key = key or uuid4()
    mine = Upload.objects.filter(ticket=ticket, owner=owner, key=key)
    if before := mine.first():
        return before
    content = _read(file)
    name = file.name or "file"
    there = of(ticket, owner).filter(for_note=for_note)
    if why := _too_much([*there.values_list("size", flat=True), len(content)]):
        raise _not_taken(name, why)
    described = attachments.described(content, name, file.content_type or "")
    upload = Upload(ticket=ticket, owner=owner, for_note=for_note, key=key, **described)
    attachments.write_file(upload, content)
    try:
        with transaction.atomic():
            upload.save()
    except BaseException as error:
        attachments.delete_files([upload])
        if isinstance(error, IntegrityError) and (before := mine.first()):  # the same file, at the same moment
            return before
        raise
    return upload


def _read(file: UploadedFile) -> bytes:
    name = file.name or "file"
    if (file.size or 0) > largest():  # before it is read
        limit = number_format(largest() // MEGABYTE)
        raise _not_taken(name, _("It is larger than %(limit)s MB.") % {"limit": limit})
    content = file.read()
    if not content:
        raise _not_taken(name, _("It is empty."))
    if why := attachments.refusal(name, file.content_type or "", content):
        raise _not_taken(name, f"{shown(why)}.")
    return content


def _not_taken(name: str, why: str) -> NotTaken:
    return NotTaken(_("%(name)s was not attached. %(why)s") % {"name": name, "why": why})


def _too_much(sizes: Sequence[int]) -> str:
    """Why one message cannot have files of these sizes in bytes; "" if it can."""
    if len(sizes) > FILES:
        return ngettext("A message can have %(count)d file.", "A message can have %(count)d files.", FILES) % {
            "count": FILES
        }
    if sum(sizes) > ALL_BYTES:
        limit = number_format(ALL_BYTES // MEGABYTE)
        return _("All files of a message together can have %(limit)s MB.") % {"limit": limit}
    return ""


def check(sizes: Sequence[int]) -> None:
    """Whether one message can have files of these sizes in bytes. Raises NotTaken."""
    if why := _too_much(sizes):
        raise NotTaken(why)


def remove(upload: Upload) -> None:
    """Takes the file out of the composer. It can be put back for a while."""
    Upload.objects.filter(pk=upload.pk, removed_at=None).update(removed_at=timezone.now())


def put_back(upload: Upload) -> None:
    """The file that was taken out is in the composer again."""
    Upload.objects.filter(pk=upload.pk).update(removed_at=None)


def attach(message: Message, ids: Sequence[int]) -> None:
    """The author's uploads become the message's attachments. In the caller's transaction. Raises Gone or NotTaken."""
    waiting = {"ticket": message.ticket_id, "owner": message.author_id, "removed_at": None}
    waiting["for_note"] = message.kind == Message.Kind.NOTE  # a file meant for the team must not reach the customer
    rows = {row.pk: row for row in Upload.objects.select_for_update().filter(pk__in=ids, **waiting)}
    if len(rows) < len(ids):
        raise Gone(len(ids) - len(rows))
    check([row.size for row in rows.values()])
    Attachment.objects.bulk_create(Attachment(message=message, **_same(rows[each])) for each in ids)
    Upload.objects.filter(pk__in=ids).delete()


def give_back(message: Message, owner: User) -> list[Upload]:
    """The attachments of a message that was not sent go into the composer of `owner`. In the caller's transaction."""
    sent = list(message.attachments.filter(refused=""))
    back = [Upload(ticket_id=message.ticket_id, owner=owner, **_same(row)) for row in sent]
    Attachment.objects.filter(pk__in=[row.pk for row in sent]).delete()
    return Upload.objects.bulk_create(back)


def _same(row: StoredFile) -> dict[str, object]:
    return {name: getattr(row, name) for name in _SAME}


def still_there(ids: Sequence[int]) -> bool:
    """Whether some of the uploads have not become attachments."""
    return Upload.objects.filter(pk__in=ids).exists()


def delete_old() -> int:
    """Deletes what nobody will send or put back any more; returns how many."""
    now = timezone.now()
    old = Upload.objects.filter(Q(created_at__lt=now - KEPT) | Q(removed_at__lt=now - UNDO))
    return sum(_delete(row, old) for row in old[:500])


def _delete(row: Upload, old: QuerySet[Upload]) -> bool:
    """The row first: if it has been sent or put back meanwhile, it is not among the old ones, and its file stays."""
    with transaction.atomic():
        deleted, _models = old.filter(pk=row.pk).delete()
    if deleted:
        attachments.delete_files([row])
    return bool(deleted)
