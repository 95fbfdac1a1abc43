"""The state of mail, for doctor."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from config.running.doctor import Answer, degraded, ok, probe
from tickets.models import InboundMail, OutgoingMail

LATE = timedelta(minutes=3)


@probe("mail")
def mail() -> Answer:
    State = OutgoingMail.State
    stuck = OutgoingMail.objects.filter(state__in=[State.FAILED, State.UNCERTAIN]).count()
    late = OutgoingMail.objects.filter(state=State.QUEUED, send_after__lt=timezone.now() - LATE).count()
    kept = InboundMail.objects.filter(action=InboundMail.Action.QUARANTINED, resolved_at__isnull=True).count()
    last = OutgoingMail.objects.filter(state=State.SENT).order_by("-sent_at").values_list("sent_at", flat=True).first()
    sent = f"last sent {last:%Y-%m-%d %H:%M} UTC" if last else "none sent yet"
    way = "by SMTP" if settings.EMAIL_URL else f"into files under {settings.MAIL_DIR}"
    if not (stuck or late or kept):
        return ok(f"{sent}, {way}")
    why = f"{stuck} replies failed or uncertain, {late} overdue, {kept} mails quarantined; {sent}"
    return degraded(why, "Open Mail on the desk. It says what overdue replies wait for.")
