"""One probe per component. Each says in plain words what is wrong and which command mends it."""

import asyncio
import shutil
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from config.background import lanes
from config.running.doctor import Answer, degraded, down, ok, probe

GIGABYTE = 1024**3
LATE = timedelta(minutes=3)
RUN = "make run"


@probe("settings")
def settings_are_sound() -> Answer:
    found = [message for message in checks.run_checks() if message.level >= checks.WARNING]
    if not found:
        return ok(f"mode {settings.MODE}")
    worst = max(found, key=lambda message: message.level)
    answer = down if worst.level >= checks.ERROR else degraded
    more = f" (and {len(found) - 1} more: manage.py check)" if len(found) > 1 else ""
    return answer(f"{worst.msg}{more}", worst.hint or "See .env.example.")


@probe("database")
def database() -> Answer:
    engine = connections[DEFAULT_DB_ALIAS].vendor
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return down(f"{engine} does not answer: {type(error).__name__}", "Start the server that DATABASE_URL names.")
    return ok(engine)


@probe("migrations")
def migrations() -> Answer:
    waiting = 0
    for alias in connections:
        executor = MigrationExecutor(connections[alias])
        waiting += len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return down(f"{waiting} migrations are not applied", "manage.py migrate; manage.py migrate --database channels")
    return ok("all applied")


@probe("live updates")
def channel_layer() -> Answer:
    """A message sent must come back, through whatever carries it between processes."""
    from channels.layers import channel_layers

    # One of our own: a process that serves sockets may receive only in its own event loop.
    layer: Any = channel_layers.make_backend("default")
    kind = "Redis" if settings.REDIS_URL else "SQLite"
    mend = "Start the server that REDIS_URL names." if settings.REDIS_URL else f"Make room in {settings.VAR_DIR}; {RUN}"

    async def there_and_back() -> None:
        try:
            name = await layer.new_channel()
            await layer.send(name, {"type": "doctor"})
            await asyncio.wait_for(layer.receive(name), 3)
        finally:
            if hasattr(layer, "close"):
                await layer.close()  # whoever receives polls on, until told to stop

    try:
        asyncio.run(there_and_back())  # in a loop of its own, which leaves nothing behind in the server's
    except Exception as error:  # noqa: BLE001 - any broken layer reads the same to the operator
        return degraded(
            f"{kind} does not carry messages ({type(error).__name__}); pages show news after a reload", mend
        )
    return ok(kind)


@probe("worker")
def worker() -> Answer:
    return _lane(lanes.WORKER, "manage.py qcluster", "Replies and notices wait", "Raise WORKERS, or see")


@probe("slow")
def slow() -> Answer:
    start = "Q_CLUSTER_NAME=slow manage.py qcluster"
    return _lane(lanes.SLOW, start, "Grouping, comparing and reminders wait", "Raise SLOW_WORKERS, or see")


@probe("drafter")
def drafter() -> Answer:
    busy = "A faster model or a second drafter (manage.py draft) helps; see"
    return _lane(lanes.DRAFTER, "manage.py draft", "Drafts are written on demand only", busy)


def _lane(name: str, start: str, meanwhile: str, busy: str) -> Answer:
    found = lanes.lane(name)
    first = f", the oldest for {found.oldest.total_seconds():.0f} s" if found.oldest and found.waiting else ""
    queue = f"{found.waiting} wait{first}, {found.running} under way"
    match found.state:
        case "dead":
            return down(f"Nobody takes this lane; {queue}. {meanwhile}", f"{RUN}, or {start}")
        case "late":
            return degraded(f"Late: {queue}", f"{busy} var/log/{name}.log")
        case "empty":
            return ok(f"{_processes(found.processes)}; nothing waits")
        case _:
            return ok(f"{_processes(found.processes)}; {queue}")


def _processes(count: int) -> str:
    return f"{count} process" + ("" if count == 1 else "es")


