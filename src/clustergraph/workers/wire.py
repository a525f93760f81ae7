"""Messages between the processes of the pool: a header in JSON, a body, at most one open file.

A frame is the lengths of header and body (4 and 8 bytes, big-endian), then both. A file travels
as ancillary data of the frame's first byte (`SCM_RIGHTS`). Nothing is unpickled: a worker that a
query has taken over cannot run code in the server.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from clustergraph import errors
from clustergraph.errors import ClusterGraphError

_LENGTHS = struct.Struct("!IQ")
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was received; the receiver owns the descriptor `file`."""

    header: dict[str, object]
    body: bytes = b""
    file: int | None = None

    @property
    def kind(self) -> str:
        """What the message is about."""
        return str(self.header.get("kind", ""))


def frame(header: dict[str, object], body: bytes = b"") -> bytes:
    """The bytes of a message."""
    head = json.dumps(header).encode()
    return _LENGTHS.pack(len(head), len(body)) + head + body


def send(
    connection: socket.socket,
    header: dict[str, object],
    body: bytes = b"",
    file: int | None = None,
) -> None:
    """Send a message on a blocking socket."""
    data = memoryview(frame(header, body))
    if file is not None:
        data = data[socket.send_fds(connection, [data[:_PIECE]], [file]) :]
    connection.sendall(data)


def receive(connection: socket.socket) -> Message | None:
    """The next message of a blocking socket, or None where the other side has closed it."""
    reader = Reader()
    while True:
        for message in reader.read(connection):
            return message
        if reader.closed:
            return None


class Reader:
    """Puts messages together from what a socket has; one for each socket.

    On a blocking socket it must not be given more than one message at a time.
    """

    def __init__(self) -> None:
        self.closed = False
        self._buffer = bytearray()
        self._files: list[int] = []

    def read(self, connection: socket.socket) -> Iterator[Message]:
        """The messages that one more `recv` completes; `closed` where there is nothing to come."""
        try:
            data, files, _, _ = socket.recv_fds(connection, _PIECE, 4)
        except BlockingIOError:
            return
        except ConnectionError:
            data, files = b"", []
        self._buffer += data
        self._files += files
        self.closed = not data
        yield from self._complete()

    def close(self) -> None:
        """Close the files that no message has taken."""
        for file in self._files:
            os.close(file)
        self._files.clear()

    def _complete(self) -> Iterator[Message]:
        while len(self._buffer) >= _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(self._buffer)
            end = _LENGTHS.size + head + body
            if len(self._buffer) < end:
                return
            header = json.loads(self._buffer[_LENGTHS.size : _LENGTHS.size + head])
            content = bytes(self._buffer[_LENGTHS.size + head : end])
            del self._buffer[:end]
            file = self._files.pop(0) if header.get("file") else None
            yield Message(header, content, file)


def error_header(error: ClusterGraphError) -> dict[str, object]:
    """The header that carries an error: its class, its line, its data."""
    name, message = type(error).__name__, str(error)
    return {"kind": "error", "error": name, "message": message, "data": error.members()}


def error_from(header: dict[str, object]) -> ClusterGraphError:
    """The error that `error_header` wrote; an unknown class becomes the root of the tree."""
    cls = getattr(errors, str(header["error"]), None)
    if not (isinstance(cls, type) and issubclass(cls, ClusterGraphError)):
        cls = ClusterGraphError
    data = header["data"]
    members = data.items() if isinstance(data, dict) else ()
    tuples = {name: tuple(member) if isinstance(member, list) else member for name, member in members}
    return errors.restored(cls, str(header["message"]), tuples)
