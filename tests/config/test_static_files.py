"""`collectstatic` puts hashes into the imports of our scripts, so that browsers cache them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

IMPORTED = re.compile(r"""^import\s[^"';]*["']([^"']+)["'];""", re.M)
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.web.static_files.HashedFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path / "js"


def test_scripts_name_each_other_with_the_hash(collected: Path) -> None:
    scripts = [path for path in collected.glob("**/*.js") if HASHED.search(path.name)]
    named = [(path, name) for path in scripts for name in IMPORTED.findall(path.read_text(encoding="utf-8"))]
    assert len(named) > 50
    assert [(path.name, name) for path, name in named if not HASHED.search(name)] == []
    assert [(path.name, name) for path, name in named if not (path.parent / name).is_file()] == []
