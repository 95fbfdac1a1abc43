"""Customers: who wrote to us."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    class Tier(models.TextChoices):
        FREE = "free", _("Free")
        PAID = "paid", _("Paid")
        ENTERPRISE = "enterprise", _("Enterprise")

    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("email address"), max_length=254)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    plan = models.CharField(_("plan"), max_length=80, blank=True)
    tier = models.CharField(_("tier"), max_length=12, choices=Tier, default=Tier.FREE)
    lifetime_value = models.DecimalField(
        _("lifetime value"), max_digits=12, decimal_places=2, default=0, help_text=_("In euros")
    )
    language = models.CharField(
        _("language"), max_length=8, blank=True, help_text=_("ISO 639-1 code, for example “de”")
    )
    since = models.DateField(_("customer since"), default=timezone.localdate)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="customer_email_once"),
            models.CheckConstraint(condition=Q(lifetime_value__gte=0), name="customer_value_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name or self.email
