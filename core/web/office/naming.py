"""What lists show instead of numbers and names of the program: places, regions, people and tables."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import sqlalchemy as sa
from flask import current_app

from core.db.base import db, mapped_classes
from core.host import hooks
from core.regions.atlas import atlas
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE, Account
from core.text import _

#: So many stand in a list of choices: a whole country with its communes (Poland has 2,900).
MOST_REGIONS = 3_000


def places(numbers: Iterable[int | None]) -> dict[int | None, str]:
    """Names of regions and facilities by place number; 0 and None are the whole installation."""
    wanted, language = set(numbers), scopes.current().language
    found: dict[int | None, str] = {
        None: str(_("Whole installation")),
        EVERYWHERE: str(_("Whole installation")),
    }
    found |= {no: atlas().nodes[no].name(language) for no in wanted if no in atlas().nodes}
    left = sorted(no for no in wanted if no is not None and no not in found)
    if left:
        for names in hooks.ask("facility_names", numbers=left):
            found |= names
    return found | {no: str(_("Facility %(number)s", number=no)) for no in left if no not in found}


def regions() -> list[tuple[str, str]]:
    """Codes and names of the regions of the post, to choose from or as suggestions."""
    me = scopes.current()
    mine = ((node.code, node.name(me.language)) for node in atlas().nodes.values() if me.covers(node.no))
    return list(islice(mine, MOST_REGIONS))


def people(accounts: Iterable[int | None]) -> dict[int | None, str]:
    """Names of colleagues by account number, wherever their account is looked after: who asked, decided, changed."""
    wanted = sorted({number for number in accounts if number is not None})
    found: dict[int | None, str] = {None: str(_("The system"))}
    if wanted:
        with scopes.system("name the people who acted"):
            rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
            found |= {row.id: row.name for row in rows}
    return found | {
        number: str(_("Account %(number)s", number=number)) for number in wanted if number not in found
    }


def table(name: str) -> str:
    """What a table holds: as its page in the office is called, else as its class says, else its own name without signs."""
    model = next((cls for cls in mapped_classes() if cls.__table__.fullname == name), None)
    site = current_app.extensions["dolbom_office"]
    page = next((view.name for view in site._views if model and getattr(view, "of", None) is model), None)
    return str(
        page or getattr(model, "__title__", None) or name.partition(".")[2].replace("_", " ").capitalize()
    )
