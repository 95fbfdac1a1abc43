"""The mail for a forgotten password. The web process queues it, a worker writes and sends it."""

from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from config.jobs import WORKER, queue
from config.web.language import desk_language
from tickets.logins import attempts
from tickets.models import User

MAILS_PER_HOUR = 3  # to one address, so that a stranger cannot fill a mailbox
HOUR = 3600


def ask(email: str) -> None:
    """Queues a mail for the account with this address. An unknown address is counted like a known one."""
    within = attempts.within("password.mail", email, MAILS_PER_HOUR, HOUR)
    people = User.objects.filter(email__iexact=email, is_active=True).values_list("pk", flat=True)[:5]
    for user_id in list(people) if within else []:
        queue("tickets.tasks.send_password_mail", user_id, lane=WORKER)


def desk_address() -> str:
    """From the settings, never from a request: a forged Host header must not choose where the link leads."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "localhost"
    return settings.DESK_URL or f"{'https' if settings.HTTPS else 'http'}://{host}"


def link_hours() -> int:
    """How long a link works, for the mail and the pages."""
    return settings.PASSWORD_RESET_TIMEOUT // HOUR


def send(user_id: int) -> str:
    """The job. The link is made here, so that no queue and no log contains it."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    # Accounts without a usable password log in another way, or not at all.
    if user is None or not user.email or not user.has_usable_password():
        return "nobody"
    key, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    link = urljoin(f"{desk_address()}/", reverse("password_reset_confirm", args=[key, token]))
    context = {"user": user, "link": link, "hours": link_hours()}
    with translation.override(desk_language(user.language)):
        subject = _("A new password for Copydesk")
        text = render_to_string("registration/forgotten_mail.txt", context)
    headers = {"Auto-Submitted": "auto-generated", "X-Copydesk-Loop": settings.SUPPORT_ADDRESS}
    EmailMessage(subject, text, to=[user.email], headers=headers).send()
    return "sent"
