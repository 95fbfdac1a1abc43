"""The process that reads mails: `python -m tickets.mail.reader_process`, started by tickets/mail/reader.py.

It knows no settings, no database and no secret. Each request is one raw mail; each answer a pickled
Letter, or why there is none. A mail that takes more CPU time than it may ends the process: the kernel
does it, so that no loop, in whatever language it is written, goes on.
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

REQUEST = struct.Struct(">BdQQ")  # only headers?, CPU seconds, length of the mail and of what was said before
ANSWER = struct.Struct(">Q")
MEMORY = 1024 * 1024 * 1024  # what reading one mail may take beyond what the process has at its start


def main() -> None:
    source, target = sys.stdin.buffer, sys.stdout.buffer
    # The first mail's seconds are its own: the language model is loaded before.
    languages.detect("Please tell me in which language this sentence was written.")
    _bound_memory()
    while len(head := source.read(REQUEST.size)) == REQUEST.size:
        only_headers, seconds, length, more = REQUEST.unpack(head)
        raw, said = source.read(length), source.read(more)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _answer(raw, bool(only_headers), pickle.loads(said) if said else ())  # noqa: S301 - our own
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(target, answer)


def _answer(raw: bytes, only_headers: bool, said: Sequence[str] = ()) -> bytes:
    try:
        letter = _letter(raw, only_headers, said)
        return pickle.dumps(letter, pickle.HIGHEST_PROTOCOL)
    except parsing.UnreadableMail as error:
        return pickle.dumps(str(error))
    except MemoryError:
        gc.collect()
        return pickle.dumps("reading it takes too much memory")
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail waits for a person
        return pickle.dumps(f"it cannot be read ({type(error).__name__})")


def _letter(raw: bytes, only_headers: bool, said: Sequence[str]) -> reading.Letter:
    if only_headers:
        return reading.read_headers(raw)
    return reading.read(raw, said)


def _send(target: BinaryIO, answer: bytes) -> None:
    target.write(ANSWER.pack(len(answer)))
    target.write(answer)
    target.flush()


def _bound_memory() -> None:
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
