"""The admin, where authors write and admins set up; each role sees only its own apps."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from config.admin_readonly import MACHINE_APPS, read_only


class CopydeskAdminSite(admin.AdminSite):
    site_header = "Copydesk"
    site_title = "Copydesk"
    index_title = "Knowledge and set-up"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and getattr(user, "may_enter_admin", False))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Whoever registers a table of the machine, it is shown and never written (config/admin_readonly.py)."""
        models: Iterable[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        for model in models:
            ours = read_only(admin_class) if model._meta.app_label in MACHINE_APPS else admin_class
            super().register(model, ours, **options)
