"""What visitors see as the name of a category."""

from collections.abc import Mapping

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.web.public_site import ui_language

# Categories are words that the team chose; the usual ones get a name that customers understand.
NAMES: Mapping[str, Promise] = {
    "account": _("Account and login"),
    "billing": _("Billing and payments"),
    "technical": _("Fixing problems"),
    "product_question": _("Using the product"),
    "feature_request": _("Ideas and requests"),
    "complaint": _("Complaints"),
    "": _("Other topics"),
}


def category_name(category: str, language: str) -> str:
    """In the language of the page, whichever is active."""
    name = NAMES.get(category)
    if name is None:
        return category.replace("_", " ").strip().capitalize()
    with translation.override(ui_language(language)):
        return str(name)
