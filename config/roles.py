"""What each role may do: the one table, and the one question (`may`).

A new role is a line in `Role`. A new capability is a line in `Capability`, named in the rows of the roles that have it.
Views, sockets, admin and APIs ask through their app's access.py; templates ask `can.<capability>`
(config/web/context.py). Nothing else looks at a role (tests/config/test_roles.py). tests/url_rules.py lists who may use
each address.
"""

from collections.abc import Collection
from enum import Enum
from typing import Any

from django.db import models


class Capability(Enum):
    WORK_TICKETS = "work_tickets"  # open tickets and the mail log, answer, assign, close
    SEE_FIGURES = "see_figures"  # the lead's pages and their exports
    READ_ARTICLES = "read_articles"  # what is published, internal articles too
    LOOK_AT_KNOWLEDGE = "look_at_knowledge"  # gaps, hygiene and sandbox, without changing anything
    WRITE_ARTICLES = "write_articles"  # articles, gaps, hygiene and search settings
    ENTER_ADMIN = "enter_admin"  # its first page; IN_ADMIN says what is found there
    SET_UP = "set_up"  # people, teams, tags, customers; jobs and logins to look at
    DO_ANYTHING = "do_anything"  # what no role has: superusers alone


C = Capability
KNOWLEDGE = {C.READ_ARTICLES, C.LOOK_AT_KNOWLEDGE, C.WRITE_ARTICLES}


class Role(models.TextChoices):
    """Name in the database, what it may do, name on the screen."""

    capabilities: frozenset[Capability]

    def __new__(cls, value: str, capabilities: Collection[Capability]) -> "Role":
        role = str.__new__(cls, value)
        role._value_ = value
        role.capabilities = frozenset(capabilities)
        return role

    AGENT = "agent", {C.READ_ARTICLES, C.WORK_TICKETS}, "Agent"
    LEAD = "lead", {*KNOWLEDGE, C.WORK_TICKETS, C.SEE_FIGURES, C.ENTER_ADMIN}, "Team lead"
    AUTHOR = "author", {*KNOWLEDGE, C.ENTER_ADMIN}, "KB author"
    ADMIN = "admin", {*KNOWLEDGE, C.WORK_TICKETS, C.SEE_FIGURES, C.ENTER_ADMIN, C.SET_UP}, "Admin"
    AUDITOR = "auditor", {C.READ_ARTICLES, C.LOOK_AT_KNOWLEDGE}, "Auditor"


# What it takes to open the pages of an app in the admin. Of any other app: to be a superuser.
IN_ADMIN = {
    "knowledge": Capability.WRITE_ARTICLES,
    "tickets": Capability.SET_UP,
    "copilot": Capability.SET_UP,
    "django_q": Capability.SET_UP,
    "axes": Capability.SET_UP,
}


def of(user: Any) -> frozenset[Capability]:
    """All that this user may do: nothing for somebody who left or has not logged in, everything for a superuser."""
    if user is None or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(Capability)
    return next((role.capabilities for role in Role if role.value == user.role), frozenset())


def may(user: Any, capability: Capability) -> bool:
    return capability in of(user)


def may_in_admin(user: Any, app_label: str) -> bool:
    return may(user, IN_ADMIN.get(app_label, Capability.DO_ANYTHING))


def roles_with(capability: Capability) -> list[str]:
    """For queries over people; remember superusers and whoever left."""
    return [role.value for role in Role if capability in role.capabilities]
