"""What tickets are about. Admins edit the categories; every ticket has one of them or none."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LEAST, MOST = 5, 15  # active categories
NO_CATEGORY = "none"  # in addresses: tickets without a category
# The shipped names, in every language of the desk. What a team calls its own categories is shown as written.
SHIPPED = {
    "Billing": pgettext_lazy("category of tickets", "Billing"),
    "Technical": pgettext_lazy("category of tickets", "Technical"),
    "Account": pgettext_lazy("category of tickets", "Account"),
    "Product question": pgettext_lazy("category of tickets", "Product question"),
    "Feature request": pgettext_lazy("category of tickets", "Feature request"),
    "Complaint": pgettext_lazy("category of tickets", "Complaint"),
}


class Category(models.Model):
    """`slug` does not change: articles, addresses and exported files refer to it."""

    slug = models.SlugField(_("short name"), max_length=40, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    description = models.TextField(
        _("description"),
        blank=True,
        help_text=_("Which tickets belong in it. Agents read this, and so do leads who check the classifier."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=100, help_text=_("Categories with smaller numbers come first.")
    )
    active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("New tickets get active categories only. Tickets keep a category that is no longer active."),
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return label(self.name)


def label(name: str) -> str:
    return str(SHIPPED.get(name, name))
