"""The project's settings for tests: fast, and without other servers."""

import os
import tempfile

os.environ["COPYDESK_MODE"] = "test"
os.environ.setdefault("SECRET_KEY", "tests-only-Gd7kQ2vXn4RbYw9ZtLm3HsPf6JcAeUo8iBqK1rD5N0")
# Tests in parallel share no files: each worker process replaces the folder that it inherited.
given = os.environ.pop("COPYDESK_TESTS_FOLDER", None)
if "VAR_DIR" not in os.environ or os.environ["VAR_DIR"] == given:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="copydesk-tests-")
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["COPYDESK_TESTS_FOLDER"] = os.environ["VAR_DIR"]
if os.environ.get("REDIS_URL") and "PYTEST_XDIST_WORKER" in os.environ:
    # Nor keys: each has its own database of Redis.
    server = os.environ["REDIS_URL"].rpartition("/")[0]
    os.environ["REDIS_URL"] = f"{server}/{os.environ['PYTEST_XDIST_WORKER'].removeprefix('gw')}"
os.environ["UNDO_SEND_SECONDS"] = "0"
os.environ["LOG_LEVEL"] = "WARNING"
for outside in ("EMAIL_URL", "LLM_BASE_URL", "CHROMA_URL", "DEBUG", "ALLOWED_HOSTS"):
    os.environ.pop(outside, None)

from config.settings import *  # noqa: E402,F403
from config.settings import Q_CLUSTER, VAR_DIR  # noqa: E402

RERANK_MODEL = ""  # tests of reranking set one
REDACTION_MODEL = ""  # tests of the tagger set one
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
Q_CLUSTER = Q_CLUSTER | {"sync": False}
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "attachments"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
