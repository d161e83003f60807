"""The queues there are, and how much of the outbox may lie in the bell at a time.

The bell stays short on purpose: what is offered again after a death must not wait behind a long tail
(integrity.md 3).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Queue:
    """One queue: at most `room` ids in the bell, `batch` of them in one ring, `seconds` for one handler."""

    name: str
    room: int
    batch: int
    seconds: int


QUEUES: dict[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue("default", room=100, batch=50, seconds=120),
        Queue("slow", room=20, batch=1, seconds=4 * 3600),
    )
}


def batches(queue: Queue, ids: list[int], *, share: bool = True) -> list[list[int]]:
    """The rings for these ids, none above the queue's batch; with `share` two at least, so that two workers can begin.

    One ring costs a fork and its connections; so many small effects share one.
    """
    size = max(1, min(queue.batch, (len(ids) + 1) // 2 if share else len(ids)))
    return [ids[start : start + size] for start in range(0, len(ids), size)]
