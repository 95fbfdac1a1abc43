"""Members, teams, categories, tags and customers in Django's admin, until they have pages of their own.

Members, categories and customers cannot be deleted, because tickets refer to them. An account or a
category that is not used any more is deactivated.
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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.roles import Capability, may, roles_with
from tickets import search
from tickets.access import may_set_up
from tickets.models import Category, Customer, Tag, Team, Ticket, User
from tickets.models.categories import LEAST, MOST, NO_CATEGORY

UNCLOSED = ~Q(tickets__status=Ticket.Status.CLOSED)
OPEN = Q(tickets__status=Ticket.Status.OPEN)


class ForAdmins(admin.ModelAdmin):
    """Admins can view, add and change. Nobody can delete. Other roles do not see it at all."""

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


class MemberForm(forms.ModelForm):
    """Makes sure that there is always an admin who can log in."""

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
            raise forms.ValidationError(_("This is the last admin. Make somebody else an admin first."))
        return values


class NewMemberForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("username",)
        widgets = {"teams": forms.CheckboxSelectMultiple}


@admin.register(User)
class UserAdmin(ForAdmins, DjangoUserAdmin):
    """No field shows the password or its hash. A new password is set on a separate page."""

    form = MemberForm
    add_form = NewMemberForm
    list_display = ("username", "full_name", "email", "role", "team_names", "is_active", "last_login")
    list_filter = ("role", "is_active", "teams")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("password_link", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "password_link")}),
        (gettext_lazy("Work"), {"fields": ("role", "teams", "is_active")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "role", "teams")}),
        (gettext_lazy("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("teams")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only superusers can change a superuser's account."""
        above = obj is not None and obj.is_superuser and not may(request.user, Capability.DO_ANYTHING)
        return super().has_change_permission(request, obj) and not above

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        return user.name

    @admin.display(description=gettext_lazy("teams"))
    def team_names(self, user: User) -> str:
        return ", ".join(team.name for team in user.teams.all())

    @admin.display(description=gettext_lazy("password"))
    def password_link(self, user: User) -> SafeString:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', address, _("Set a new password"))


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
        """The short name of a team does not change: rules and imports refer to it."""
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else dict(self.prepopulated_fields)

    @admin.display(description=gettext_lazy("members"), ordering="people")
    def people(self, team: Any) -> int:
        return int(team.people)

    @admin.display(description=gettext_lazy("tickets not closed"), ordering="unclosed")
    def unclosed(self, team: Any) -> int:
        return int(team.unclosed)


class CategoryForm(forms.ModelForm):
    """Makes sure that agents and the classifier have enough categories, and not too many."""

    class Meta:
        model = Category
        fields = ("name", "slug", "description", "position", "active")

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if slug == NO_CATEGORY:
            raise forms.ValidationError(
                _("“%(slug)s” is not possible: in addresses it means tickets without a category.") % {"slug": slug}
            )
        return slug

    def clean_active(self) -> bool:
        active = bool(self.cleaned_data["active"])
        was = self.instance.active and not self.instance._state.adding
        others = Category.objects.filter(active=True).exclude(pk=self.instance.pk).count()
        if active and not was and others >= MOST:
            text = _("At most %(number)d categories can be active. Deactivate another one first.")
            raise forms.ValidationError(text % {"number": MOST})
        if was and not active and others < LEAST:
            text = _("At least %(number)d categories must be active. Activate or add another one first.")
            raise forms.ValidationError(text % {"number": LEAST})
        return active


@admin.register(Category)
class CategoryAdmin(ForAdmins):
    form = CategoryForm
    list_display = ("label", "slug", "active", "open_tickets", "position")
    list_filter = ("active",)
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(open=Count("tickets", filter=OPEN))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Articles, addresses and exported files refer to the short name."""
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else dict(self.prepopulated_fields)

    @admin.display(description=gettext_lazy("category"), ordering="name")
    def label(self, category: Category) -> str:
        return category.label

    @admin.display(description=gettext_lazy("open tickets"), ordering="open")
    def open_tickets(self, category: Any) -> int:
        return int(category.open)


@admin.register(Tag)
class TagAdmin(ForAdmins):
    list_display = ("name", "used")
    search_fields = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(used=Count("tickets"))

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        """After a change of name the search finds the tickets by the new name."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if change and form.changed_data:
                search.renew(obj.tickets.all())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only tags that no ticket has."""
        return obj is not None and may_set_up(request.user) and not obj.tickets.exists()

    @admin.display(description=gettext_lazy("tickets"), ordering="used")
    def used(self, tag: Any) -> int:
        return int(tag.used)


@admin.register(Customer)
class CustomerAdmin(ForAdmins):
    """Customers are added with their first ticket. Their address assigns mails to them, so it cannot be changed."""

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
        """After a change of name the search finds the tickets by the new name at once."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if "name" in form.changed_data:
                search.renew(obj.tickets.all())

    def log_change(self, request: HttpRequest, obj: Customer, message: Any) -> Any:
        """Without the name: the admin's log is not part of the customer's record, and is not erased with it."""
        entry = super().log_change(request, obj, message)
        entry.object_repr = f"#{obj.pk}"
        entry.save(update_fields=["object_repr"])
        return entry

    @admin.display(description=gettext_lazy("tickets"), ordering="asked")
    def asked(self, customer: Any) -> int:
        return int(customer.asked)
