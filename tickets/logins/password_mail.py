"""The mail with which somebody sets a new password. Asked for in the web process, written and sent by a worker."""

from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from config.jobs import WORKER, queue
from tickets.logins import attempts
from tickets.models import User

BY_PERSON = 3  # mails an hour: nobody's box is filled by a stranger
HOUR = 3600


def ask(email: str) -> None:
    """Queue a mail for whoever has this address. An unknown address is counted as long as a known one."""
    within = attempts.within("password.mail", email, BY_PERSON, HOUR)
    people = User.objects.filter(email__iexact=email, is_active=True).values_list("pk", flat=True)[:5]
    for user_id in list(people) if within else []:
        queue("tickets.tasks.send_password_mail", user_id, lane=WORKER)


def desk_address() -> str:
    """From the settings, never from a request: whoever asks must not choose where the link leads."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "localhost"
    return settings.DESK_URL or f"{'https' if settings.HTTPS else 'http'}://{host}"


def send(user_id: int) -> str:
    """The job. The link is made here, so that it stands in no queue and no log."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    # Who has no usable password logs in another way, or not at all.
    if user is None or not user.email or not user.has_usable_password():
        return "nobody"
    key, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    link = urljoin(f"{desk_address()}/", reverse("password_reset_confirm", args=[key, token]))
    text = render_to_string(
        "registration/forgotten_mail.txt",
        {"user": user, "link": link, "hours": settings.PASSWORD_RESET_TIMEOUT // HOUR},
    )
    headers = {"Auto-Submitted": "auto-generated", "X-Copydesk-Loop": settings.SUPPORT_ADDRESS}
    EmailMessage("A new password for Copydesk", text, to=[user.email], headers=headers).send()
    return "sent"
