"""How many children a facility may take: figures from its floor, each with explanation and policies.

Pure: no database, no clock. Areas are Decimal square meters; policies come as the caller resolved them for
the facility's kind, place and day. Rulebook 1a.2 and K3; S1-108 … S1-112, A5-3, A5-4.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, Protocol

from core.sdk import Refusal, _

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYCARE: Final = "facilities.capacity.daycare"
KIUM: Final = "facilities.capacity.kium"
#: Steps of an explanation by their codes, which figures kept with a request carry → what they are called.
STEPS: Final[dict[str, Any]] = {
    "total-area": _("Whole floor"),
    "nursery-area": _("Children's rooms"),
    "kind": _("The most in a facility of this kind"),
    "license": _("Licensed"),
    "least": _("The least of these"),
    "below-smallest": _("Below the smallest size of this kind"),
    "area": _("Floor"),
    "extra-share": _("Temporary places outside the base"),
    "extra-least": _("At least"),
    "agreed": _("Agreed by district and facility"),
    "beyond-rule": _("More than the rule gives"),
}
_ROUNDINGS: Final = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "round": ROUND_HALF_UP}


class AreaRefused(Refusal):
    """A capacity cannot be computed from this floor."""

    code = "facilities.capacity.area"


class CapacityPolicyWrong(Refusal):
    """The policy a capacity needs is not there, or lacks a parameter."""

    code = "facilities.capacity.policy"


class Policy(Protocol):
    """What a rule needs of a policy in force."""

    @property
    def id(self) -> str:
        """Kept with every figure."""
        ...

    @property
    def value(self) -> Any:
        """The parameters."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One step of an explanation: what it is called in `STEPS`, its arithmetic, what came out."""

    code: str
    arithmetic: str
    value: int

    def __str__(self) -> str:
        return f"{STEPS[self.code]}: {self.arithmetic}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of children with its explanation; an officer must know the `remarks` before approving it."""

    value: int
    lines: tuple[Line, ...]
    policy_ids: tuple[str, ...]
    remarks: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class KiumCapacity:
    """The places of a Kium center: those all care shares and those kept free for emergencies."""

    base: Figure
    extra: Figure
    #: The care the base serves: ("regular", "temporary") or ("temporary",).
    base_serves: tuple[str, ...]

    @property
    def temporary_only(self) -> int:
        """Places no regular booking can take."""
        return self.extra.value if "regular" in self.base_serves else self.base.value + self.extra.value


@dataclass(frozen=True, slots=True)
class Agreed:
    """A number district and facility agreed upon (S1-112), and where that is written."""

    value: int
    source: str


def daycare_capacity(
    total_area_m2: Decimal,
    nursery_area_m2: Decimal,
    policies: Mapping[str, Policy],
    *,
    licensed: int | None = None,
    agreed: Agreed | None = None,
) -> Figure:
    """The most children a daycare facility may take: the least of floor, children's rooms, kind and license.

    Rulebook 1a.2. Raises AreaRefused, CapacityPolicyWrong.
    """
    policy = _policy(policies, DAYCARE)
    rounding = _rounding(policy, "rounding")
    lines = [
        _per_child("total-area", total_area_m2, _amount(policy, "total_area_m2"), rounding),
        _per_child("nursery-area", nursery_area_m2, _amount(policy, "nursery_area_m2"), rounding),
    ]
    most = int(_amount(policy, "max_children"))
    lines.append(Line("kind", str(most), most))
    if licensed is not None:
        lines.append(Line("license", str(licensed), licensed))
    value = min(line.value for line in lines)
    lines.append(Line("least", str(value), value))
    least = int(_amount(policy, "min_children"))
    remarks: tuple[Line, ...] = ()
    if value < least:
        remarks = (Line("below-smallest", f"{value} < {least}", least),)
    return _with_agreed(Figure(value, tuple(lines), (policy.id,), remarks), agreed)


