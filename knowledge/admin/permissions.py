"""Who may do what in the knowledge base's admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from knowledge.access import may_write


class ForAuthors(admin.ModelAdmin):
    """Members who may write articles can do everything here except delete. Nobody else sees these pages."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_write(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_write(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
