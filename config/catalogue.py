"""The models: their files and checksums, their place on this machine, and their minimum scores.

The catalogue is `catalogue.toml`. A setting such as COPILOT_MODEL has the name of one of its models, or a path.
`model_path` turns both into a path, `is_present` says whether the model is ready.
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
ADAPTERS = HERE / "adapters"
SHIPPED = "shipped"  # the value of LLM_LORA that stands for the adapter of the writer in use, if it has one
STAMP = ".verified"


class UnknownModel(LookupError):
    """No model of this name is in the catalogue."""


@dataclass(frozen=True)
class MinScore:
    """The minimum score of a model, and where it comes from.

    `source`: "measured" with this model; "set" by an environment variable; "cautious", an estimate for a model that
    nobody measured; "unknown": the model cannot be loaded, so not even an estimate is possible.
    """

    value: float
    source: Literal["measured", "set", "cautious", "unknown"]


@dataclass(frozen=True)
class Part:
    """One file in a Python package, which is read as data."""

    package: str
    member: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ModelFile:
    """A file of a model: the data of its parts, one after the other."""

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
    adapter: str = ""  # a file in config/adapters

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def packages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.package for file in self.files for part in file.parts))

    def path(self, models_dir: Path) -> Path:
        """The GGUF file, or the folder of a model with several files."""
        folder = models_dir / self.name
        return folder / self.files[0].path if self.kind == "gguf" else folder

    @property
    def sha256(self) -> str:
        """The hash of the file, or for a folder, of the names and hashes of its files."""
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
    more = {key: entry[key] for key in ("min_score", "adapter") if key in entry}
    return CatalogueModel(**plain, hub=entry.get("hub", ""), files=files, **more)


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


def known_writer() -> str:
    """The name of the writer in use, as it was measured: with its own adapter.

    "" for a server that is not ours, whose model we do not know, and where LLM_LORA changes what the model says.
    """
    return settings.COPILOT_MODEL if settings.LLM_EMBEDDED and settings.LLM_LORA == SHIPPED else ""


def adapter() -> Path | None:
    """The LoRA adapter of the writer in use (decision 32), or the one that LLM_LORA names instead; None without one."""
    if settings.LLM_LORA != SHIPPED:
        return Path(settings.LLM_LORA).expanduser() if settings.LLM_LORA else None
    model = catalogue().get(settings.COPILOT_MODEL)
    return ADAPTERS / model.adapter if model and model.adapter else None


@cache
def fingerprint(model_sha256: str, adapter_path: Path | None) -> str:
    """What names the one that answered: the hash of the model's file, and of both where an adapter changes it."""
    if adapter_path is None:
        return model_sha256
    return hashlib.sha256(f"{model_sha256} {checksum(adapter_path)}".encode()).hexdigest()


def measured(name: str) -> MinScore | None:
    """The minimum score that was measured with this model. None for a model that nobody measured."""
    model = catalogue().get(name)
    return None if model is None or model.min_score is None else MinScore(model.min_score, "measured")


def model_path(name: str) -> Path:
    """The path of the model with this name, present or not. Any other text is a path itself."""
    model = catalogue().get(name)
    return model.path(settings.MODELS_DIR) if model else Path(name).expanduser()


def is_present(name: str) -> bool:
    """Ready to use: verified by `fetch_models`, or a path that exists."""
    model = catalogue().get(name)
    return is_verified(model, settings.MODELS_DIR) if model else Path(name).expanduser().exists()


def is_verified(model: CatalogueModel, models_dir: Path) -> bool:
    """Every file had the right checksum when the stamp was written, and has not changed since."""
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
    """The checksum in the stamp, or empty if the file has changed since."""
    try:
        status = path.stat()
    except OSError:
        return ""
    if not isinstance(entry, dict) or [entry.get("size"), entry.get("mtime")] != [status.st_size, status.st_mtime_ns]:
        return ""
    return str(entry.get("sha256", ""))


def write_stamp(folder: Path, checksums: dict[str, str]) -> None:
    """Remember the checksums with size and time of the files, so that the next start need not read the files."""
    stamp = {}
    for name, checksum in checksums.items():
        status = (folder / name).stat()
        stamp[name] = {"size": status.st_size, "mtime": status.st_mtime_ns, "sha256": checksum}
    (folder / STAMP).write_text(json.dumps(stamp, indent=1), encoding="utf-8")


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
