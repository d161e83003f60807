"""A witness for somebody else's log: signs a head only if it grew out of the last one it signed (C2SP `tlog-witness`).

It needs nothing of the log's server: a key of its own, the public key of each log it watches, and a small file.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from core.sdk import DolbomError, write_whole
from modules.transparency.merkle import EMPTY, BadProof, check_consistency
from modules.transparency.notes import COSIGNATURE, BadNote, Checkpoint, Note, Signer, Verifier

#: The most bytes of a request and hashes in its proof, and seconds for one request.
LONGEST, MOST, PATIENCE = 64 * 1024, 63, 10
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class BadState(DolbomError):
    """The witness's memory cannot be read: without it, it could sign two pasts."""

    code: ClassVar[str] = "witness.bad-state"


@dataclass(frozen=True)
class Answer:
    """Status, body and type of an answer."""

    status: int
    body: str = ""
    kind: str = "text/plain; charset=utf-8"


class Watcher:
    """A witness's conscience: one head after the other, kept on disk before a signature leaves."""

    def __init__(self, signer: Signer, logs: list[Verifier], state: Path, now: Callable[[], float] = time.time) -> None:
        if signer.kind != COSIGNATURE:
            raise BadState("A witness signs with a witness's key: make one with `dolbom witness new`.")
        self.signer, self.state, self.now = signer, state, now
        self.logs: dict[str, list[Verifier]] = {}
        for log in logs:
            self.logs.setdefault(log.name, []).append(log)
        self._lock = threading.Lock()
        self.seen = self._read()

    def _read(self) -> dict[str, tuple[int, bytes]]:
        try:
            kept = json.loads(self.state.read_text(encoding="utf-8"))
            return {origin: (int(size), bytes.fromhex(root)) for origin, (size, root) in kept.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError, OSError) as error:
            raise BadState(f"{self.state} cannot be read ({error}): restore it from a backup; do not delete it.") from None

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request as the standard says, with its own status codes."""
        try:
            old, proof, note = _taken_apart(body.decode())
            head = Checkpoint.read(note.text)
        except (UnicodeDecodeError, BadNote) as error:
            return Answer(400, f"{error}\n")
        keys = self.logs.get(head.origin)
        if keys is None:
            return Answer(404, "this log is not watched here\n")
        try:
            if not note.signed_by(keys):
                return Answer(403, "no signature of a key we know\n")
        except BadNote as error:
            return Answer(403, f"{error}\n")
        if old > head.size:
            return Answer(400, "old is larger than the checkpoint\n")
        with self._lock:  # looking, keeping and signing are one act, else an older head could come after a newer one
            size, root = self.seen.get(head.origin, (0, EMPTY))
            if old != size:
                return Answer(409, f"{size}\n", "text/x.tlog.size")
            try:
                _follows(size, root, head, proof)
            except BadProof as error:
                return Answer(422, f"{error}\n")
            if (head.size, head.root) != (size, root):
                self._keep(head)
        return Answer(200, self.signer.line(note.text, int(self.now())))

    def _keep(self, head: Checkpoint) -> None:
        seen = self.seen | {head.origin: (head.size, head.root)}
        write_whole(self.state, json.dumps({origin: [size, root.hex()] for origin, (size, root) in seen.items()}).encode())
        folder = os.open(self.state.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.seen = seen


def _taken_apart(text: str) -> tuple[int, list[bytes], Note]:
    first, gap, written = text.partition("\n\n")
    lines = first.split("\n")
    found = _OLD.fullmatch(lines[0])
    if not gap or found is None or len(lines) > MOST + 1:
        raise BadNote("a request is old N, hashes, an empty line, and a checkpoint")
    try:
        proof = [base64.b64decode(line, validate=True) for line in lines[1:]]
    except (binascii.Error, ValueError):
        raise BadNote("a hash is not base64") from None
    if any(len(one) != 32 for one in proof):
        raise BadNote("a hash has 32 bytes")
    return int(found[1]), proof, Note.read(written)


def _follows(size: int, root: bytes, head: Checkpoint, proof: list[bytes]) -> None:
    """Raises `BadProof` unless the head grew out of the one before."""
    if head.size == 0 and head.root != EMPTY:
        raise BadProof("a log without leaves has the empty root")
    if size == 0:
        if proof:
            raise BadProof("every log grows out of the empty one without proof")
        return
    check_consistency(size, head.size, root, head.root, proof)


def server(watcher: Watcher, host: str, port: int) -> ThreadingHTTPServer:
    """The witness's door: one path, small requests, none kept waiting by another."""

    class Door(BaseHTTPRequestHandler):
        timeout = PATIENCE
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path.rstrip("/") != "/add-checkpoint":
                return self._say(Answer(404, "only /add-checkpoint\n"))
            if not length.isdecimal() or int(length) > LONGEST:
                self.close_connection = True
                return self._say(Answer(413, "too long\n"))
            return self._say(watcher.add_checkpoint(self.rfile.read(int(length))))

        def do_GET(self) -> None:
            """For people: who this is and how far it saw each log."""
            lines = [str(watcher.signer.verifier), *(f"{origin} {size} {root.hex()}" for origin, (size, root) in watcher.seen.items())]
            self._say(Answer(200, "\n".join(lines) + "\n"))

        def _say(self, answer: Answer) -> None:
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nobody's address is kept."""

    return ThreadingHTTPServer((host, port), Door)
