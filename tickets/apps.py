from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Tickets and members")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in
        from django.contrib.sessions.models import Session
        from django.db.models.signals import post_delete, post_save

        from config import signal_delivery
        from tickets.logins import session_watch
        from tickets.models import User

        signal_delivery.connect(user_logged_in, session_watch.on_login)
        signal_delivery.connect(post_delete, session_watch.on_session_deleted, sender=Session)
        signal_delivery.connect(post_save, session_watch.on_person_saved, sender=User)
