"""The six shipped categories, and one more for every other word that tickets have as their category."""

import re

from django.db import migrations
from django.db.models import CharField, Count, Value
from django.db.models.functions import Coalesce
from django.utils.text import slugify

MOST = 15  # active categories
AFTER_THE_SHIPPED = 100
NO_CATEGORY = "none"  # in addresses: tickets without a category
SHIPPED = (
    ("billing", "Billing", "Invoices, payments, refunds, prices and plans: what the customer pays us."),
    ("technical", "Technical", "Something does not work as it should: errors, outages, connections to other products."),
    ("account", "Account", "Login, password and security; who may use an account; moving, exporting or closing it."),
    ("product_question", "Product question", "How something works, or whether it is possible. Nothing is broken."),
    ("feature_request", "Feature request", "A wish for something that the product cannot do yet."),
    ("complaint", "Complaint", "The customer is unhappy with our service or with how they were treated."),
)


def shipped():
    """The rows as field values. Tests that empty the tables fill this one again."""
    return [
        {"slug": slug, "name": name, "description": description, "position": 10 * number}
        for number, (slug, name, description) in enumerate(SHIPPED, start=1)
    ]


def fill(apps, schema_editor):
    Category, Ticket = apps.get_model("tickets", "Category"), apps.get_model("tickets", "Ticket")
    Category.objects.bulk_create(Category(**row) for row in shipped())
    found = Ticket.objects.exclude(category_text="").values_list("category_text").annotate(n=Count("pk"))
    slugs = {slug: slug for slug, _, _ in SHIPPED}  # by spelling
    for text, _ in sorted(found.order_by(), key=lambda row: (-row[1], row[0])):  # the most used ones become active
        key = spelling(text)
        if key and key not in slugs:
            slugs[key] = slug_for(text, {NO_CATEGORY, *(slug.casefold() for slug in slugs.values())})
            Category.objects.create(
                slug=slugs[key], name=name_for(text), position=AFTER_THE_SHIPPED, active=len(slugs) <= MOST
            )
        if key:
            Ticket.objects.filter(category_text=text).update(category_id=slugs[key])


def spelling(text):
    """The same for “Refund request” and “refund_request”, which are one category. Empty for blanks."""
    return re.sub(r"[\s_-]+", "_", text.casefold()).strip("_")


def slug_for(text, taken):
    """The text itself where possible: articles of that category are still found better, links to it still work."""
    plain = text if re.fullmatch(r"[-a-zA-Z0-9_]{1,40}", text) else slugify(text).replace("-", "_")[:40]
    slug, number = plain or "category", 2
    while slug.casefold() in taken:
        slug, number = f"{plain[:36] or 'category'}_{number}", number + 1
    return slug


def name_for(text):
    """As pages showed it so far."""
    return " ".join(text.replace("_", " ").split()).capitalize()[:60]


def write_back(apps, schema_editor):
    Category, Ticket = apps.get_model("tickets", "Category"), apps.get_model("tickets", "Ticket")
    Ticket.objects.update(category_text=Coalesce("category_id", Value(""), output_field=CharField()))
    Ticket.objects.update(category_id=None)
    Category.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_category")]

    operations = [migrations.RunPython(fill, write_back)]
