"""A short-lived event loop, as in jobs and commands, leaves no threads behind after sending."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
import threading
import time
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.management import call_command
import django
django.setup()
call_command("migrate", database="channels", verbosity=0)
layer = get_channel_layer()
name = async_to_sync(layer.new_channel)()
async_to_sync(layer.group_add)("queue", name)
for number in range(3):
    async_to_sync(layer.group_send)("queue", {"type": "forward", "number": number})
from channels_lite.models import Event
end = time.monotonic() + 10  # a thread that was asked to end takes a moment
while threading.active_count() > 1 and time.monotonic() < end:
    time.sleep(0.01)
print(Event.objects.count(), threading.active_count())
"""


def test_senders_leave_no_threads(tmp_path: Path, settings: Any) -> None:
    env = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", "1"]
