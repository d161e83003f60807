"""The floor of a business transaction: connections that insert the same rows into tables without trigger, wall or index."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg import sql


def rate(url: str, rows: Sequence[tuple[sql.Composed, list[Any]]], count: int, clients: int) -> float:
    """Transactions a second; each inserts all the rows and commits."""

    def client(number: int) -> None:
        with psycopg.connect(url) as connection:
            for _n in range(number, count, clients):
                with connection.transaction():
                    for statement, row in rows:
                        connection.execute(statement, row)

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    return count / (time.perf_counter() - began)
