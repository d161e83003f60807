"""Speed and size beside a baseline measured in the same run: `dolbom bench`, goals in docs/performance.md."""

from __future__ import annotations
