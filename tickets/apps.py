from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "Tickets and people"

    def ready(self) -> None:
        from tickets.logins import session_watch

        session_watch.connect()
