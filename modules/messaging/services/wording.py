"""A region's own words for a template: written by one officer, approved by another, then by the provider for Alimtalk."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import NotFound, _, db, require, scope
from modules.messaging import catalogue, rules
from modules.messaging.catalogue import Template
from modules.messaging.models import Wording
from modules.messaging.refusals import BadWording, SamePerson, WrongStep
from modules.messaging.settings import ways


def draft(template: str, *, language: str, region: int, subject: str, text: str) -> Wording:
    """Write a region's text for a template, or change the draft there is; nothing is used before it is approved."""
    require("messaging.wording.create", at=region)
    one = catalogue.template(template)
    check(one, language, region, subject, text)
    waits = sa.select(Wording.id).where(
        Wording.template == template, Wording.language == language, Wording.region_no == region, Wording.state == "submitted"
    )  # fmt: skip
    if db.session.scalar(waits) is not None:
        raise WrongStep(_("A change of this text waits for a second officer: have it decided first."))
    there: Wording | None = db.session.scalar(
        sa.select(Wording).where(
            Wording.template == template, Wording.language == language, Wording.region_no == region,
            Wording.state.in_(("draft", "rejected")),
        ).order_by(Wording.id.desc()).limit(1).with_for_update()
    )  # fmt: skip
    wording = there or Wording(template=template, language=language, region_no=region)
    wording.subject, wording.text = " ".join(subject.split()), text.strip()
    wording.state, wording.reason, wording.written_by = "draft", "", scope.current().account_id
    wording.changed_at = sa.func.clock_timestamp()
    db.session.add(wording)
    db.session.flush()
    return wording


def check(one: Template, language: str, region: int, subject: str, text: str) -> None:
    """Refuse a text that is empty, names unknown fields, or is too long for any text message with the sample's facts."""
    if language not in catalogue.LANGUAGES:
        raise BadWording(_("Choose one of the languages %(known)s.", known=", ".join(catalogue.LANGUAGES)))
    if not subject.strip() or not text.strip():
        raise BadWording(_("A message needs a subject and a text."))
    strange = sorted((rules.fields_of(text) | rules.fields_of(subject)) - one.all_fields)
    if strange:
        raise BadWording(
            _("There is no field %(strange)s: use %(known)s.", strange="{" + strange[0] + "}",
              known=", ".join("{" + name + "}" for name in sorted(one.all_fields)))
        )  # fmt: skip
    if rules.fields_of(subject) & one.secret:
        raise BadWording(_("A subject must not show a secret: lists show it."))
    here = ways(region)
    size = rules.size(sample(one, text), here.length["charset"])
    if size > here.length["lms"]:
        raise BadWording(
            _("The text has %(size)s bytes with the sample facts; %(most)s fit.", size=size, most=here.length["lms"])
        )


def sample(one: Template, text: str) -> str:
    """A text with the template's sample facts; secrets are dots."""
    return rules.shown(rules.fill(text, one.sample, one.secret))


def submit(wording: Wording) -> None:
    """Put a draft before a second officer."""
    require("messaging.wording.submit", at=wording.region_no)
    _at_step(wording, "draft")
    wording.state, wording.submitted_by = "submitted", scope.current().account_id
    _changed(wording)


def approve(wording: Wording) -> None:
    """Another officer agrees: from now on the region's messages use this text (four eyes)."""
    require("messaging.wording.approve", at=wording.region_no)
    _at_step(wording, "submitted")
    _another(wording)
    former = sa.select(Wording).where(
        Wording.region_no == wording.region_no, Wording.template == wording.template,
        Wording.language == wording.language, Wording.state == "approved",
    )  # fmt: skip
    for old in db.session.scalars(former.with_for_update()):
        old.state = "replaced"
    db.session.flush()
    wording.state, wording.decided_by, wording.reason = "approved", scope.current().account_id, ""
    _changed(wording)


def reject(wording: Wording, reason: str) -> None:
    """The second officer says no, and why; the draft can be changed and submitted again."""
    require("messaging.wording.approve", at=wording.region_no)
    _at_step(wording, "submitted")
    _another(wording)
    if not reason.strip():
        raise BadWording(_("Say in one line why, so that it can be mended."))
    wording.state, wording.decided_by, wording.reason = "rejected", scope.current().account_id, reason.strip()
    _changed(wording)


def decide_provider(wording: Wording, state: str, *, code: str = "", reason: str = "") -> None:
    """Note how far the Alimtalk provider is with an approved text: submitted, approved with its code, or rejected with its reason."""
    require("messaging.wording.update", at=wording.region_no)
    _at_step(wording, "approved")
    if state not in ("submitted", "approved", "rejected"):
        raise BadWording(_("The provider's answer is submitted, approved or rejected."))
    if state == "approved" and not code.strip():
        raise BadWording(_("Enter the code the provider gave the template."))
    if state == "rejected" and not reason.strip():
        raise BadWording(_("Enter the reason the provider gave."))
    wording.provider_state, wording.provider_code, wording.provider_reason = state, code.strip(), reason.strip()
    _changed(wording)


def wording_of(number: int) -> Wording:
    """A wording by its number. Raises `NotFound`, also for another region's."""
    require("messaging.wording.read")
    found = db.session.get(Wording, number)
    if found is None or not scope.current().covers(found.region_no):
        raise NotFound(_("There is no such text here."))
    return found


def _at_step(wording: Wording, state: str) -> None:
    if wording.state != state:
        raise WrongStep(_("This text is at another step by now: load the page again."))


def _another(wording: Wording) -> None:
    me = scope.current().account_id
    if me is None or me in (wording.submitted_by, wording.written_by):
        raise SamePerson(_("You wrote or submitted this text: another officer has to decide."))


def _changed(wording: Wording) -> None:
    wording.changed_at = sa.func.clock_timestamp()
    db.session.flush()
