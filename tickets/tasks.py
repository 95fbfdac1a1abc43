"""Background jobs (django-q). Thin: ids in, one call, a short result for the log."""

import time

from config.jobs import SLOW, queue
from tickets import delivery, saved_views, uploads
from tickets.contact import files
from tickets.logins import password_mail, sessions
from tickets.search import index, vocabulary
from tickets.snoozing import waking

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


def wake_snoozed() -> int:
    """Every minute: tickets whose snooze is over, also those that a worker missed while it was down."""
    return waking.wake_due(SWEEP_SECONDS)


def send_password_mail(user_id: int) -> str:
    return password_mail.send(user_id)


def forget_unsent_files() -> int:
    return files.delete_old() + uploads.delete_old()


def forget_old_logins() -> int:
    return sessions.forget_old()


def forget_removed_views() -> int:
    return saved_views.forget_removed()


def index_waiting() -> int:
    """Tickets whose row in the search index is older than they are: after an upgrade, all of them."""
    done = index.work_off(SWEEP_SECONDS)
    if done and index.waiting():
        queue("tickets.tasks.index_waiting", lane=SLOW)
    return done


def forget_rare_words() -> int:
    return vocabulary.tidy()
