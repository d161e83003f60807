"""How a row of a family reaches those it concerns: the family's own accounts, and the centres it was shared with."""

from __future__ import annotations

from core.sdk import Via

_MINE = "select m.family_id from families.membership m where m.account_id = {me} and m.ends_on is null"
#: A centre's people see the sharings of their centres, so this needs no condition of its own.
_SHARED = "select s.{what} from families.sharing s where s.ends_on is null"

#: Rows with a `family_id`; `OF_FAMILY` is for the family itself.
MINE = Via("family_id", _MINE)
OF_FAMILY = Via("id", _MINE)
SHARED = Via("family_id", _SHARED.format(what="family_id"))
SHARED_FAMILY = Via("id", _SHARED.format(what="family_id"))
#: A child is shared by itself: a sibling who applied nowhere stays unseen.
SHARED_CHILD = Via("id", _SHARED.format(what="child_id"))
OF_SHARED_CHILD = Via("child_id", _SHARED.format(what="child_id"))
