"""manage.py receive_mail: one JSON object, exit 2 for a bad file."""

import base64
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.tickets.mails import raw
from tickets.models import InboundMail

pytestmark = pytest.mark.django_db


def run(*args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("receive_mail", *args, "--json", stdout=out)
    assert out.getvalue().count("\n") == 1
    return json.loads(out.getvalue())


def test_a_file_and_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(raw())
    first = run("--file", str(file))
    assert set(first) == {"ticket", "message", "action", "reason"} and first["action"] == "created"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw())))
    assert run() == first | {"action": "duplicate", "reason": "Arrived before (created)"}


def test_a_missing_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        run("--file", str(tmp_path / "none.eml"))
    assert caught.value.returncode == 2 and "\n" not in str(caught.value) and "none.eml" in str(caught.value)


def test_many_mails(tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    mails = [raw(), raw(message_id="<2@x>"), raw(sender=None, message_id="<3@x>")]
    file.write_text("\n".join(json.dumps({"raw_b64": base64.b64encode(one).decode()}) for one in mails))
    assert run("--jsonl", str(file))["actions"] == {"created": 2, "quarantined": 1}
    assert InboundMail.objects.count() == 3
    file.write_text('{"raw_b64": "AAAA"}\n{"no": 1}\n')
    with pytest.raises(CommandError, match=r"line 2") as caught:
        run("--jsonl", str(file))
    assert caught.value.returncode == 2


def test_a_full_disk_asks_the_mail_server_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MAIL_DIR = tmp_path / "file"
    settings.MAIL_DIR.write_text("no folder")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw())))
    with pytest.raises(CommandError) as caught:
        run()
    assert caught.value.returncode == 75 and not InboundMail.objects.exists()
