"""Tables that the machine writes: the admin shows them and changes nothing in them, for no role.

A row of django-q's tables names a function and its arguments, and a worker runs it: whoever may write
such a row from a browser may run any program on the server. Jobs are queued by code alone
(config/jobs.py) and schedules are registered by code alone (config/background/schedules.py).
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

# Apps whose tables code alone may write.
MACHINE_APPS = frozenset({"django_q", "axes", "sessions", "contenttypes", "admin"})
# What they may show as it is. Arguments and results are pickled, and may hold what people wrote.
HIDDEN = frozenset({"args", "kwargs", "result", "short_result", "payload", "attempt_count", "hook", "q_options"})


class ReadOnly(admin.ModelAdmin):
    """List and look, whatever the model's own admin offers: no form, no action, no delete."""

    actions = None
    list_editable = ()
    list_display_links: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.fields if field.name not in HIDDEN]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_readonly_fields(request, obj)


def read_only(admin_class: type[admin.ModelAdmin] | None) -> type[admin.ModelAdmin]:
    """The same list with nothing to press."""
    base = admin_class or admin.ModelAdmin
    shown = {
        "list_display": [each for each in base.list_display if each not in HIDDEN],
        "list_display_links": base.list_display_links,
    }
    return type(f"ReadOnly{base.__name__}", (ReadOnly, base), shown)
