"""The versions of a prompt or of the voice: save one, put one into use, go back. The only writer of both tables.

Nothing is overwritten or deleted: a change is a new version, and what is in use is the newest activation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from copilot.models import TextActivation, TextVersion
from copilot.prompts.checks import Fault
from copilot.text_changes.kinds import Data, Kind
from copilot.text_changes.prompt_kind import PromptKind, names
from copilot.text_changes.voice_kind import VoiceKind
from copilot.texts import active, version_of

TRIES = 5


class State(StrEnum):
    DRAFT = "draft"  # never in use
    ACTIVE = "active"
    RETIRED = "retired"


class Changed(Exception):
    """Somebody else has put another version into use since the page was opened."""


class Refused(Exception):
    """The version must not be used."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True)
class InUse:
    """`number` 0: the file. `place`: of the newest activation, 0 if there was none. `broken`: the file stands in."""

    number: int
    texts: str
    place: int = 0
    since: datetime | None = None
    by: Any = None
    version: TextVersion | None = None
    broken: bool = False


def kinds() -> list[Kind]:
    return [VoiceKind(), *(PromptKind(name) for name in names())]


def kind_of(name: str) -> Kind | None:
    return next((kind for kind in kinds() if kind.name == name), None)


def version_name(kind: Kind, texts: str) -> str:
    return version_of(kind.name, texts, kind.languages)


def all_in_use() -> dict[str, InUse]:
    """By name, with one query."""
    newest = {row.name: row for row in active.newest()}
    return {kind.name: _in_use(kind, newest.get(kind.name)) for kind in kinds()}


def in_use(kind: Kind) -> InUse:
    row = TextActivation.objects.filter(name=kind.name).order_by("-place").select_related("version", "created_by")
    return _in_use(kind, row.first())


def _in_use(kind: Kind, row: TextActivation | None) -> InUse:
    if row is None:
        return InUse(0, kind.shipped_texts)
    version = row.version
    if version is None:
        return InUse(0, kind.shipped_texts, row.place, row.created_at, row.created_by)
    return InUse(
        version.number, version.texts, row.place, row.created_at, row.created_by, version, bool(broken(kind, version))
    )


def broken(kind: Kind, version: TextVersion) -> list[Fault]:
    """Why it cannot be used."""
    try:
        return kind.faults(kind.read(version.texts))
    except ValueError as error:
        return [Fault("", str(error))]


def numbered(kind: Kind, number: int) -> TextVersion | None:
    return TextVersion.objects.filter(name=kind.name, number=number).select_related("created_by").first()


def with_states(kind: Kind) -> list[tuple[TextVersion, State]]:
    """The newest first."""
    now = in_use(kind).number
    used: set[int | None] = set(TextActivation.objects.filter(name=kind.name).values_list("version", flat=True))
    rows = TextVersion.objects.filter(name=kind.name).select_related("created_by")
    return [(row, _state(row, now, used)) for row in rows]


def _state(row: TextVersion, now: int, used: set[int | None]) -> State:
    if row.number == now:
        return State.ACTIVE
    return State.RETIRED if row.pk in used else State.DRAFT


def activations(kind: Kind) -> list[TextActivation]:
    return list(TextActivation.objects.filter(name=kind.name).select_related("version", "created_by"))


def save(kind: Kind, data: Data, note: str, by: Any) -> TextVersion:
    """As a draft, complete or not. If it is word for word the newest version, that one."""
    texts = kind.write(data)
    for _try in range(TRIES):
        last = TextVersion.objects.filter(name=kind.name).order_by("-number").first()
        if last is not None and (last.texts, last.languages) == (texts, kind.languages):
            return last
        try:
            with transaction.atomic():
                return TextVersion.objects.create(
                    name=kind.name,
                    number=last.number + 1 if last else 1,
                    texts=texts,
                    languages=kind.languages,
                    version=version_name(kind, texts),
                    note=note[:200],
                    created_by=by,
                )
        except IntegrityError:  # somebody saved at the same time
            continue
    raise Changed


def activate(kind: Kind, number: int, seen: int, by: Any, note: str = "") -> bool:
    """Put a version into use; 0 is the file. False if it is in use already.

    `seen`: the place of the activation that the page showed as newest. Raises Changed, Refused and
    TextVersion.DoesNotExist.
    """
    version = TextVersion.objects.get(name=kind.name, number=number) if number else None
    if version is not None and (faults := broken(kind, version)):
        raise Refused(faults)
    latest = TextActivation.objects.filter(name=kind.name).aggregate(place=Max("place"))["place"] or 0
    if latest != seen:
        raise Changed
    if in_use(kind).number == number:
        return False
    try:
        with transaction.atomic():
            TextActivation.objects.create(
                name=kind.name, place=seen + 1, version=version, note=note[:200], created_by=by
            )
            transaction.on_commit(active.forget)
    except IntegrityError:
        raise Changed from None
    return True
