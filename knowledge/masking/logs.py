"""Masks personal data in every line of the log, as a last safeguard.

Logs contain only ids and sizes by rule, but an exception's text or a path may quote what somebody wrote. Network
addresses stay: they are needed to investigate attacks, and come from connections, not from mails.
"""

import logging

from knowledge.masking import mask

KEPT = frozenset({"IP", "MAC"})


class MaskingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record), KEPT)
