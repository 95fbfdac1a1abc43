"""WebSocket addresses."""

from django.urls import path

from tickets.consumers import QueueConsumer, TicketConsumer

urlpatterns = [
    path("ws/queue/", QueueConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/tickets/<int:ticket_id>/", TicketConsumer.as_asgi()),  # type: ignore[arg-type]
]
