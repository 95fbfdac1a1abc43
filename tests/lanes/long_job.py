"""A job that takes long, for the slow lane of these tests."""

import time


def nap(seconds: int) -> None:
    time.sleep(seconds)
