"""The last net: whatever a line of the log says, personal data in it is masked.

Logs carry ids and sizes by rule; an exception's text or a path may still quote what a person wrote. Network addresses
stay: whoever looks for an attack needs them, and they come from connections, not from mails.
"""

import logging

from knowledge.masking import mask

KEPT = frozenset({"IP", "MAC"})


class MaskingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record), KEPT)
