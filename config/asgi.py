"""One ASGI application: HTTP through Django, WebSockets through Channels."""

import os

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from config.web.settings_check import stop_on_errors  # noqa: E402

stop_on_errors()
http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from config.web import daphne_bodies  # noqa: E402
from config.web.body_limits import BoundedBodies  # noqa: E402
from config.web.local_only import ThisMachineOnly  # noqa: E402
from config.web.socket_origin import OwnOrigin  # noqa: E402
from config.web.warming import WarmedByFirstRequest  # noqa: E402
from copilot.triage_api.warming import warm_triage  # noqa: E402
from knowledge.warming import warm_search  # noqa: E402
from tickets import languages  # noqa: E402
from tickets.sockets.routes import urlpatterns  # noqa: E402


def warm() -> None:
    """The quick one first: the check before sending has little time."""
    languages.warm()
    warm_search()
    warm_triage()


daphne_bodies.install()
server = WarmedByFirstRequest(
    ProtocolTypeRouter(
        {"http": BoundedBodies(http), "websocket": OwnOrigin(AuthMiddlewareStack(URLRouter(urlpatterns)))}  # type: ignore[arg-type]
    ),
    warm,
)
application = ThisMachineOnly(server) if settings.DEMO and not settings.DEMO_ON_NETWORK else server
