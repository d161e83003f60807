"""Redis as a bell: it carries ids of outbox rows to workers and may lose every one of them without harm.

Queue names begin with a mark of the database, so two installations can share one Redis; all machines that
serve one database by the same address share its queues.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import redis
import rq
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.serializers import JSONSerializer

from core.config import Settings
from core.db.servers.address import Servers
from core.jobs.queues import QUEUES, Queue

#: What a ring calls; a path, because the bell stores no code.
ANSWER = "core.jobs.worker.answer"
_FORGET_FAILURES = 3600
_PATIENCE = 15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def home_mark(settings: Settings) -> str:
    """A short mark of the home, for the names of its workers."""
    return hashlib.sha256(str(settings.home).encode()).hexdigest()[:8]


class Bell:
    """The queues of one installation in Redis."""

    def __init__(self, servers: Servers) -> None:
        # A lost Redis is noticed at once and by the caller, who knows what to do: no retries in between.
        self.connection = redis.Redis.from_url(
            servers.redis_url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_PATIENCE,
            socket_timeout=_PATIENCE,
        )
        self.queues = {
            name: rq.Queue(servers.in_redis(name), connection=self.connection, serializer=JSONSerializer)
            for name in QUEUES
        }

    def waiting(self, queue: Queue) -> list[Ring]:
        """The rings that no worker has taken yet."""
        return [Ring.read(name) for name in self.queues[queue.name].get_job_ids()]

    def ring(self, queue: Queue, ring: Ring, ids: Sequence[int], *, first: bool) -> None:
        """Tell one worker about these rows; `first`: before all others, they have waited long enough."""
        self.queues[queue.name].enqueue_call(
            ANSWER,
            args=(list(ids),),
            job_id=ring.name(ids[0]),
            timeout=queue.seconds * len(ids) + 60,
            result_ttl=0,
            failure_ttl=_FORGET_FAILURES,
            at_front=first,
        )


@dataclass(frozen=True)
class Ring:
    """What the name of a ring tells without opening it: how many ids it carries, when they were offered."""

    count: int
    offered_at: datetime

    def name(self, first: int) -> str:
        """A name no other ring has."""
        micros = (self.offered_at - _EPOCH) // timedelta(microseconds=1)
        return f"outbox-{first}-{self.count}-{micros}-{uuid4().hex[:6]}"

    @classmethod
    def read(cls, name: str) -> Ring:
        """The ring behind a name."""
        _, _, count, micros, _ = name.split("-")
        return cls(int(count), _EPOCH + timedelta(microseconds=int(micros)))
