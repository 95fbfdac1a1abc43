"""Limits the size of a request body while it arrives, and the time it may take.

Daphne collects a whole body, on disk if it is large, before it calls the application. The deadline keeps a body that
arrives slowly from holding its connection and its file for ever.
"""

from typing import Any
from urllib.parse import unquote

from daphne import http_protocol, ws_protocol
from twisted.internet import reactor

from config.web.body_limits import limit_for, refusal

LINGER = 3.0  # seconds in which the rest of a refused body is discarded, so that the browser can read the answer
BASE_SECONDS = 60.0  # for any body, and
SLOWEST = 20_000  # bytes per second in addition: about 4 minutes for the largest upload on a slow line
FRAME = 64 * 1024  # bytes that a browser may send over a socket at once; our scripts send a few words
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def deadline(limit: int) -> float:
    """Seconds that a body of up to `limit` bytes may take."""
    return BASE_SECONDS + limit / SLOWEST


class BoundedRequest(http_protocol.WebRequest):
    """One request, which can be refused or cut off while it arrives. Method names are Twisted's."""

    refused = False
    path_asked = "/"
    arrived = 0
    limit = 0
    watch: Any = None

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        self.path_asked = unquote(getattr(self.channel, "_path", b"/").split(b"?")[0].decode("latin-1"))
        cookies = b"; ".join(self.requestHeaders.getRawHeaders(b"cookie") or [])
        self.limit = limit_for(self.path_asked, cookies.decode("latin-1"))
        if length is not None and length > self.limit:
            super().gotLength(0)
            self._refuse()
            return
        super().gotLength(length)
        if length != 0:
            self.watch = reactor.callLater(deadline(self.limit), self._too_slow)  # type: ignore[attr-defined,arg-type]

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        self.arrived += len(data)
        if self.refused:
            return
        if self.arrived > self.limit:
            self._refuse()
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        self._stop_watching()
        if not self.refused:
            super().requestReceived(command, path, version)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._stop_watching()
        super().connectionLost(reason)

    def _refuse(self) -> None:
        self.refused = True
        self._stop_watching()
        languages = b",".join(self.requestHeaders.getRawHeaders(b"accept-language") or [])
        headers, body = refusal(self.path_asked, languages.decode("latin-1"))
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self._answer_and_close(b"HTTP/1.1 413 Content Too Large\r\n" + lines + b"\r\n" + body)

    def _too_slow(self) -> None:
        self.watch, self.refused = None, True
        self._answer_and_close(TIMED_OUT)

    def _answer_and_close(self, answer: bytes) -> None:
        """Answer now, close later: a browser that is still sending reads no answer if the connection ends at once."""
        self.content.truncate(0)
        transport = self.channel.transport
        transport.write(answer)
        half_close = getattr(transport, "loseWriteConnection", None)
        if half_close is not None:
            half_close()
        reactor.callLater(LINGER, transport.abortConnection)  # type: ignore[attr-defined,arg-type]

    def _stop_watching(self) -> None:
        if self.watch is not None and self.watch.active():
            self.watch.cancel()
        self.watch = None


def install() -> None:
    """Replace Daphne's request class, which its factory looks up by name, and set the limits of sockets."""
    http_protocol.WebRequest = BoundedRequest
    ws_protocol.WebSocketProtocol.maxMessagePayloadSize = FRAME
    ws_protocol.WebSocketProtocol.maxFramePayloadSize = FRAME
