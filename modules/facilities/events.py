"""Facts the register publishes; other modules may subscribe to them."""

from __future__ import annotations

from datetime import date

from core.sdk import event


@event
class CapacityRequested:
    """A centre asked for another number of places."""

    facility_id: int
    change_id: int
    wanted: int


@event
class CapacityChanged:
    """A centre's agreed places are others from a day on."""

    facility_id: int
    before: int | None
    places: int
    from_day: date


@event
class RegisterImported:
    """A register file was read into a region."""

    region_no: int
    run_id: int
    created: int
    updated: int
