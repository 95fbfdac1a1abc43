"""`as_test.py COMMAND…` runs a management command with the settings of the tests, so without `.env`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

from django.core.management import execute_from_command_line  # noqa: E402

execute_from_command_line(sys.argv)
