"""The web process checks its settings before it serves, so a server started by hand is as strict as `manage.py up`."""

from django.core import checks


def stop_on_errors() -> None:
    """End the process with one line per error. Warnings are left to `manage.py check` and `manage.py doctor`."""
    wrong = [found for found in checks.run_checks() if found.is_serious() and not found.is_silenced()]
    if wrong:
        lines = [f"Copydesk cannot start: {found.msg} {found.hint or ''}".rstrip() for found in wrong]
        raise SystemExit("\n".join(lines))
