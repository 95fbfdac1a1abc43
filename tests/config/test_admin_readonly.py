"""Tables that only code writes: in the admin some roles may read them, and nobody can change them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django_q.models import Failure, Schedule, Success, Task

from config.admin_readonly import CODE_ONLY_APPS
from tests import cast
from tickets.models import User

pytestmark = pytest.mark.django_db
MODELS = (Schedule, Success, Failure)
ROLES = ("mira", "rosa", "ken", "ada", "otto", "root")
PROGRAM = {"func": "os.system", "args": "'id > /tmp/owned'", "schedule_type": "O", "repeats": "1"}


def person(who: str) -> User:
    if who == "root":
        return User.objects.create_superuser("root", "root@tallybird.example", cast.PASSWORD, role=User.Role.ADMIN)
    found: User = getattr(cast, who)()
    return found


def a_row_of(model: type[Model]) -> Model:
    now = timezone.now()
    if model is Schedule:
        return Schedule.objects.create(func="config.background.schedules.tidy", next_run=now + timedelta(days=1))
    good = model is Success
    done = {"func": "os.getpid", "success": good, "started": now, "stopped": now}
    return Task.objects.create(
        id=("a" if good else "b") * 32, name="one", args=("secret words",), result="secret words", **done
    )


def counts() -> list[int]:
    return [model.objects.count() for model in (Schedule, Task)]


def addresses(model: type[Model], pk: Any) -> list[str]:
    found = []
    for page, args in (("add", []), ("change", [pk]), ("delete", [pk]), ("changelist", [])):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        found.append(reverse(name, args=args))
    return found


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("model", MODELS)
def test_nobody_can_write_a_job_from_the_web(client: Client, model: type[Model], who: str) -> None:
    row = a_row_of(model)
    client.force_login(person(who))
    before = counts()
    for path in addresses(model, row.pk):
        for data in (PROGRAM, {"post": "yes"}, {"action": "resubmit_task", "_selected_action": row.pk}):
            client.post(path, data)
        client.post(path, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert counts() == before
    row.refresh_from_db()
    assert not Schedule.objects.filter(func="os.system").exists()


@pytest.mark.parametrize("who", ["ada", "root"])
@pytest.mark.parametrize("model", MODELS)
def test_an_admin_may_read(client: Client, model: type[Model], who: str) -> None:
    row = a_row_of(model)
    client.force_login(person(who))
    add, change, delete, listing = addresses(model, row.pk)
    assert {client.post(path, PROGRAM).status_code for path in (add, change, delete)} == {403}
    page = client.get(listing).content.decode()
    assert "secret words" not in page
    assert client.get(listing).status_code == 200 and "_selected_action" not in page and add not in page
    looked_at = client.get(change)
    assert looked_at.status_code == 200 and b"_save" not in looked_at.content
    assert b"secret words" not in looked_at.content
    assert client.get(add).status_code == client.get(delete).status_code == 403


@pytest.mark.parametrize("who", ["mira", "rosa", "ken", "otto"])
@pytest.mark.parametrize("model", MODELS)
def test_other_roles_may_not_read(client: Client, model: type[Model], who: str) -> None:
    row = a_row_of(model)
    client.force_login(person(who))
    assert {client.get(path).status_code for path in addresses(model, row.pk)} <= {302, 403}


def test_every_table_that_only_code_writes_is_read_only(rf: Any) -> None:
    """Also tables of packages that are added later, whatever their own admin offers."""
    request = rf.get("/")
    request.user = person("root")
    shown = [each for model, each in admin.site._registry.items() if model._meta.app_label in CODE_ONLY_APPS]
    assert {type(each).__name__ for each in shown} >= {
        "ReadOnlyScheduleAdmin",
        "ReadOnlyTaskAdmin",
        "ReadOnlyFailAdmin",
    }
    for each in shown:
        assert not each.has_add_permission(request)
        assert not each.has_change_permission(request)
        assert not each.has_delete_permission(request)
        assert not each.get_actions(request)


def test_no_admin_page_runs_a_function_by_name() -> None:
    """No other table has a field that names a function."""
    fields = {field.name for model in admin.site._registry for field in model._meta.fields}
    writable = {
        field.name
        for model in admin.site._registry
        if model._meta.app_label not in CODE_ONLY_APPS
        for field in model._meta.fields
    }
    assert "func" in fields and not {"func", "hook", "pickle", "callable"} & writable
    with pytest.raises(NoReverseMatch):
        reverse("admin:django_q_task_add")
