"""Background jobs (django-q). Thin: ids in, one call, a short result for the log."""

import time

from tickets import delivery, uploads
from tickets.contact import files
from tickets.logins import password_mail, sessions

# Jobs of the worker lane take seconds; what is left waits for the next minute.
SWEEP_SECONDS = 20


def send_reply(outgoing_id: int) -> str:
    return delivery.deliver(outgoing_id)


def send_due_mail() -> dict[str, int]:
    """Every minute: mail that no job has taken, mail to try again, and mail whose sending process has died."""
    uncertain = delivery.give_up_on_stale()
    until, tried = time.monotonic() + SWEEP_SECONDS, 0
    for outgoing_id in delivery.due():
        if time.monotonic() > until:
            break
        delivery.deliver(outgoing_id)
        tried += 1
    return {"tried": tried, "uncertain": uncertain}


def send_password_mail(user_id: int) -> str:
    return password_mail.send(user_id)


def forget_unsent_files() -> int:
    return files.delete_old() + uploads.delete_old()


def forget_old_logins() -> int:
    return sessions.forget_old()
