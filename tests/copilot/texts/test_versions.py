"""Versions are added, never changed or deleted; one is in use; of two leads who activate at once one is told."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from config.versioned import RowsAreNeverChanged
from copilot.models import TextActivation, TextVersion
from copilot.text_changes import versions
from copilot.text_changes.versions import Changed, Refused, State
from tests import cast
from tests.copilot.texts.conftest import changed, kind, put_into_use, saved, with_task

pytestmark = pytest.mark.django_db
POINT = "point-1"


def states() -> dict[int, str]:
    return {row.number: state for row, state in versions.with_states(kind(POINT))}


def test_the_shipped_file_is_version_0_and_needs_no_row() -> None:
    now = versions.in_use(kind(POINT))
    assert (now.number, now.place, now.by) == (0, 0, None)
    assert TextVersion.objects.count() == 0


def test_versions_are_counted_for_each_text() -> None:
    one, two, other = saved(POINT), saved(POINT, with_task(POINT, "Be exact.")), saved("say-1")
    assert (one.number, two.number, other.number) == (1, 2, 1)
    assert (one.note, one.created_by) == ("shorter", cast.rosa())
    assert states() == {1: State.DRAFT, 2: State.DRAFT}


def test_the_same_text_saved_twice_is_one_version() -> None:
    assert saved(POINT) == saved(POINT)


def test_one_is_in_use_and_the_one_before_is_kept() -> None:
    saved(POINT), saved(POINT, with_task(POINT, "Be exact."))
    assert put_into_use(POINT, 1) and put_into_use(POINT, 2)
    assert states() == {1: State.RETIRED, 2: State.ACTIVE}
    now = versions.in_use(kind(POINT))
    assert (now.number, now.by, now.place) == (2, cast.rosa(), 2)
    assert not put_into_use(POINT, 2)


def test_back_to_an_earlier_one_and_to_the_file_with_all_of_it_in_the_history() -> None:
    saved(POINT), saved(POINT, with_task(POINT, "Be exact."))
    for number in (1, 2, 1, 0):
        put_into_use(POINT, number)
    assert states() == {1: State.RETIRED, 2: State.RETIRED}
    history = [each.version.number if each.version else 0 for each in versions.activations(kind(POINT))]
    assert history == [0, 1, 2, 1]


def test_who_saw_an_older_state_is_told() -> None:
    saved(POINT), saved(POINT, with_task(POINT, "Be exact."))
    versions.activate(kind(POINT), 1, 0, cast.rosa())
    with pytest.raises(Changed):
        versions.activate(kind(POINT), 2, 0, cast.ada())
    assert versions.in_use(kind(POINT)).number == 1


def test_of_two_at_the_same_moment_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked and found nothing new; the second finds its place taken."""
    saved(POINT), saved(POINT, with_task(POINT, "Be exact."))
    look = versions.in_use

    def too_slow(text: object) -> versions.InUse:
        found = look(text)  # type: ignore[arg-type]
        TextActivation.objects.create(name=POINT, place=1, version=TextVersion.objects.get(number=1))
        return found

    monkeypatch.setattr(versions, "in_use", too_slow)
    with pytest.raises(Changed):
        versions.activate(kind(POINT), 2, 0, cast.ada())
    assert TextActivation.objects.get().version == TextVersion.objects.get(number=1)


def test_who_saves_at_the_same_moment_as_somebody_else_gets_the_next_number(monkeypatch: pytest.MonkeyPatch) -> None:
    create, late = TextVersion.objects.create, [True]

    def taken(**fields: Any) -> TextVersion:
        if late and late.pop():
            raise IntegrityError
        return create(**fields)

    monkeypatch.setattr(TextVersion.objects, "create", taken)
    assert saved(POINT).number == 1


def test_a_draft_may_be_incomplete_but_never_used() -> None:
    saved(POINT, changed(POINT, lambda data: data.update(turn="{ask}")))
    with pytest.raises(Refused) as refused:
        put_into_use(POINT, 1)
    assert {fault.place for fault in refused.value.faults} == {"turn"}
    assert versions.in_use(kind(POINT)).number == 0


def test_nothing_is_changed_or_deleted() -> None:
    version = saved(POINT)
    put_into_use(POINT, 1)
    version.note = "another"
    with pytest.raises(RowsAreNeverChanged):
        version.save()
    with pytest.raises(ProtectedError):
        version.delete()


def test_a_version_keeps_what_the_languages_were_called() -> None:
    """So that an update of Copydesk does not change what a stored version says."""
    version = saved("say-1")
    assert 'de = "German"' in version.languages
    assert version.version == versions.version_name(kind("say-1"), version.texts)
