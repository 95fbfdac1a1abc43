"""Wrong settings end the start with one line. The demo only answers its own machine."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from config import checks
from config.web.local_only import ThisMachineOnly, host_to_use, is_loopback

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "Gd7kQ2vXn4RbYw9ZtLm3HsPf6JcAeUo8iBqK1rD5N0pWxV-S"


def start(tmp_path: Path, what: str = "manage", **env: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check`, or the import with which every web server starts."""
    command = ["manage.py", "check"] if what == "manage" else ["-c", "import config.asgi"]
    own = {"SECRET_KEY": KEY, "VAR_DIR": str(tmp_path), "COPYDESK_MODE": "demo", "ALLOWED_HOSTS": "localhost"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=kept | own | env, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COPYDESK_MODE", "prodution", "may only be one of: production, demo, test"),
        ("COPYDESK_MODE", "Demo", "may only be one of"),
        ("DEMO_ON_NETWORK", "true", "with-published-passwords"),
        ("LLM_PORT", "abc", "is not a whole number"),
        ("PORT", "70000", "must be between 1 and 65535"),
        ("UNDO_SEND_SECONDS", "-1", "must be between 0"),
        ("WORKERS", "²", "is not a whole number"),
        ("HTTPS", "maybe", "is not true or false"),
        ("RETRIEVAL_MIN_SCORE", "high", "is not a number"),
        ("DRAFT_LEAST_ANSWERABLE", "0.5", "is called DRAFT_MIN_SCORE now"),
        ("DATABASE_URL", "nonsense", "is not an address like postgres://"),
        ("EMAIL_URL", "geheim@host", "is not an address like smtp"),
    ],
)
def test_a_mistyped_setting_ends_the_start_with_one_line(tmp_path: Path, name: str, value: str, said: str) -> None:
    ended = start(tmp_path, **{name: value})
    lines = ended.stderr.strip().splitlines()
    assert ended.returncode == 1 and len(lines) == 1, ended.stderr
    assert lines[0].startswith(f"Copydesk cannot start: {name} ") and said in lines[0]
    assert "geheim" not in lines[0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"COPYDESK_MODE": "production", "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"COPYDESK_MODE": "production", "SECRET_KEY": "x" * 60}, "SECRET_KEY"),
        ({"COPYDESK_MODE": "demo", "ALLOWED_HOSTS": "desk.company.com"}, "published passwords"),
    ],
)
def test_a_web_server_started_by_hand_is_as_strict(tmp_path: Path, wrong: dict[str, str], said: str) -> None:
    ended = start(tmp_path, "asgi", **wrong)
    lines = ended.stderr.strip().splitlines()
    assert ended.returncode == 1 and len(lines) == 1 and said in lines[0], ended.stderr


@pytest.mark.parametrize(
    "key",
    [
        "",
        "short",
        "x" * 60,
        "abcdefghijklmnop" * 4,
        "django-insecure-" + KEY,
        "change-me-" + KEY,
        "your-secret-key-goes-here-and-it-should-be-random!",
        "At least 40 random characters, for example these ones",
    ],
)
def test_a_weak_key_is_an_error(settings: Any, key: str) -> None:
    settings.SECRET_KEY = key
    assert [each.id for each in checks.secrets_come_from_the_environment(None)] == ["copydesk.E001"]


