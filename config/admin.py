"""The admin, where authors write and admins set up; each role sees only its own apps."""

from django.contrib import admin
from django.http import HttpRequest


class CopydeskAdminSite(admin.AdminSite):
    site_header = "Copydesk"
    site_title = "Copydesk"
    index_title = "Knowledge and set-up"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and getattr(user, "may_enter_admin", False))
