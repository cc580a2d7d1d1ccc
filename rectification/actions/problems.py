"""What stands on a problem: drafting it, filling it, and correcting it after issue (更正)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign
from rectification import policy
from rectification.actions import deadlines, people, problem_words, requirements
from rectification.models import Act, Measure, Problem
from reform.actions import trail, tree
from reform.errors import Refused, Stale
from reform.models import Actor, Organization, Role
from reform.text import fold

Status = Problem.Status

# What an organization may write until the row is issued, and after that while it is open.
WORDING = (
    "description",
    "cause",
    "source",
    "source_text",
    "superior_number",
    "found_on",
    "owner_kind",
    "severity",
    "remark",
)
# What only the office changes once the row is issued: standard, effect, deadline (DESIGN §3).
TERMS = (
    "standard",
    "effect_expected",
    "due_text",
    "due_kind",
    "due_on",
    "due_days",
    "due_workdays",
    "then_standing",
    "stage_goal",
    "review_on",
)
# What the closing level, and with it who reviews, goes by: set at registration, so no wording.
GRADES = ("source", "owner_kind", "severity")
LISTS = ("leaders", "persons", "departments", "cooperating")
LISTS_IN_WORDS = {
    "leaders": "责任领导",
    "persons": "责任人",
    "departments": "责任部门",
    "cooperating": "配合单位",
    "items": "问题类别",
}


def fingerprint(description: str) -> str:
    """Return what tells two rows of one organization apart: the text without blanks and marks."""
    return hashlib.sha1(fold(description).encode(), usedforsecurity=False).hexdigest()


@transaction.atomic
def draft(
    campaign: Campaign,
    *,
    organization: Organization,
    facts: Mapping[str, Any],
    measures: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Problem:
    """Begin a row. It has no number, counts nowhere, and may be deleted by its author.

    `facts` holds any of WORDING, TERMS, LISTS and `items`. Raises Forbidden, or Refused when the
    campaign is not open.
    """
    policy.require_here(by, "pb.create", organization)
    requirements.require_open(campaign)
    requirements.require_joined(campaign, organization)
    if _names_deadline(facts):
        policy.require_here(by, "pb.set_deadline", organization)
    place = tree.held(organization, on=by.on)
    problem = Problem(
        campaign=campaign,
        organization=place,
        path=place.path,
        drafted_by=by.user,
        drafted_at=at,
        **{name: facts[name] for name in (*WORDING, *TERMS) if name in facts},
    )
    if problem.is_personal and not policy.may_file_personal(by, organization):
        raise Refused(requirements.PERSONAL)
    problem.fingerprint = fingerprint(problem.description)
    requirements.require_own(problem, facts)
    requirements.require_found(problem.found_on, on=by.on)
    problem.save()
    _write_lists(problem, facts, on=by.on)
    problem_words.keep([problem])
    # A liaison or office types for others (代填): the measures are not his own (SOD-02).
    author = None if by.holds(Role.LIAISON, Role.OFFICE) else by.user
    Measure.objects.bulk_create(
        Measure(problem=problem, position=place, text=text, author=author, entered_by=by.user)
        for place, text in enumerate(measures, start=1)
    )
    trail.record(Act.DRAFTED, problem, by=by, at=at, quote=problem.description[:60])
    return problem


def _names_deadline(facts: Mapping[str, Any]) -> bool:
    return bool(facts.get("due_on") or facts.get("due_text"))


def _write_lists(problem: Problem, facts: Mapping[str, Any], *, on: date) -> None:
    if "items" in facts:
        problem.items.set(facts["items"])
    lists = {name: facts[name] for name in LISTS if name in facts}
    if lists:
        directory = people.Directory.of(problem.organization, on=on)
        people.put(problem, directory=directory, chosen=facts.get("chosen"), **lists)


@transaction.atomic
def delete_draft(problem: Problem, *, by: Actor, at: datetime) -> None:
    """Take away a row that was never counted, with everything on it."""
    problem = problem.locked()
    policy.require(by, "pb.delete_draft", problem)
    if problem.status != Status.DRAFT:
        raise Refused(f"“{problem}”已入账，不能删除；确需撤销的，按撤销（不属实）办理。")
    trail.record(Act.DRAFT_DELETED, problem, by=by, at=at, quote=problem.description[:60])
    problem_words.forget(problem)
    problem.delete()


def read(problem: Problem, *, by: Actor, at: datetime) -> None:
    """Note that somebody else looked at a person's own problem (DESIGN §9)."""
    if problem.is_personal and not problem.is_own_of(by):
        trail.record(Act.PERSONAL_READ, problem, by=by, at=at)


# ---------------------------------------------------------------- filling and amending


def written(problem: Problem) -> dict[str, Any]:
    """Return what stands on the row now, in the shape of `facts`."""
    now = {name: getattr(problem, name) for name in (*WORDING, *TERMS)}
    rows = list(problem.people.all())
    places = list(problem.departments.all())
    return now | {
        "leaders": [row.name for row in rows if row.part == "leader"],
        "persons": [row.name for row in rows if row.part == "responsible"],
        "departments": [row.name for row in places if row.part == "responsible"],
        "cooperating": [row.name for row in places if row.part == "cooperating"],
        "items": list(problem.items.all()),
    }


