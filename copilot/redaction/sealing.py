"""Personal values are stored encrypted, beside a fingerprint by which the same value is found again.

The keys come from SECRET_KEY. Those of SECRET_KEY_FALLBACKS still open, and find, what was stored with them.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from copilot.redaction.spelling import key

# Another text gives other keys: nothing stored could be opened or found any more.
ENCRYPTION, FINGERPRINT = b"copydesk masked values: encryption", b"copydesk masked values: fingerprint"
KEYS = 32  # remembered at once: two for each SECRET_KEY


def sealed(value: str) -> str:
    """Encrypted with the newest key, each time to another text."""
    return _fernet(_secrets()).encrypt(value.encode()).decode()


def opened(text: str) -> str | None:
    """None: sealed with a key that is no longer known, or damaged."""
    try:
        return _fernet(_secrets()).decrypt(text.encode()).decode()
    except InvalidToken:
        return None


def fingerprint(value: str) -> str:
    """The same for all ways to write a value; it can neither be read nor, without the key, be guessed from."""
    return _fingerprint(_secrets()[0], value)


def fingerprints(value: str) -> list[str]:
    """With every known key: what was stored before SECRET_KEY was changed is found too."""
    return [_fingerprint(secret, value) for secret in _secrets()]


def _fingerprint(secret: str, value: str) -> str:
    return hmac.new(_derived(secret, FINGERPRINT), key(value).encode(), hashlib.sha256).hexdigest()


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=KEYS)
def _fernet(secrets: tuple[str, ...]) -> MultiFernet:
    """The first one encrypts."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(secret, ENCRYPTION))) for secret in secrets])


@lru_cache(maxsize=KEYS)
def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
