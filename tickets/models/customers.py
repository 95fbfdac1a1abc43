"""Whom we help."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class Customer(models.Model):
    class Tier(models.TextChoices):
        FREE = "free", "Free"
        PAID = "paid", "Paid"
        ENTERPRISE = "enterprise", "Enterprise"

    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254)
    phone = models.CharField(max_length=40, blank=True)
    plan = models.CharField(max_length=80, blank=True)
    tier = models.CharField(max_length=12, choices=Tier, default=Tier.FREE)
    lifetime_value = models.DecimalField(max_digits=12, decimal_places=2, default=0, help_text="in euros")
    language = models.CharField(max_length=8, blank=True, help_text="ISO 639-1 code of the customer's language")
    since = models.DateField(default=timezone.localdate)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="customer_email_once"),
            models.CheckConstraint(condition=Q(lifetime_value__gte=0), name="customer_value_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name or self.email
