"""What `dolbom up` runs beside the web and the worker."""

from __future__ import annotations

from modules.transparency.signing.running import run

PROCESSES = {"signer": run}
