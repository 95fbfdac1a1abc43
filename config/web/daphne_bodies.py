"""Daphne collects a whole body, on disk if need be, before the application hears of the request.

So the bound is kept here, byte by byte as they arrive, together with a deadline: a body that trickles in
keeps a connection and its file no longer than `deadline` says.
"""

from typing import Any
from urllib.parse import unquote

from daphne import http_protocol, ws_protocol
from twisted.internet import reactor

from config.web.body_limits import most, refusal

LINGER = 3.0  # seconds in which the rest of a refused body is thrown away, so that the answer can be read
PATIENCE = 60.0  # seconds for any body, and
SLOWEST = 20_000  # bytes a second beyond that: 4 minutes for the largest upload of a slow line
FRAME = 64 * 1024  # bytes that a browser may send over a socket at once; ours send a few words
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def deadline(limit: int) -> float:
    return PATIENCE + limit / SLOWEST


class BoundedRequest(http_protocol.WebRequest):
    """One request, refused or cut off while it arrives. (Twisted's names and hooks.)"""

    refused = False
    arrived = 0
    limit = 0
    watch: Any = None

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        path = unquote(getattr(self.channel, "_path", b"/").split(b"?")[0].decode("latin-1"))
        cookies = b"; ".join(self.requestHeaders.getRawHeaders(b"cookie") or [])
        self.limit = most(path, cookies.decode("latin-1"))
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
        headers, body = refusal()
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self._last_words(b"HTTP/1.1 413 Content Too Large\r\n" + lines + b"\r\n" + body)

    def _too_slow(self) -> None:
        self.watch, self.refused = None, True
        self._last_words(TIMED_OUT)

    def _last_words(self, answer: bytes) -> None:
        """Said at once; a browser that is still sending reads it only if the line is not cut at the same moment."""
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
    """Daphne's factory looks the class up by its name when a connection comes in; sockets get their bound here too."""
    http_protocol.WebRequest = BoundedRequest
    ws_protocol.WebSocketProtocol.maxMessagePayloadSize = FRAME
    ws_protocol.WebSocketProtocol.maxFramePayloadSize = FRAME
