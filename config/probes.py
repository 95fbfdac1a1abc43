"""Probes of the parts that config runs. Each says what is wrong and which command repairs it."""

import asyncio
import shutil
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from config.background import lanes
from config.channels import store
from config.running.doctor import Answer, degraded, down, ok, probe

GIGABYTE = 1024**3
RUN = "make run"


@probe("settings")
def settings_are_valid() -> Answer:
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
        app = store.APP if alias == store.ALIAS else None
        waiting += len(executor.migration_plan(executor.loader.graph.leaf_nodes(app)))
    if waiting:
        return down(f"{waiting} migrations are not applied", "manage.py migrate; manage.py migrate --database channels")
    return ok("all applied")


@probe("live updates")
def channel_layer() -> Answer:
    """Sends a message through the channel layer and waits for it to come back."""
    from channels.layers import channel_layers

    # A layer of its own: a process that serves sockets may receive only in its own event loop.
    layer: Any = channel_layers.make_backend("default")
    kind = "Redis" if settings.REDIS_URL else "SQLite"
    mend = "Start the server that REDIS_URL names."
    if not settings.REDIS_URL:
        mend = f"Free disk space for {settings.VAR_DIR}; {RUN}"

    async def round_trip() -> None:
        try:
            name = await layer.new_channel()
            await layer.send(name, {"type": "doctor"})
            await asyncio.wait_for(layer.receive(name), 3)
        finally:
            if hasattr(layer, "close"):
                await layer.close()  # a receiver polls until it is closed

    try:
        asyncio.run(round_trip())  # in its own loop, so that nothing is left in the server's
    except Exception as error:  # noqa: BLE001 - for the operator all failures are the same
        return degraded(
            f"{kind} does not deliver messages ({type(error).__name__}). Pages show changes after a reload", mend
        )
    return ok(kind)


@probe("worker")
def worker() -> Answer:
    return _lane(lanes.WORKER, "manage.py qcluster", "Replies and notifications wait", "Raise WORKERS, or see")


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
    queue = f"{found.waiting} waiting{first}, {found.running} running"
    match found.state:
        case "dead":
            return down(f"No process works on this lane; {queue}. {meanwhile}", f"{RUN}, or {start}")
        case "late":
            return degraded(f"Late: {queue}", f"{busy} var/log/{name}.log")
        case "empty":
            return ok(f"{_processes(found.processes)}; nothing waiting")
        case _:
            return ok(f"{_processes(found.processes)}; {queue}")


def _processes(count: int) -> str:
    return f"{count} process" + ("" if count == 1 else "es")


@probe("disk")
def disk() -> Answer:
    free = shutil.disk_usage(settings.VAR_DIR).free / GIGABYTE
    if free < 0.2:
        return down(f"{free:.2f} GB free for {settings.VAR_DIR}: too little", "Free disk space, or move VAR_DIR.")
    if free < 1:
        return degraded(f"{free:.1f} GB free for {settings.VAR_DIR}", "Free disk space, or move VAR_DIR.")
    return ok(f"{free:.0f} GB free")
