"""`debian_packages.py NAME…` installs Debian packages that the tests need, if it can."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Checks whether something is installed, from whatever source.
PRESENT = {
    # Chromium without windows, for half the CPU. The whole one will do too, if CHROMIUM names it.
    "chromium-headless-shell": lambda: bool(os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell")),
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
    "gettext": lambda: bool(shutil.which("msgfmt")),
    "redis-server": lambda: bool(shutil.which("redis-server")),
}


def main(names: list[str]) -> int:
    missing = [name for name in names if not PRESENT[name]()]
    if not missing:
        return 0
    command = _apt_get()
    if command is None:
        print(f"The tests need {', '.join(missing)}. Install them, on Debian as root:", file=sys.stderr)
        print(f"    apt-get update && apt-get install {' '.join(missing)}", file=sys.stderr)
        return 1
    print(f"  Debian packages: {' '.join(missing)} …", flush=True)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdin": subprocess.DEVNULL}
    subprocess.run([*command, "update", "-qq"], stdout=subprocess.DEVNULL, check=False, **quiet)
    done = subprocess.run(
        [*command, "install", "-y", "-qq", "--no-install-recommends", *missing],
        capture_output=True,
        text=True,
        check=False,
        **quiet,
    )
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
    return done.returncode


def _apt_get() -> list[str] | None:
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n", "apt-get"]
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
