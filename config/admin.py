"""The admin: authors write articles there, admins set up the desk. Each role sees only its own apps."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.admin_readonly import CODE_ONLY_APPS, read_only
from config.roles import Capability, may


class CopydeskAdminSite(admin.AdminSite):
    site_header = "Copydesk"
    site_title = "Copydesk"
    index_title = _("Articles and setup")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request.user, Capability.ENTER_ADMIN)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Everybody logs in on the site's own page. A member who is logged in and sent here has the wrong role."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, "") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("password_change")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Tables that only code may write are read-only, in every package (config/admin_readonly.py)."""
        models: Iterable[type[Model]] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        for model in models:
            ours = read_only(admin_class) if model._meta.app_label in CODE_ONLY_APPS else admin_class
            super().register(model, ours, **options)
