from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "Tickets and people"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in
        from django.contrib.sessions.models import Session
        from django.db.models.signals import post_delete, post_save

        from config import news
        from tickets.logins import session_watch
        from tickets.models import User

        news.hear(user_logged_in, session_watch.on_login)
        news.hear(post_delete, session_watch.on_session_deleted, sender=Session)
        news.hear(post_save, session_watch.on_person_saved, sender=User)
