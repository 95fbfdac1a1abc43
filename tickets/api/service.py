"""The API itself. Apps write endpoints, config/urls.py adds them here."""

from ninja import NinjaAPI

from tickets.api import problems

DESCRIPTION = """\
For other programs: a support platform that asks by webhook, a script, a report.

Every request needs a token in the header `Authorization: Bearer …`. Admins make and revoke tokens at `/api/tokens/`.
Requests and answers are JSON. Errors are `application/problem+json` (RFC 9457). Answers that contain sentences are in
the language that the header `Accept-Language` asks for, if the desk knows it.
"""

# No pages of ninja's own: tickets/api/documentation.py shows the same in the desk's look.
api = NinjaAPI(
    title="Copydesk API", version="1", description=DESCRIPTION, urls_namespace="api", docs_url=None, openapi_url=None
)
problems.register(api)
