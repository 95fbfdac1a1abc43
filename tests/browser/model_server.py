"""A model server that is slow, hangs or can be held: `python model_server.py PORT BEHAVIOUR`. Standard library only.

slow: writes a word every 0.2 s.  hanging: takes the question and never says anything.  FILE (a path): writes at once,
but as long as that file exists it stops in the middle of each answer and sends pieces without text.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ANSWER = ("The charge disappears within 5 business days [1]. " * 4).split()
BEHAVIOUR = sys.argv[2] if len(sys.argv) > 2 else "slow"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._json({"status": "ok", "model": "stand-in", "data": [{"id": "stand-in"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        while BEHAVIOUR == "hanging":
            time.sleep(1)
        if not asked.get("stream"):
            yes = {"token": "yes", "logprob": 0.0}
            self._json({"choices": [{"logprobs": {"content": [{"top_logprobs": [yes]}]}}]})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number, word in enumerate(ANSWER):
            self._event({"choices": [{"delta": {"content": f"{word} "}}], "model": "stand-in"})
            time.sleep(0.2 if BEHAVIOUR == "slow" else 0.01)
            while number == len(ANSWER) // 2 and Path(BEHAVIOUR).exists():
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


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
