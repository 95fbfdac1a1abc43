"""The databases that tests copy are never out of date, and never half of one."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from tests.databases.copies import installation, key

MIGRATION = "config/migrations/0001_initial.py"


@pytest.mark.django_db(databases=["default", "channels"])
@pytest.mark.parametrize(("alias", "app"), [("default", None), ("channels", "channels_lite")])
def test_a_copy_has_every_migration(alias: str, app: str | None) -> None:
    executor = MigrationExecutor(connections[alias])
    assert executor.migration_plan(executor.loader.graph.leaf_nodes(app)) == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "packages" / "django-5.2.dist-info").mkdir(parents=True)
    for name in (MIGRATION, "config/catalogue.toml", "tickets/models.py", "static/desk.css", ".env"):
        write(tmp_path / name, name)
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def key_of(project: Path) -> str:
    return key(project, project / "packages")


@pytest.mark.parametrize(
    "file", [MIGRATION, "config/migrations/0002_more.py", "tickets/models.py", "static/desk.css", ".env"]
)
def test_the_key_changes_with_each_file(project: Path, file: str) -> None:
    before = key_of(project)
    assert key_of(project) == before
    write(project / file, "changed")
    assert key_of(project) != before


def test_the_key_changes_with_a_name_and_a_version(project: Path) -> None:
    keys = {key_of(project)}
    (project / MIGRATION).rename(project / "config/migrations/0001_first.py")
    keys.add(key_of(project))
    (project / "config/migrations/0001_first.py").unlink()
    keys.add(key_of(project))
    (project / "packages/django-5.2.dist-info").rename(project / "packages/django-5.3.dist-info")
    keys.add(key_of(project))
    assert len(keys) == 4


class Made:
    """A stand-in for `make`: each installation contains its number."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, folder: Path) -> None:
        self.count += 1
        (folder / "database").write_text(str(self.count), encoding="utf-8")


@pytest.fixture
def made() -> Made:
    return Made()


def copied(kept: Path, made: Made, key: str = "key") -> str:
    with installation(kept, lambda: key, made) as folder:
        return (folder / "database").read_text(encoding="utf-8")


def folders(kept: Path) -> list[str]:
    return sorted(path.name for path in kept.iterdir() if path.is_dir())


def test_many_at_once_wait_for_the_first(tmp_path: Path, made: Made) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: copied(tmp_path, made), range(8))) == {"1"}


def test_a_new_key_is_a_new_one_in_place_of_the_old(tmp_path: Path, made: Made) -> None:
    assert [copied(tmp_path, made, key) for key in ("old", "old", "new")] == ["1", "1", "2"]
    assert folders(tmp_path) == ["new"]


def test_half_of_one_is_never_used(tmp_path: Path, made: Made) -> None:
    def killed(folder: Path) -> None:
        (folder / "database").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), installation(tmp_path, lambda: "key", killed):
        pass
    assert copied(tmp_path, made) == "1"
    assert folders(tmp_path) == ["key"]
