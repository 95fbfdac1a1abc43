"""`/health`, for load balancers and `manage.py up`: 200 while this process can use its database."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """States only. The reasons are in `manage.py doctor`, which nobody can run from outside."""
    from config.running import doctor

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "down", "components": {"database": "down"}}, status=503)
    components = {"database": "ok"} | {finding.component: finding.state for finding in doctor.quick()}
    degraded = any(state != "ok" for state in components.values())
    states = {"status": "degraded" if degraded else "ok", "components": components, "lanes": doctor.lane_states()}
    return JsonResponse(states)
