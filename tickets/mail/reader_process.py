"""The process that reads mails: `python -m tickets.mail.reader_process`, started by tickets/mail/reader.py.

It has no settings, no database and no secrets. Each request is one raw mail. Each answer is a pickled MailContent,
or the reason why there is none. If a mail takes too much CPU time the kernel ends the process, which stops any loop,
in Python or in C.
"""

import gc
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from typing import BinaryIO

from tickets import languages
from tickets.mail import reading
from tickets.mail.mime import parsing

REQUEST = struct.Struct(">BdQQ")  # only headers?, CPU seconds, length of the mail, length of the earlier texts
ANSWER = struct.Struct(">Q")
MEMORY = 1024 * 1024 * 1024  # bytes that reading may take in addition to what the process has at its start


def main() -> None:
    source, target = sys.stdin.buffer, sys.stdout.buffer
    # Loads the language model now, so that it does not count as time of the first mail.
    languages.detect("Please tell me in which language this sentence was written.")
    _limit_memory()
    while len(head := source.read(REQUEST.size)) == REQUEST.size:
        only_headers, seconds, length, more = REQUEST.unpack(head)
        raw, earlier = source.read(length), source.read(more)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _answer(raw, bool(only_headers), pickle.loads(earlier) if earlier else ())  # noqa: S301 - our own
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(target, answer)


def _answer(raw: bytes, only_headers: bool, earlier: Sequence[str] = ()) -> bytes:
    try:
        content = reading.read_headers(raw) if only_headers else reading.read(raw, earlier)
        return pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    except parsing.UnreadableMail as error:
        return pickle.dumps(str(error))
    except MemoryError:
        gc.collect()
        return pickle.dumps("Reading it takes too much memory")
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail goes to quarantine
        return pickle.dumps(f"The mail cannot be read ({type(error).__name__})")


def _send(target: BinaryIO, answer: bytes) -> None:
    target.write(ANSWER.pack(len(answer)))
    target.write(answer)
    target.flush()


def _limit_memory() -> None:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
            now = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return  # not Linux: the CPU limit stays
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = now + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


if __name__ == "__main__":
    main()
