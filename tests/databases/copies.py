"""Databases with all tables are made once and then copied, because migrating takes seconds and copying milliseconds.

`installation` is the folder of an empty installation, for the tests that start real processes. The pytest plugin below
fills pytest's own databases in memory from it. On PostgreSQL the first process's database becomes the template.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from tests.modules import APPS, ROOT

KEPT = ROOT / ".pytest_cache" / "installation"
FILES = {"default": "copydesk.sqlite3", "channels": "channels.sqlite3"}
MAKE = """
from config.channels import store
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0)
store.migrate()
call_command("collectstatic", interactive=False, verbosity=0)
connections.close_all()
"""
# Set by scripts/with_services.py: its server ends with the run, so a template may stay there.
PRIVATE_SERVER = "COPYDESK_PRIVATE_SERVER"
PACKAGES = Path(pytest.__file__).parent.parent


def key(root: Path = ROOT, packages: Path = PACKAGES) -> str:
    """Changes with everything that tables and static files depend on: our code, and what is installed.

    Our code as a whole, because migrations use it: a file too many costs seconds, one that is missing a wrong result.
    """
    digest = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    versions = sorted(path.name for path in packages.glob("*.dist-info"))
    digest.update("\n".join(versions).encode())
    code = [file for app in APPS for file in (root / app).rglob("*") if file.suffix in {".py", ".toml"}]
    static = [file for file in (root / "static").rglob("*") if file.is_file()]
    for file in sorted([*code, *static, root / "tests/databases/copies.py", root / ".env"]):
        if file.exists():
            content = file.read_bytes()
            digest.update(f"\n{file.relative_to(root)} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()[:32]


def environment(var: Path) -> dict[str, str]:
    """For the processes of an installation in the folder `var`.

    Settings come from .env too: without empty addresses a developer's own database would be migrated and filled.
    """
    inherited = {name: os.environ[name] for name in ("HOME", "PATH", "MODELS_DIR", "LANG") if name in os.environ}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "COPYDESK_MODE": "test",
        "SECRET_KEY": "tests-only-Gd7kQ2vXn4RbYw9ZtLm3HsPf6JcAeUo8iBqK1rD5N0",
        "VAR_DIR": str(var),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }


def make(folder: Path) -> None:
    """A process of its own, as in a real installation: nothing that a test has changed can get into it."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", MAKE],
        cwd=ROOT,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """One process at a time. The kernel unlocks the file, however the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def installation(
    kept: Path = KEPT, key: Callable[[], str] = key, make: Callable[[Path], None] = make
) -> Iterator[Path]:
    """The folder of an empty installation, to be copied from. Made if there is none of this key; others are removed."""
    with turn(kept):
        wanted = kept / key()
        if not wanted.exists():
            for other in kept.iterdir():  # also what a process that was killed left behind
                if other.is_dir():
                    shutil.rmtree(other)
            part = Path(tempfile.mkdtemp(prefix="part-", dir=kept))
            make(part)
            part.rename(wanted)
        yield wanted


# --- pytest's own databases ---------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django asks for this before it makes the databases: only how they are made is replaced."""
    for connection in connections.all():
        creation: Any = connection.creation
        if connection.vendor == "sqlite":
            creation.create_test_db = partial(copied_from_file, connection)
        elif os.environ.get(PRIVATE_SERVER):
            creation.create_test_db = partial(copied_from_template, connection, creation.create_test_db)
            # It ends with its server. Dropping it would wait 5 seconds for connections of threads.
            creation.destroy_test_db = lambda *_, **__: None


def copied_from_file(connection: Any, **options: Any) -> str:
    name: str = connection.creation._get_test_db_name()
    use(connection, name)
    connection.ensure_connection()
    with installation() as folder, closing(sqlite3.connect(folder / FILES[connection.alias])) as source:
        source.backup(connection.connection)
    return name


def copied_from_template(connection: Any, create: Callable[..., str], **options: Any) -> str:
    template = f"copydesk_{key()}"
    with turn(KEPT), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if cursor.fetchone() is None:
            name = create(**options)
            connection.close()
            cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{name}"')
            return name
    connection.settings_dict["TEST"]["TEMPLATE"] = template
    name = connection.creation._get_test_db_name()
    connection.creation._create_test_db(options["verbosity"], options["autoclobber"], options["keepdb"])
    use(connection, name)
    return name


def use(connection: Any, name: str) -> None:
    """As Django's create_test_db does."""
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = name
    connection.settings_dict["NAME"] = name
