"""Sets up `.venv` to run Copydesk: `python3 scripts/setup.py [--dev]`. Fast if nothing has changed.

All packages have the versions in requirements*.txt and constraints*.txt. A stamp in `.venv` has a hash of them, so that
only a change installs again.
Environment: TORCH_INDEX_URL (another index for torch), CMAKE_ARGS (e.g. -DGGML_CUDA=on),
COPYDESK_CACHE (default ~/.cache/copydesk).
"""

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

import llama_wheel
from steps import StepFailed, run, say, step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = ROOT / "var" / "log" / "setup.log"
CONSTRAINTS = ROOT / "constraints.txt"
CONSTRAINTS_DEV = ROOT / "constraints-dev.txt"
RUNTIME = ROOT / "requirements.txt"
DEV = ROOT / "requirements-dev.txt"
REMEMBERED_CMAKE_ARGS = VENV / ".cmake-args"


def main() -> int:
    dev = "--dev" in sys.argv[1:]
    begun = time.monotonic()
    try:
        _first_env()
        _refuse_what_cannot_work()
        _make_venv()
        changed = _install("runtime", [RUNTIME], _install_runtime)
        if dev:
            changed |= _install("dev", [RUNTIME, DEV], _install_dev)
    except StepFailed as failure:
        print(f"\nSetup stopped: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSetup interrupted. `make run` continues where it stopped.", file=sys.stderr)
        return 130
    if changed:
        say(f"Setup done in {time.monotonic() - begun:.0f} s.")
    return 0


def _first_env() -> None:
    """Write a `.env` for the demo, with a random key, unless there is one or the environment has the settings."""
    target = ROOT / ".env"
    if target.exists() or os.environ.get("COPYDESK_MODE") or os.environ.get("CI"):
        return
    target.touch(mode=0o600)
    target.write_text(
        "# Written by `make run` for the demo; .env.example explains every setting.\n"
        f"COPYDESK_MODE=demo\nSECRET_KEY={secrets.token_urlsafe(50)}\n",
        encoding="utf-8",
    )
    say("  .env written: demo mode, with a random secret key")


def _refuse_what_cannot_work() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where older ones are refused
        raise StepFailed(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; try `make run PYTHON=python3.11`"
        )


def _make_venv() -> None:
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    ):
        return
    with step(f"virtual environment with Python {sys.version.split()[0]}"):
        try:
            venv.create(VENV, with_pip=True, clear=VENV.exists())
        except subprocess.CalledProcessError as error:
            shutil.rmtree(VENV, ignore_errors=True)
            raise StepFailed("Python's venv module is incomplete; on Debian: apt-get install python3-venv") from error


def _install(what: str, files: list[Path], install: object) -> bool:
    """Call `install` unless the stamp says that the same was installed before."""
    stamp = VENV / f".installed-{what}"
    digest = hashlib.sha256(f"{sys.version_info[:2]} {llama_wheel.RECIPE} {_cmake_args()}".encode())
    for file in [*files, CONSTRAINTS, CONSTRAINTS_DEV]:
        digest.update(file.read_bytes())
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest.hexdigest():
        return False
    install()  # type: ignore[operator]
    stamp.write_text(digest.hexdigest(), encoding="utf-8")
    return True


def _cmake_args() -> str:
    """CMake arguments for llama.cpp, from the environment or from the last build."""
    if "CMAKE_ARGS" in os.environ:
        return os.environ["CMAKE_ARGS"].strip()
    return REMEMBERED_CMAKE_ARGS.read_text(encoding="utf-8") if REMEMBERED_CMAKE_ARGS.exists() else ""


def _install_runtime() -> None:
    with step("torch, CPU build"):
        index = os.environ.get("TORCH_INDEX_URL", "")
        _pip("install", "--no-compile", *(["--extra-index-url", index] if index else []), _pinned("torch"))
        _refuse_cuda_torch()
    cmake_args = _cmake_args()
    wheel = llama_wheel.get(PYTHON, _pinned("llama-cpp-python").partition("==")[2], cmake_args, LOG)
    with step("packages"):
        # By force: the same version may have other build arguments.
        _pip("install", "--no-compile", "--force-reinstall", "--no-deps", wheel)
        _install_locked(CONSTRAINTS, wheel, "-r", RUNTIME)
    if not llama_wheel.works(PYTHON):
        raise StepFailed(f"llama-cpp-python does not run on this processor; delete {wheel} and try again")
    REMEMBERED_CMAKE_ARGS.write_text(cmake_args, encoding="utf-8")


def _install_dev() -> None:
    with step("tools for tests and linting"):
        _install_locked(CONSTRAINTS_DEV, "-r", DEV)


def _install_locked(locked: Path, *wanted: str | Path) -> None:
    """What is locked, all at once; only where that is not enough (another platform) does pip work out the rest.

    Not compiled to bytecode: Python does that on first import, for the third of the modules that are ever imported.
    """
    _pip("install", "--no-compile", "--no-deps", "-r", locked)
    if subprocess.run([PYTHON, "-m", "pip", "check"], capture_output=True, check=False).returncode:
        _pip("install", "-c", CONSTRAINTS, "-c", CONSTRAINTS_DEV, *wanted)


def _pinned(package: str) -> str:
    found = re.search(rf"^{re.escape(package)}==\S+", RUNTIME.read_text(encoding="utf-8"), re.M)
    if found is None:
        raise StepFailed(f"requirements.txt does not pin {package}")
    return found[0]


def _refuse_cuda_torch() -> None:
    """The CUDA build has gigabytes that a machine without a GPU does not need."""
    version = subprocess.run(
        [PYTHON, "-c", "import importlib.metadata as m; print(m.version('torch'), len(m.requires('torch') or []))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    packages = subprocess.run(
        [PYTHON, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    if "nvidia-" in packages.stdout and not os.environ.get("COPYDESK_CUDA"):
        raise StepFailed(
            f"torch {version.split()[0]} came with CUDA. Set TORCH_INDEX_URL to an index that offers the CPU build, "
            "or COPYDESK_CUDA=1 to keep it"
        )


def _pip(*words: str | Path) -> None:
    run([PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", *words], LOG)


if __name__ == "__main__":
    sys.exit(main())
