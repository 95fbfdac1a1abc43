"""Which models there are, what their files must hash to, where they lie on this machine, and their minimum scores.

`catalogue.toml` beside this file is the catalogue. A setting such as COPILOT_MODEL names one of its models
or a path; `model_path` turns either into a place on disk, `is_present` says whether it is usable.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.conf import settings

HERE = Path(__file__).parent
STAMP = ".verified"


class UnknownModel(LookupError):
    """No model of this name is in the catalogue."""


@dataclass(frozen=True)
class MinScore:
    """The least that a model's score must be to count, and how it is known.

    `source`: "measured" with this model, "set" by an environment variable, "cautious", chosen without knowing it,
    or "unknown": the model cannot be loaded, so that not even a cautious one can be chosen.
    """

    value: float
    source: Literal["measured", "set", "cautious", "unknown"]


@dataclass(frozen=True)
class Part:
    """One member of one package, taken out as data."""

    package: str
    member: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ModelFile:
    """The joined data of its parts."""

    path: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class CatalogueModel:
    name: str
    role: str
    kind: str
    default: bool
    licence: str
    origin: str
    hub: str
    files: tuple[ModelFile, ...]
    min_score: float | None = None

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.package for file in self.files for part in file.parts))

    def path(self, models_dir: Path) -> Path:
        """The GGUF file, or the folder of a model that is one."""
        folder = models_dir / self.name
        return folder / self.files[0].path if self.kind == "gguf" else folder

    @property
    def sha256(self) -> str:
        """Of the one file; of a folder, a hash over its files' names and hashes."""
        if len(self.files) == 1:
            return self.files[0].sha256
        lines = "".join(f"{file.sha256}  {file.path}\n" for file in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()


def parse(text: str) -> dict[str, CatalogueModel]:
    """Models by name, in the order of the file."""
    models = [_model(entry) for entry in tomllib.loads(text)["model"]]
    return {model.name: model for model in models}


def _model(entry: dict[str, Any]) -> CatalogueModel:
    files = tuple(_file(file) for file in entry["files"])
    plain = {key: entry[key] for key in ("name", "role", "kind", "default", "licence", "origin")}
    return CatalogueModel(**plain, hub=entry.get("hub", ""), files=files, min_score=entry.get("min_score"))


def _file(entry: dict[str, Any]) -> ModelFile:
    own = {key: entry[key] for key in ("size", "sha256")}
    raw = entry.get("parts") or [own | {"package": entry["package"], "member": entry["member"]}]
    return ModelFile(path=entry["path"], **own, parts=tuple(Part(**part) for part in raw))


@cache
def catalogue() -> dict[str, CatalogueModel]:
    return parse((HERE / "catalogue.toml").read_text(encoding="utf-8"))


def get(name: str) -> CatalogueModel:
    try:
        return catalogue()[name]
    except KeyError:
        known = ", ".join(catalogue())
        raise UnknownModel(f"no model is called {name!r}; the catalogue has {known}") from None


def measured(name: str) -> MinScore | None:
    """The minimum score measured with the model of this name; none of a model that nobody measured."""
    model = catalogue().get(name)
    return None if model is None or model.min_score is None else MinScore(model.min_score, "measured")


def model_path(name: str) -> Path:
    """Where the model of this name lies, whether or not it is there yet; any other text is a path itself."""
    model = catalogue().get(name)
    return model.path(settings.MODELS_DIR) if model else Path(name).expanduser()


def is_present(name: str) -> bool:
    """Usable as it is: verified by `fetch_models`, or a path that exists."""
    model = catalogue().get(name)
    return is_verified(model, settings.MODELS_DIR) if model else Path(name).expanduser().exists()


def is_verified(model: CatalogueModel, models_dir: Path) -> bool:
    """Every file has the pinned checksum by its stamp, and has not changed since it was stamped."""
    folder = models_dir / model.name
    stamp = read_stamp(folder)
    return all(_stamped(folder / file.path, stamp.get(file.path)) == file.sha256 for file in model.files)


def read_stamp(folder: Path) -> dict[str, Any]:
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _stamped(path: Path, entry: Any) -> str:
    """The checksum remembered for the file, or nothing if the file is not the one that was hashed."""
    try:
        status = path.stat()
    except OSError:
        return ""
    if not isinstance(entry, dict) or [entry.get("size"), entry.get("mtime")] != [status.st_size, status.st_mtime_ns]:
        return ""
    return str(entry.get("sha256", ""))


def write_stamp(folder: Path, checksums: dict[str, str]) -> None:
    """Remember what was hashed, so that the next start asks the file system and not the files."""
    stamp = {}
    for name, checksum in checksums.items():
        status = (folder / name).stat()
        stamp[name] = {"size": status.st_size, "mtime": status.st_mtime_ns, "sha256": checksum}
    (folder / STAMP).write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
