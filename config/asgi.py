"""One ASGI application: HTTP through Django, WebSockets through Channels."""

import os
import threading

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from config.proving import prove  # noqa: E402

prove()
http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from knowledge import sync_at_once  # noqa: E402
from knowledge.search import warm  # noqa: E402
from tickets.sockets import urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {"http": http, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(urlpatterns)))}  # type: ignore[arg-type]
)

# The models take seconds to load: shortly after the start, so that neither the start nor the first search waits.
warming = threading.Timer(4, warm)
warming.daemon = True
warming.start()
sync_at_once.start()
