"""`timed.py NAME COMMAND…` runs a command, says how long it took and passes its exit status on.

The time goes to stderr, so that pytest's own last line stays the last one on stdout.
"""

import subprocess
import sys
import time

name, *command = sys.argv[1:]
begun = time.monotonic()
status = subprocess.run(command, check=False).returncode
print(
    f"  {name}: {'ok' if status == 0 else f'failed, exit {status}'}, {time.monotonic() - begun:.1f} s", file=sys.stderr
)
sys.exit(status)