@transaction.atomic
def fill(
    problem: Problem, *, version: int, facts: Mapping[str, Any], by: Actor, at: datetime
) -> Problem:
    """Change a row that was not issued yet. Raises Stale when it is no longer the one shown."""
    problem = problem.locked()
    act = "pb.edit_draft" if problem.status == Status.DRAFT else "pb.amend"
    policy.require(by, act, problem)
    if problem.status not in {Status.DRAFT, Status.REGISTERED}:
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，请用“更正”修改。")
    changed = _changes(problem, version, facts)
    if changed.keys() & {"due_on", "due_text", "due_kind"}:
        policy.require(by, "pb.set_deadline", problem)
    if problem.status == Status.REGISTERED and problem.is_personal:
        requirements.refuse_turning(problem, facts)
    _apply(problem, facts, on=by.on)
    if problem.status == Status.REGISTERED:
        problem.closing_level = requirements.closing_level(problem)
    save(problem)
    say = "、".join(in_words(changed))
    trail.record(Act.FILLED, problem, by=by, at=at, say=say, changed=changed)
    return problem


@transaction.atomic
def amend(
    problem: Problem,
    *,
    version: int,
    facts: Mapping[str, Any],
    reason: str,
    by: Actor,
    at: datetime,
) -> Problem:
    """Correct a row after issue (更正): a reason is kept with the old text.

    Standard, effect, deadline and what the closing level goes by are the office's; the original
    wording changes never.
    """
    problem = problem.locked()
    policy.require(by, "pb.amend", problem)
    if problem.status not in {Status.ASSIGNED, Status.RECTIFYING}:
        raise Refused(f"“{problem}”目前为{problem.get_status_display()}，不能更正。")
    changed = _changes(problem, version, facts)
    if not changed:
        raise Refused("没有任何改动，无需更正。")
    if changed.keys() & {*TERMS, *GRADES}:
        policy.require(by, "pb.amend_terms", problem)
    was = problem.due_on
    requirements.refuse_turning(problem, facts)
    _apply(problem, facts, on=by.on)
    if changed.keys() & set(GRADES):
        problem.closing_level = requirements.closing_level(problem)
    lacking = deadlines.lacking(problem, on=by.on)
    if lacking:
        raise Refused(f"更正后仍须六个明确齐全，还缺：{'、'.join(lacking)}。")
    how = deadlines.set_day(problem, on=by.on)
    if problem.due_on != was:
        why = "\n".join(filter(None, (reason, how)))
        deadlines.changed(problem, was=was, reason=why, by=by, at=at)
    save(problem)
    trail.record(
        Act.AMENDED,
        problem,
        by=by,
        at=at,
        say="、".join(in_words(changed)),
        quote=reason,
        reason=reason,
        changed=changed,
    )
    return problem


def in_words(changed: Iterable[str]) -> list[str]:
    """Return the names of fields as pages call them."""
    fields = {field.name: field for field in Problem._meta.fields}  # noqa: SLF001 -- its own names
    return [LISTS_IN_WORDS.get(name) or str(fields[name].verbose_name) for name in changed]


def _changes(problem: Problem, version: int, facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return {field: [was, becomes]} in words for the trail; raise Stale for an old version."""
    now = written(problem)
    if version != problem.version:
        raise Stale(
            "您打开这一页之后，别人已修改了这条问题。您填写的内容没有丢失，请对照后再提交。",
            now=now | {"due": problem.due_text},  # as the form asks for it
            version=problem.version,
        )
    return {
        name: [_in_words(now[name]), _in_words(value)]
        for name, value in facts.items()
        if name in now and _in_words(now[name]) != _in_words(value)
    }


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple) or hasattr(value, "all"):
        return "、".join(str(part) for part in value)
    return "" if value is None else str(value)


def _apply(problem: Problem, facts: Mapping[str, Any], *, on: date) -> None:
    requirements.require_own(problem, facts)
    was = problem.found_on
    for name in (*WORDING, *TERMS):
        if name in facts:
            setattr(problem, name, facts[name])
    if facts.keys() & {"due_kind", "due_on", "due_workdays"}:
        problem.due_since = None  # counted again when it is issued, or not at all
    if problem.found_on != was:
        requirements.require_found(problem.found_on, on=on)
    if problem.status != Status.DRAFT and (lacking := requirements.lacking_to_register(problem)):
        raise Refused(f"已入账的问题不能缺：{'、'.join(lacking)}。")
    problem.fingerprint = fingerprint(problem.description)
    _write_lists(problem, facts, on=on)


def save(problem: Problem) -> None:
    """Keep the row after an act: its next version, and what it is searched by."""
    problem.version += 1
    problem.save()
    problem_words.keep([problem])


def save_all(rows: Sequence[Problem], *fields: str) -> None:
    """Save what an act changed on many rows; a row each, for CASE … WHEN takes twice as long."""
    for problem in rows:
        problem.version += 1
        problem.save(update_fields=[*fields, "version"])
