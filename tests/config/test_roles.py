"""One table says what each role may do, and no code decides by anything else."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config import roles
from config.roles import Capability, Role, may, roles_with
from config.web.access import require
from config.web.context import rights
from tests import cast
from tests.modules import ROOT, tracked
from tickets.models import User

C = Capability
WHO_MAY = {
    C.WORK_TICKETS: {"mira", "rosa", "ada"},
    C.DECIDE_PROMISES: {"rosa", "ada"},
    C.SEE_FIGURES: {"rosa", "ada"},
    C.SHARE_VIEWS: {"rosa", "ada"},
    C.READ_ARTICLES: {"mira", "rosa", "ken", "ada", "otto"},
    C.LOOK_AT_KNOWLEDGE: {"rosa", "ken", "ada", "otto"},
    C.WRITE_ARTICLES: {"rosa", "ken", "ada"},
    C.ENTER_ADMIN: {"rosa", "ken", "ada"},
    C.CHANGE_TEXTS: {"rosa", "ada"},
    C.CHANGE_ROUTING: {"rosa", "ada"},
    C.SET_UP: {"ada"},
    C.DO_ANYTHING: set(),
}
# The only other file that may ask who is a superuser: an admin must not take over a superuser's account.
ABOUT_PEOPLE = {"config/roles.py", "tickets/admin.py", "tickets/models/people.py"}


@pytest.mark.django_db
@pytest.mark.parametrize("capability", C)
def test_who_may_what(capability: Capability) -> None:
    people = ("mira", "rosa", "ken", "ada", "otto")
    assert {who for who in people if may(getattr(cast, who)(), capability)} == WHO_MAY[capability]


@pytest.mark.django_db
def test_an_inactive_member_may_do_nothing(ada: User) -> None:
    ada.is_active = False
    assert roles.of(ada) == roles.of(AnonymousUser()) == roles.of(None) == frozenset()
    ada.is_superuser = True
    assert roles.of(ada) == frozenset()


@pytest.mark.django_db
def test_a_superuser_may_do_everything(otto: User) -> None:
    otto.is_superuser = True
    assert roles.of(otto) == frozenset(C)


def test_an_unknown_role_may_do_nothing() -> None:
    assert roles.of(User(role="visitor", is_active=True)) == frozenset()


def test_roles_with_pages_in_the_admin_may_enter_it() -> None:
    for role in Role:
        assert (C.ENTER_ADMIN in role.capabilities) == (not role.capabilities.isdisjoint(roles.IN_ADMIN.values()))


def test_roles_are_found_by_what_they_may_do() -> None:
    assert roles_with(C.WORK_TICKETS) == ["agent", "lead", "admin"]
    assert roles_with(C.DO_ANYTHING) == []


@pytest.mark.django_db
def test_is_staff_follows_the_role(mira: User) -> None:
    assert not mira.is_staff
    mira.role = Role.AUTHOR
    mira.save(update_fields=["role"])
    assert User.objects.get(pk=mira.pk).is_staff
    mira.is_active = False
    mira.save()
    assert not User.objects.get(pk=mira.pk).is_staff


class TestAView:
    """`require`: a login first, then the capability."""

    @staticmethod
    def asked(user: Any, method: str = "get", **needed: Any) -> int:
        request: HttpRequest = getattr(RequestFactory(), method)("/page/")
        request.user = user
        guarded = require(C.WRITE_ARTICLES, **needed)(lambda request: HttpResponse("in"))
        return int(guarded(request).status_code)

    def test_without_a_login(self) -> None:
        assert self.asked(AnonymousUser()) == 302

    @pytest.mark.django_db
    def test_with_the_capability_and_without(self, ken: User, mira: User) -> None:
        assert self.asked(ken) == 200
        with pytest.raises(PermissionDenied):
            self.asked(mira)

    @pytest.mark.django_db
    def test_permission_to_look_does_not_allow_changes(self, otto: User) -> None:
        assert self.asked(otto, to_look=C.LOOK_AT_KNOWLEDGE) == 200
        assert self.asked(otto, "head", to_look=C.LOOK_AT_KNOWLEDGE) == 200
        for method in ("post", "put", "patch", "delete", "options"):
            with pytest.raises(PermissionDenied):
                self.asked(otto, method, to_look=C.LOOK_AT_KNOWLEDGE)


@pytest.mark.django_db
def test_a_template_asks_for_a_capability_by_its_name(ken: User) -> None:
    request = RequestFactory().get("/")
    request.user = ken
    can: Any = rights(request)["can"]
    assert dict(can) == {"read_articles": True, "look_at_knowledge": True, "write_articles": True, "enter_admin": True}
    assert dict(rights(HttpRequest())["can"]) == {}  # type: ignore[call-overload]


def ours(suffix: str) -> list[tuple[str, Path]]:
    apps = ("config/", "tickets/", "knowledge/", "copilot/", "qa/", "templates/")
    named = [(path.relative_to(ROOT).as_posix(), path) for path in tracked() if path.suffix == suffix]
    return [(name, path) for name, path in named if name.startswith(apps) and "/migrations/" not in name]


def test_templates_ask_for_capabilities_that_exist_and_for_nothing_else() -> None:
    wrong = []
    for name, path in ours(".html"):
        text = path.read_text(encoding="utf-8")
        wrong += [f"{name}: {word}" for word in re.findall(r"\bcan\.(\w+)", text) if word not in {c.value for c in C}]
        wrong += [f"{name}: {word}" for word in re.findall(r"\.(?:role|is_superuser|is_staff)\b", text)]
    assert wrong == [], "templates ask `can.<capability>` (config/roles.py)"


def test_no_code_decides_by_a_role() -> None:
    wrong = [
        f"{name}:{node.lineno} {node.attr}"
        for name, path in ours(".py")
        if name not in ABOUT_PEOPLE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and (node.attr in {"is_superuser", "is_staff"} or (node.attr == "role" and "user" in ast.unparse(node.value)))
    ]
    assert wrong == [], "ask config.roles.may, through the app's access.py"


def test_no_code_names_a_role() -> None:
    wrong = [
        f"{name}:{node.lineno}"
        for name, path in ours(".py")
        if name not in ABOUT_PEOPLE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and re.search(r"\bRole\.[A-Z]+$", ast.unparse(node))
    ]
    assert wrong == []
