"""Model servers that misbehave: each is a real one on loopback and sends exactly the bytes that a test gives it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    def __init__(self, act: Act, health: Act | None) -> None:
        self.act, self.health = act, health
        self.connections = self.asked = 0
        self.was_asked = asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"POST"):
                self.asked += 1
                self.was_asked.set()
                await self.act(reader, writer)
            elif self.health is not None:
                await self.health(reader, writer)
            else:
                await asyncio.Event().wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def running(act: Act, health: Act | None = None) -> AsyncIterator[Server]:
    """Without `health` the server answers nothing but what is posted to it."""
    server = Server(act, health)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    tasks = asyncio.all_tasks()
    try:
        yield server
    finally:
        listening.close()
        for task in asyncio.all_tasks() - tasks:
            if task is not asyncio.current_task():
                task.cancel()


def says(raw: bytes, status: str = "200 OK", kind: str = "text/event-stream", more: str = "") -> Act:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}\r\n"
        writer.write(head.encode() + raw)
        await writer.drain()

    return act


def repeats(raw: bytes, pause: float = 0.0, first: bytes = b"", kind: str = "text/event-stream") -> Act:
    """For ever."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode() + first)
        while True:
            writer.write(raw)
            await writer.drain()
            await asyncio.sleep(pause)

    return act


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def event(text: Any, **more: Any) -> bytes:
    return line({"choices": [{"delta": {"content": text}}], **more})


def line(body: Any) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"
