"""Background work of the register: approved capacities take effect on their day; large imports with progress."""

from __future__ import annotations

from datetime import date

from core.sdk import Progress, daily, db, job, on
from modules.facilities import open_data
from modules.facilities.events import RegisterImported
from modules.facilities.services import handing_in
from modules.facilities.services.capacity import put_in_force
from modules.facilities.services.merging import propose_in
from modules.facilities.services.photographing import sweep


@job("facilities.capacity.put_in_force")
@daily(at="00:10")
def capacities_take_effect(on: date) -> None:
    """Put approved numbers of places in force"""
    while put_in_force(on):  # in bounded bites
        db.session.flush()


@job("facilities.open_data.make", effect="outside", queue="slow", retries=2)
def make_open_data(region: str, form: str, idempotency_key: str) -> None:
    """Write a file of open data"""
    open_data.make(region, form)  # writing the same edition twice gives the same file


@on(RegisterImported, queue="slow")
def look_for_doubles(happened: RegisterImported) -> None:
    """Look for possible doubles"""
    propose_in(happened.region_no)  # a person decides (S2-42)


@on(RegisterImported, effect="outside", queue="slow", retries=2)
def renew_open_data(happened: RegisterImported, idempotency_key: str) -> None:
    """Renew the files of open data"""
    open_data.renew(happened.region_no)


@job("facilities.meal_photo.sweep", effect="outside")
@daily(at="03:20")
def sweep_photographs(on: date, idempotency_key: str) -> None:
    """Delete photographs without a record"""
    sweep()


@job(handing_in.JOB, queue="slow", retries=1)
def read_register(folder: str, file: str, layout: str, region: str, compare: bool, progress: Progress) -> None:
    """Read a register"""
    handing_in.read(folder, file, layout, region, compare=compare, progress=progress)


@job("facilities.register.sweep", effect="outside")
@daily(at="03:40")
def sweep_registers(on: date, idempotency_key: str) -> None:
    """Delete registers handed in long ago"""
    handing_in.sweep_registers()
