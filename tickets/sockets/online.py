"""Who is online: browsers with an open desk report it again and again. The only writer of User.seen_at."""

from datetime import timedelta

from django.utils import timezone

from tickets.models import User

EVERY = 60.0  # seconds
ONLINE_FOR = timedelta(seconds=3 * EVERY)


def seen(user_id: int) -> None:
    User.objects.filter(pk=user_id).update(seen_at=timezone.now())
