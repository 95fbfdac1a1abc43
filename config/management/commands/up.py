"""`manage.py up`: prepares everything, runs every process of the Procfile, stops them all on Ctrl+C."""

import asyncio
import signal
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.running import start
from config.running.processes import BadProcfile, Runner, prefixed

PATIENCE = 20.0  # seconds before the address is printed although slow processes are not ready
LOGINS = [
    ("mira", "agent"),
    ("jonas", "agent"),
    ("aisha", "agent"),
    ("rosa", "team lead"),
    ("ken", "knowledge base author"),
    ("ada", "admin"),
    ("otto", "auditor"),
]


class Command(BaseCommand):
    help = "Prepares the data and runs every process of the Procfile until Ctrl+C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="write process output only to var/log")

    def handle(self, *args: Any, **options: Any) -> None:
        self.begun = time.monotonic()
        try:
            with start.only_one(settings.VAR_DIR / "up.lock"):
                programs = start.programs(settings.BASE_DIR)
                start.refuse_taken_ports({program.name for program in programs})
                start.prepare(self.stdout)
                runner = Runner(
                    programs,
                    start.child_env(),
                    settings.BASE_DIR,
                    settings.VAR_DIR / "log",
                    lambda name, text: print(prefixed(name, f"*** {name} {text}"), flush=True),
                    echo=not options["quiet"],
                )
                asyncio.run(self._run(runner))
        except (start.CannotStart, BadProcfile) as error:
            raise CommandError(str(error)) from error

    async def _run(self, runner: Runner) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        await runner.start()
        ready = asyncio.create_task(self._announce(runner))
        await stop.wait()
        ready.cancel()
        print("\nStopping …", flush=True)
        await runner.stop()
        print("Stopped.", flush=True)

    async def _announce(self, runner: Runner) -> None:
        """Print the address as soon as the web process is ready. A model may still be loading."""
        waits = {name: asyncio.create_task(self._tell(runner, name)) for name in runner.running}
        await asyncio.wait(waits.values(), timeout=PATIENCE)
        if "web" in waits:
            await waits["web"]
        late = [name for name, wait in waits.items() if not wait.done() or wait.result() is None]
        print(self._where_to_go(), flush=True)
        if late:
            print(f"  ! Not ready yet: {', '.join(late)}. `.venv/bin/python manage.py doctor` says why.", flush=True)
        await asyncio.gather(*waits.values())

    async def _tell(self, runner: Runner, name: str) -> float | None:
        seconds = await runner.ready(name)
        if seconds is not None:
            print(f"  {name + ' ready':<28} {seconds:5.1f} s", flush=True)
        return seconds

    def _where_to_go(self) -> str:
        lines = ["", f"  Copydesk is ready after {time.monotonic() - self.begun:.0f} s"]
        lines.append(f"  http://{start.web_host()}:{start.web_port()}")
        if settings.HOST_ASKED != settings.HOST:
            lines.append(
                f"  ! HOST={settings.HOST_ASKED} is not used: the demo has published passwords (.env.example)."
            )
        if settings.DEMO:
            lines.append("")
            lines += [f"    {name:<7} {role}" for name, role in LOGINS]
            lines.append("    password of each: copydesk-demo")
        return "\n".join([*lines, "", "  Ctrl+C stops everything.", ""])
