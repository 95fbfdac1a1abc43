"""Tables that only code writes: the admin shows them, and no role can change them.

A row of django-q's tables names a function and its arguments, and a worker runs it. If a browser could write such a
row, it could run any program on the server. Only code queues jobs (config/jobs.py) and registers schedules
(config/background/schedules.py).
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

# Apps whose tables only code may write.
CODE_ONLY_APPS = frozenset({"django_q", "axes", "sessions", "contenttypes", "admin"})
# Fields that are not shown: arguments and results are pickled and may contain what people wrote.
HIDDEN = frozenset({"args", "kwargs", "result", "short_result", "payload", "attempt_count", "hook", "q_options"})


class ReadOnly(admin.ModelAdmin):
    """Shows lists and rows without forms, actions and delete, whatever the model's own admin offers."""

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
    """The same admin class, read-only."""
    base = admin_class or admin.ModelAdmin
    shown = {
        "list_display": [each for each in base.list_display if each not in HIDDEN],
        "list_display_links": base.list_display_links,
    }
    return type(f"ReadOnly{base.__name__}", (ReadOnly, base), shown)
