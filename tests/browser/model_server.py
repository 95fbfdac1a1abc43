"""A model server that is slow, hangs or can be held: `python model_server.py PORT BEHAVIOUR`. Standard library only.

Asked for one word it says that some line answers, whichever, and "Yes"; asked for a text it "translates" the line it
was given, or revises it by a "Yes" before it, or sums up the parts of a ticket by their first words.

slow: takes four seconds for a word, and writes a text with a word every 0.2 s.  hanging: takes the question and never
says anything.  FOLDER (a path): answers at once, but as long as a file there is called "silent" it says no single
word, and as long as one is called "halfway" it stops in the middle of each text that is no question, and sends pieces
without text.
"""

import json
import math
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BEHAVIOUR = sys.argv[2] if len(sys.argv) > 2 else "slow"
TRANSLATED = "Auf Deutsch:"
MARK = "\u200b"
PART = re.compile(r"\[(\d+)\] ([A-Z]+)\n([^.?!]+)")
FIRST_WORDS = 9
SHARES = {"Yes": 0.5, "No": 0.001, "0": 0.001, **{str(line): 0.05 for line in range(1, 10)}}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._json({"status": "ok", "model": "stand-in", "data": [{"id": "stand-in"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        while BEHAVIOUR == "hanging":
            time.sleep(1)
        if not self.path.endswith("/chat/completions"):
            self.send_error(404)
        elif asked.get("stream"):
            line, _, _ask = asked["messages"][-1]["content"].rpartition("\n\n")
            self._text(said(line).split(" "), holds="?" not in line)
        else:
            self._word()

    def _word(self) -> None:
        time.sleep(4 if BEHAVIOUR == "slow" else 0)
        while held("silent"):
            time.sleep(0.05)
        top = [{"token": word, "logprob": math.log(share)} for word, share in SHARES.items()]
        self._json({"choices": [{"logprobs": {"content": [{"top_logprobs": top}]}}], "model": "stand-in"})

    def _text(self, words: list[str], holds: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number, word in enumerate(words):
            self._event({"choices": [{"delta": {"content": f" {word}" if number else word}}], "model": "stand-in"})
            time.sleep(0.2 if BEHAVIOUR == "slow" else 0.01)
            while holds and number == len(words) // 2 and held("halfway"):
                time.sleep(0.07)
                self._event({"choices": [{"delta": {"content": ""}}], "model": "stand-in"})
        self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, event: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()

    def _json(self, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


def said(line: str) -> str:
    if parts := PART.findall(line):
        return "\n".join(f"{about}: {' '.join(text.split()[:FIRST_WORDS])} [{number}]" for number, about, text in parts)
    sentence = line.removeprefix("Sentence: ")
    # Nobody sees the mark behind each word, but with it no words in a row are those of the English line.
    return f"{TRANSLATED} {line.replace(' ', MARK + ' ')}" if sentence == line else f"Yes, {sentence}"


def held(what: str) -> bool:
    return (Path(BEHAVIOUR) / what).exists()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
