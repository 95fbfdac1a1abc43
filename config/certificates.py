"""The certificates that other servers are checked against. Reading them takes 20 ms of CPU: once per process."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """For `verify=` of httpx, whose clients would otherwise each read the certificates again, even for http."""
    return httpx.create_ssl_context()