@probe("model")
def model() -> Answer:
    from copilot import llm

    health = llm.health()
    where = f"{settings.LLM_BASE_URL}"
    if health.ready:
        return ok(f"{health.model or settings.COPILOT_MODEL} at {where}")
    if health.code == "loading":
        return degraded("The model is being loaded", "Wait a moment; see var/log/model.log if it lasts.")
    if health.code == "no_model":
        return down(f"No file for {settings.COPILOT_MODEL} in {settings.MODELS_DIR}", "manage.py fetch_models")
    mend = f"{RUN}, or manage.py serve_model" if settings.LLM_EMBEDDED else "Start the server that LLM_BASE_URL names."
    return down(f"Nothing answers at {where}; drafts wait, the desk works", mend)


@probe("chroma")
def chroma() -> Answer:
    from knowledge.index import chroma_folder, vectors
    from knowledge.index.embeddings import get_embedder
    from knowledge.models import Chunk
    from knowledge.sync import storing

    mend = (
        f"{RUN}; until then search goes by words only"
        if settings.CHROMA_EMBEDDED
        else "Start the server that CHROMA_URL names."
    )
    wanted = Chunk.objects.count()
    aside = [each.name for each in chroma_folder.set_aside_before(chroma_folder.folder_in(settings.VAR_DIR))]
    try:
        stored = vectors.get_store(get_embedder().name).count()
    except vectors.IndexDamaged as error:
        return degraded(
            f"{error} Search goes by words only", "The worker does it in two minutes; manage.py reindex at once."
        )
    except vectors.IndexUnavailable as error:
        return degraded(str(error), mend)
    waiting = len(storing.pending())
    if stored != wanted or waiting:
        return degraded(
            f"{waiting} articles wait for the index; it has {stored} passages, the database {wanted}",
            "The worker catches up within a minute; manage.py verify_index --repair does it at once.",
        )
    kept = f"; a damaged index was set aside as {aside[-1]}, delete it when you like" if aside else ""
    return ok(f"{stored} passages{kept}")


@probe("embedder")
def embedder() -> Answer:
    from config import catalogue

    if catalogue.is_present(settings.EMBEDDING_MODEL):
        return ok(settings.EMBEDDING_MODEL)
    return degraded(
        f"{settings.EMBEDDING_MODEL} is not in {settings.MODELS_DIR}; search goes by words only",
        "manage.py fetch_models",
    )


@probe("mail")
def mail() -> Answer:
    from tickets.models import InboundMail, OutgoingMail

    State = OutgoingMail.State
    stuck = OutgoingMail.objects.filter(state__in=[State.FAILED, State.UNSURE]).count()
    late = OutgoingMail.objects.filter(state=State.QUEUED, send_after__lt=timezone.now() - LATE).count()
    kept = InboundMail.objects.filter(action=InboundMail.Action.QUARANTINED, resolved_at__isnull=True).count()
    last = OutgoingMail.objects.filter(state=State.SENT).order_by("-sent_at").values_list("sent_at", flat=True).first()
    sent = f"last sent {last:%Y-%m-%d %H:%M} UTC" if last else "none sent yet"
    way = "by SMTP" if settings.EMAIL_URL else f"into files under {settings.MAIL_DIR}"
    if not (stuck or late or kept):
        return ok(f"{sent}, {way}")
    why = f"{stuck} replies failed or unclear, {late} overdue, {kept} mails quarantined; {sent}"
    return degraded(why, "Open Mail in the desk; overdue ones say there what they wait for.")


@probe("disk")
def disk() -> Answer:
    free = shutil.disk_usage(settings.VAR_DIR).free / GIGABYTE
    if free < 0.2:
        return down(
            f"{free:.2f} GB free for {settings.VAR_DIR}: nothing more can be stored", "Make room, or move VAR_DIR."
        )
    if free < 1:
        return degraded(f"{free:.1f} GB free for {settings.VAR_DIR}", "Make room, or move VAR_DIR.")
    return ok(f"{free:.0f} GB free")
