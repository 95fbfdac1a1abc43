"""One ASGI application: HTTP through Django, WebSockets through Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from config.warming import WarmedByFirstRequest  # noqa: E402
from tickets.sockets import urlpatterns  # noqa: E402

application = WarmedByFirstRequest(
    ProtocolTypeRouter(
        {"http": http, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(urlpatterns)))}  # type: ignore[arg-type]
    )
)