def kium_capacity(
    area_m2: Decimal,
    policies: Mapping[str, Policy],
    *,
    agreed_base: Agreed | None = None,
    agreed_extra: Agreed | None = None,
) -> KiumCapacity:
    """The places of a Kium center: its floor by the area of a child (S1-108), and the temporary quota outside
    it (S1-110; none at a hub, S1-111, A5-4). The quota is of the base that holds, agreed or computed.

    Raises AreaRefused, CapacityPolicyWrong.
    """
    policy = _policy(policies, KIUM)
    floor = _per_child("area", area_m2, _amount(policy, "area_per_child_m2"), _rounding(policy, "rounding"))
    base = _with_agreed(Figure(floor.value, (floor,), (policy.id,)), agreed_base)
    serves = policy.value.get("base_serves", ("regular", "temporary"))
    return KiumCapacity(base, _with_agreed(_extra(base.value, policy), agreed_extra), tuple(serves))


def _extra(base: int, policy: Policy) -> Figure:
    share = _amount(policy, "extra_temporary_share")
    exact = base * share
    value = int(exact.to_integral_value(_rounding(policy, "extra_rounding")))
    arithmetic = f"{base} × {_plain(share * 100)} % = {_plain(exact)} → {value}"
    lines = [Line("extra-share", arithmetic, value)]
    least = int(_amount(policy, "extra_minimum"))
    if share and base and value < least:
        value = least
        lines.append(Line("extra-least", str(least), least))
    return Figure(value, tuple(lines), (policy.id,))


def _with_agreed(computed: Figure, agreed: Agreed | None) -> Figure:
    """The agreed number in place of the computed one, both shown; more than the rule gives is remarked."""
    if agreed is None:
        return computed
    if agreed.value < 0:
        raise AreaRefused(_("A number of children cannot be negative: %(value)s.", value=agreed.value))
    line = Line("agreed", f"{agreed.value} ({agreed.source})", agreed.value)
    remarks = computed.remarks
    if agreed.value > computed.value:
        beyond = f"{agreed.value} > {computed.value}"
        remarks = (*remarks, Line("beyond-rule", beyond, computed.value))
    return Figure(agreed.value, (*computed.lines, line), computed.policy_ids, remarks)


def _per_child(code: str, area: object, per_child: Decimal, rounding: str) -> Line:
    if not isinstance(area, Decimal) or not area.is_finite() or area < 0:
        raise AreaRefused(_("%(area)s is not an area; enter square meters, e.g. 72.5.", area=str(area)))
    if per_child <= 0:
        raise CapacityPolicyWrong(_("The area of one child must be more than 0 square meters."))
    exact = area / per_child
    value = int(exact.to_integral_value(rounding))
    shown = _plain(exact.quantize(Decimal("0.01"), ROUND_DOWN))
    return Line(code, f"{_plain(area)} m² ÷ {_plain(per_child)} m² = {shown} → {value}", value)


def _plain(number: Decimal) -> str:
    """3.30 as 3.3, 2E+1 as 20."""
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def _policy(policies: Mapping[str, Policy], key: str) -> Policy:
    if key not in policies:
        raise CapacityPolicyWrong(_("No policy %(key)s holds here; add one under Policies.", key=key))
    return policies[key]


def _amount(policy: Policy, name: str) -> Decimal:
    """A parameter as an exact number; policies write quantities as text so that none is a binary fraction."""
    value = policy.value.get(name)
    try:
        number = Decimal(value) if isinstance(value, (str, int)) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite() and number >= 0:
        return number
    raise CapacityPolicyWrong(
        _("The policy %(id)s lacks the number %(name)s; enter it under Policies.", id=policy.id, name=name)
    )


def _rounding(policy: Policy, name: str) -> str:
    mode = policy.value.get(name, "floor")
    if mode not in _ROUNDINGS:
        raise CapacityPolicyWrong(
            _(
                "%(name)s of the policy %(id)s is “%(mode)s”; choose one of %(modes)s.",
                name=name,
                id=policy.id,
                mode=str(mode),
                modes=", ".join(_ROUNDINGS),
            )
        )
    return _ROUNDINGS[mode]
