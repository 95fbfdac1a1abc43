"""WebSocket addresses."""

from django.urls import path, re_path

from tickets.sockets.closing import Nowhere
from tickets.sockets.consumers import QueueConsumer, TicketConsumer

urlpatterns = [
    path("ws/queue/", QueueConsumer.as_asgi()),  # type: ignore[arg-type]
    re_path(r"^ws/tickets/(?P<ticket_id>[0-9]{1,18})/$", TicketConsumer.as_asgi()),  # type: ignore[arg-type]
    # Last: an unknown address is refused instead of raising an error.
    re_path(r"", Nowhere.as_asgi()),  # type: ignore[arg-type]
]
