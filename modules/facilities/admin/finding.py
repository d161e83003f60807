"""The centre a page is about: by the code in its address, else the only one of the post."""

from __future__ import annotations

from typing import Any

from flask import redirect

from core.sdk import NotFound, PageView, _, db
from modules.facilities.models import Facility


def by_code(code: str) -> Facility:
    """The centre inside the post's places, else `NotFound`, as if it were not there."""
    found = db.session.query(Facility).filter_by(code=code).one_or_none()
    if found is None:
        raise NotFound(
            _(
                "There is no such centre here. It may belong to another place: switch your post or search again."
            )
        )
    return found


def own_centre(view: PageView) -> Any:
    """Lead to `view.page` of the one centre of the post, or to the list to choose from."""
    codes = db.session.query(Facility.code).order_by(Facility.id).limit(2).all()
    if len(codes) == 1:
        return redirect(view.get_url(".page", code=codes[0].code))
    return redirect(view.get_url("facilities-register.index_view"))
