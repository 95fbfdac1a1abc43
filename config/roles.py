"""What each role may do, and `may`, which answers it.

A new role is a line in `Role`. A new capability is a line in `Capability` and in the roles that have it.
Views, sockets and the admin ask through their app's access.py, templates ask `can.<capability>`
(config/web/context.py). Nothing else looks at a role (tests/config/test_roles.py). tests/url_rules.py lists who may use
each address.
"""

from collections.abc import Collection
from enum import Enum
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Capability(Enum):
    WORK_TICKETS = "work_tickets"  # open tickets and the mail log, answer, assign, close
    DECIDE_PROMISES = "decide_promises"  # money, guarantees and legal statements in a reply
    SEE_FIGURES = "see_figures"  # the pages for leads and their exports
    SHARE_VIEWS = "share_views"  # of the queue, with everybody; see and change those that others share
    READ_ARTICLES = "read_articles"  # published articles, also internal ones
    LOOK_AT_KNOWLEDGE = "look_at_knowledge"  # gaps, hygiene and sandbox, without changing anything
    WRITE_ARTICLES = "write_articles"  # articles, gaps, hygiene and search settings
    ENTER_ADMIN = "enter_admin"  # its first page; see IN_ADMIN for the rest
    CHANGE_TEXTS = "change_texts"  # what the model reads and how replies sound
    CHANGE_ROUTING = "change_routing"  # who answers which ticket, and what the copilot may prepare
    SET_UP = "set_up"  # members, teams, tags, customers; read jobs and logins
    DO_ANYTHING = "do_anything"  # superusers only; no role has it


C = Capability
KNOWLEDGE = {C.READ_ARTICLES, C.LOOK_AT_KNOWLEDGE, C.WRITE_ARTICLES}
LEADING = {C.WORK_TICKETS, C.DECIDE_PROMISES, C.SEE_FIGURES, C.SHARE_VIEWS, C.CHANGE_TEXTS, C.CHANGE_ROUTING}
LEADING |= {C.ENTER_ADMIN}


class Role(models.TextChoices):
    """Stored value, capabilities, name on pages."""

    capabilities: frozenset[Capability]

    def __new__(cls, value: str, capabilities: Collection[Capability]) -> "Role":
        role = str.__new__(cls, value)
        role._value_ = value
        role.capabilities = frozenset(capabilities)
        return role

    AGENT = "agent", {C.READ_ARTICLES, C.WORK_TICKETS}, _("Agent")
    LEAD = "lead", {*KNOWLEDGE, *LEADING}, _("Team lead")
    AUTHOR = "author", {*KNOWLEDGE, C.ENTER_ADMIN}, _("Author")
    ADMIN = "admin", {*KNOWLEDGE, *LEADING, C.SET_UP}, _("Admin")
    AUDITOR = "auditor", {C.READ_ARTICLES, C.LOOK_AT_KNOWLEDGE}, _("Auditor")


# The capability that opens an app in the admin. All other apps are for superusers.
IN_ADMIN = {
    "knowledge": Capability.WRITE_ARTICLES,
    "tickets": Capability.SET_UP,
    "copilot": Capability.SET_UP,
    "django_q": Capability.SET_UP,
    "axes": Capability.SET_UP,
}


def of(user: Any) -> frozenset[Capability]:
    """All capabilities of this user. Visitors and inactive members have none, superusers have all."""
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
    """For queries over members. Such a query must also handle superusers and inactive members."""
    return [role.value for role in Role if capability in role.capabilities]