def test_a_weak_key_from_before_is_an_error_too(settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [KEY, "short"]
    assert [each.id for each in checks.secrets_come_from_the_environment(None)] == ["copydesk.E010"]


def test_keys_from_before_are_separated_by_commas(tmp_path: Path) -> None:
    own = {"SECRET_KEY": KEY, "VAR_DIR": str(tmp_path), "COPYDESK_MODE": "test", "SECRET_KEY_FALLBACKS": "one, two"}
    asked = "import config.settings as s; print(s.SECRET_KEY_FALLBACKS)"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['one', 'two']"


def test_random_keys_are_accepted() -> None:
    import secrets

    assert {checks.weakness(secrets.token_urlsafe(50)) for _ in range(300)} == {""}
    assert {checks.weakness(secrets.token_hex(32)) for _ in range(300)} == {""}


@pytest.mark.parametrize("hosts", [["*"], ["desk.company.com", "*"], [".com"], ["*.company.com"], ["."]])
def test_any_name_is_an_error_in_production(settings: Any, hosts: list[str]) -> None:
    settings.MODE, settings.ALLOWED_HOSTS, settings.SECRET_KEY = "production", hosts, KEY
    assert [each.id for each in checks.secrets_come_from_the_environment(None)] == ["copydesk.E009"]


def test_own_host_names_are_accepted(settings: Any) -> None:
    settings.MODE, settings.ALLOWED_HOSTS, settings.SECRET_KEY = "production", ["desk.company.com", ".company.com"], KEY
    assert checks.secrets_come_from_the_environment(None) == []


def test_the_demo_on_a_network_is_asked_for_twice(settings: Any) -> None:
    settings.MODE, settings.ALLOWED_HOSTS, settings.DEMO_ON_NETWORK = "demo", ["demo.company.com"], True
    assert checks.secrets_come_from_the_environment(None) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.company.com", "", "[::]"])
def test_the_demo_listens_on_loopback_whatever_host_says(host: str) -> None:
    assert host_to_use(host, anywhere=False) == "127.0.0.1"
    assert host_to_use(host, anywhere=True) == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]", "::ffff:127.0.0.1"])
def test_another_loopback_address_is_kept(host: str) -> None:
    assert is_loopback(host) and host_to_use(host, anywhere=False) == host


def test_the_setting_itself_follows(tmp_path: Path) -> None:
    asked = "import config.settings as s; print(s.HOST)"
    for extra, host in ((dict[str, str](), "127.0.0.1"), ({"DEMO_ON_NETWORK": "with-published-passwords"}, "0.0.0.0")):
        own = {"SECRET_KEY": KEY, "VAR_DIR": str(tmp_path), "COPYDESK_MODE": "demo", "HOST": "0.0.0.0"}
        ran = subprocess.run(
            [sys.executable, "-c", asked], cwd=ROOT, env=own | extra, capture_output=True, text=True, check=True
        )
        assert ran.stdout.strip() == host


def test_garbage_is_collected_after_the_start(tmp_path: Path) -> None:
    """config/__init__.py turns the collection off, config/apps.py on again. In a new process: the tests set it too."""
    asked = (
        "import gc, config; before = gc.isenabled(); import django; django.setup(); "
        "print(before, gc.isenabled(), gc.get_freeze_count() > 10_000)"
    )
    own = {"SECRET_KEY": KEY, "VAR_DIR": str(tmp_path), "COPYDESK_MODE": "test"}
    own["DJANGO_SETTINGS_MODULE"] = "config.settings"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True", "True"]


@pytest.mark.parametrize("module", ["tickets.mail.reader_process", "knowledge.index.chroma_server"])
def test_processes_without_django_collect_garbage_too(module: str) -> None:
    """Nothing would turn it on again in them, so they may import nothing from config."""
    asked = f"import gc, sys, {module}; print(gc.isenabled(), 'config' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["True", "False"]


async def answered(server: str | None, kind: str = "http") -> dict[str, Any]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "let in"})

    scope = {"type": kind, "server": [server, 8000] if server else None}
    return dict(await ApplicationCommunicator(ThisMachineOnly(app), scope).receive_output(1))


async def test_a_demo_started_by_hand_on_all_addresses_answers_only_here() -> None:
    assert (await answered("192.168.1.5"))["status"] == 403
    assert (await answered("192.168.1.5", "websocket"))["type"] == "websocket.close"
    assert (await answered("127.0.0.1"))["type"] == (await answered(None))["type"] == "let in"
