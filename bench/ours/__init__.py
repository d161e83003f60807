"""What Dolbom needs, through its normal services and pages: one file each, found by `BENCH`."""

from __future__ import annotations

from bench.frame import Bench
from bench.ours import (
    apply_crowd,
    apply_http,
    disable,
    import_register,
    install,
    list_http,
    list_page,
    login_crowd,
    memory,
    notices,
    rank,
    search_page,
    start,
)

ALL: tuple[Bench, ...] = (
    import_register.BENCH, list_page.BENCH, list_http.BENCH, search_page.BENCH, start.BENCH, memory.BENCH, install.BENCH,
    disable.BENCH, apply_http.BENCH, apply_crowd.BENCH, notices.BENCH, rank.BENCH, login_crowd.BENCH,
)  # fmt: skip
