"""People, teams, tags and customers for admins, until these have pages of their own.

Nothing here takes a ticket away: whoever wrote or asked stays, an account that is no longer used is switched off.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.roles import Capability, may, roles_with
from tickets import search
from tickets.access import may_set_up
from tickets.models import Customer, Tag, Team, Ticket, User

UNCLOSED = ~Q(tickets__status=Ticket.Status.CLOSED)


class ForAdmins(admin.ModelAdmin):
    """Admins read and change, nobody deletes; for every other role this is not there."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_set_up(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_set_up(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_set_up(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_set_up(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PersonForm(forms.ModelForm):
    """There is always an admin who can log in."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "role", "teams", "is_active")
        widgets = {"teams": forms.CheckboxSelectMultiple}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        admins = roles_with(Capability.SET_UP)
        stays = values.get("is_active") and values.get("role") in admins
        others = User.objects.filter(Q(is_superuser=True) | Q(role__in=admins), is_active=True)
        if self.instance.is_active and not stays and not others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This is the last admin. Make somebody else an admin first.")
        return values


class NewPersonForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username",)
        widgets = {"teams": forms.CheckboxSelectMultiple}


@admin.register(User)
class UserAdmin(ForAdmins, DjangoUserAdmin):
    """No field of it holds a password or its hash; a new one is set on a page of its own."""

    form = PersonForm
    add_form = NewPersonForm
    list_display = ("username", "name", "email", "role", "team_names", "is_active", "last_login")
    list_filter = ("role", "is_active", "teams")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("password_link", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "password_link")}),
        ("Work", {"fields": ("role", "teams", "is_active")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "role", "teams")}),
        ("Password", {"fields": ("usable_password", "password1", "password2")}),
    )
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("teams")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's account is changed by superusers."""
        above = obj is not None and obj.is_superuser and not may(request.user, Capability.DO_ANYTHING)
        return super().has_change_permission(request, obj) and not above

    @admin.display(description="teams")
    def team_names(self, user: User) -> str:
        return ", ".join(team.name for team in user.teams.all())

    @admin.display(description="password")
    def password_link(self, user: User) -> SafeString:
        return format_html('<a href="{}">Set a new one</a>', reverse("admin:auth_user_password_change", args=[user.pk]))


@admin.register(Team)
class TeamAdmin(ForAdmins):
    list_display = ("name", "slug", "description", "people", "unclosed")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "description")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                people=Count("members", distinct=True),
                unclosed=Count("tickets", filter=UNCLOSED, distinct=True),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Rules and imports name a team by its slug."""
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else dict(self.prepopulated_fields)

    @admin.display(description="people", ordering="people")
    def people(self, team: Any) -> int:
        return int(team.people)

    @admin.display(description="tickets not closed", ordering="unclosed")
    def unclosed(self, team: Any) -> int:
        return int(team.unclosed)


@admin.register(Tag)
class TagAdmin(ForAdmins):
    list_display = ("name", "used")
    search_fields = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(used=Count("tickets"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that no ticket has."""
        return obj is not None and may_set_up(request.user) and not obj.tickets.exists()

    @admin.display(description="tickets", ordering="used")
    def used(self, tag: Any) -> int:
        return int(tag.used)


@admin.register(Customer)
class CustomerAdmin(ForAdmins):
    """Customers come with their first ticket. Their address says whose a mail is, so it stays."""

    list_display = ("__str__", "email", "tier", "plan", "language", "lifetime_value", "since", "asked")
    list_filter = ("tier", "language")
    search_fields = ("name", "email", "phone", "plan")
    ordering = ("-pk",)
    fields = ("email", "name", "phone", "plan", "tier", "lifetime_value", "language", "since", "created_at")
    readonly_fields = ("email", "created_at")
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).annotate(asked=Count("tickets"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        """Their tickets are found by the new name at once."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if "name" in form.changed_data:
                for ticket in obj.tickets.select_related("customer"):
                    search.index_ticket(ticket)

    @admin.display(description="tickets", ordering="asked")
    def asked(self, customer: Any) -> int:
        return int(customer.asked)
