"""Builds llama-cpp-python once per machine and keeps the wheel for every later checkout.

llama.cpp is compiled for this processor (GGML_NATIVE), so the key in the cache has its feature flags. Only what the
Python package uses is compiled: 83 objects, half the processor time.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sysconfig
import tarfile
from pathlib import Path

from steps import StepFailed, run, say, step

CACHE = Path(os.environ.get("COPYDESK_CACHE") or "~/.cache/copydesk").expanduser()
INCLUDE = Path(__file__).resolve().with_name("llama_quick.cmake")
QUICK = [
    "-DLLAVA_BUILD=OFF",
    "-DLLAMA_BUILD_TOOLS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_OPENSSL=OFF",
]
# gcc 12 drops most of the tile configuration that ggml's AMX code writes (its intrinsic names only the first bytes as
# read), so the first matrix product ends the process on every processor with AMX. AVX-512 stays enabled.
WITHOUT_AMX = ["-DCMAKE_C_FLAGS=-U__AMX_INT8__", "-DCMAKE_CXX_FLAGS=-U__AMX_INT8__"]
RECIPE = [*QUICK, *WITHOUT_AMX]
PROBE = "import llama_cpp; llama_cpp.llama_backend_init(); print(llama_cpp.llama_print_system_info().decode())"


def get(python: Path, version: str, cmake_args: str, log: Path) -> Path:
    """The wheel of this version for this machine, from the cache or newly built."""
    folder = CACHE / "wheels" / _key(version, cmake_args)
    found = sorted(folder.glob("llama_cpp_python-*.whl"))
    if found:
        say("  llama.cpp: built before, taken from the cache")
        return found[0]
    if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
        raise StepFailed("llama.cpp needs a C++ compiler; on Debian: apt-get install build-essential cmake")
    with step("llama.cpp, compiled for this processor (one to six minutes, once per machine)"):
        return _build(python, version, cmake_args, log, folder)


def works(python: Path) -> bool:
    """Whether llama.cpp runs. A wheel for another processor fails with an illegal instruction."""
    return subprocess.run([python, "-c", PROBE], capture_output=True, check=False).returncode == 0


def _key(version: str, cmake_args: str) -> str:
    parts = [version, sysconfig.get_config_var("SOABI") or "", platform.machine(), _processor(), cmake_args, *RECIPE]
    return f"{version}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:16]}"


def _processor() -> str:
    """The feature flags of the processor. Machines with the same flags can use the same wheel."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    found = re.search(r"^(?:flags|Features)\s*: (.*)$", text, re.M)
    return " ".join(sorted(found[1].split())) if found else platform.processor()


def _build(python: Path, version: str, cmake_args: str, log: Path, folder: Path) -> Path:
    # Always the same folder, so that ccache finds what another checkout compiled.
    work = CACHE / "build" / f"llama-cpp-python-{version}-{os.getuid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    run(
        [*pip, "download", "--no-deps", "--no-binary=llama-cpp-python", "-d", work, f"llama-cpp-python=={version}"], log
    )
    with tarfile.open(next(work.glob("*.tar.gz"))) as archive:
        archive.extractall(work, filter="data")
    source = next(path for path in work.iterdir() if path.is_dir())
    env = {
        "CMAKE_ARGS": " ".join([f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={INCLUDE}", *RECIPE, cmake_args]).strip(),
        "CCACHE_NOHASHDIR": "1",
    }
    run([*pip, "wheel", "-v", "--no-deps", "-C", f"build-dir={work / 'objects'}", "-w", work, source], log, env)
    folder.mkdir(parents=True, exist_ok=True)
    built = next(work.glob("llama_cpp_python-*.whl"))
    kept = folder / built.name
    shutil.copyfile(built, kept.with_suffix(".part"))
    kept.with_suffix(".part").rename(kept)
    shutil.rmtree(work, ignore_errors=True)
    return kept
