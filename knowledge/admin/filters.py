"""Filters of the list of articles that are more than one field."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.articles.translations import OUT_OF_DATE


class CategoryFilter(admin.AllValuesFieldListFilter):
    """Shows `product_question` as “product question”."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": str(choice["display"]).replace("_", " ")}


class OwnerFilter(admin.RelatedOnlyFieldListFilter):
    """Only members who own an article, sorted by name."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        ids = model_admin.get_queryset(request).order_by().values("owner").distinct()
        return sorted(((each.pk, each.name) for each in field.related_model.objects.filter(pk__in=ids)), key=by_name)


def by_name(choice: tuple[int, str]) -> str:
    return choice[1].casefold()


class FreshnessFilter(admin.SimpleListFilter):
    title = _("freshness")
    parameter_name = "freshness"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("Review overdue")), ("expired", _("Expired")), ("undated", _("No review date"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {
            "overdue": Q(review_by__lt=timezone.localdate()),
            "expired": Q(expires_at__lte=timezone.now()),
            "undated": Q(review_by__isnull=True),
        }
        condition = chosen.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class WaitingFilter(admin.SimpleListFilter):
    title = _("publication")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("approval", _("Waiting for approval")),
            ("mine", _("Waiting, requested by me")),
            ("scheduled", _("Scheduled")),
            ("index", _("Waiting for the index")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        proposed = queryset.filter(proposed__isnull=False, publish_at__isnull=True)
        match self.value():
            case "approval":
                return proposed
            case "mine":
                return proposed.filter(proposed_by=request.user.pk)
            case "scheduled":
                return queryset.filter(publish_at__isnull=False)
            case "index":
                waits = queryset.filter(published__isnull=False)
                return waits.exclude(indexed__isnull=False, indexed=F("published"))
        return queryset


class TranslationFilter(admin.SimpleListFilter):
    title = _("translations")
    parameter_name = "translation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("outdated", _("Out of date")), ("any", _("All translations")), ("original", _("Originals only"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {
            "outdated": OUT_OF_DATE,
            "any": Q(translation_of__isnull=False),
            "original": Q(translation_of__isnull=True),
        }
        condition = chosen.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset
