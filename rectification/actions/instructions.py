"""Instructions of leaders (批示): written or recorded from paper, answered, asked again, ended."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from campaigns.models import Campaign
from rectification import policy
from rectification.models import Act, Instruction, InstructionEntry, Problem
from rectification.policy.instructions import may_end
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment, Event, Organization, Role, User
from reform.models.delegation import holding_at
from reform.models.scope import relation

Status = Instruction.Status
Kind = InstructionEntry.Kind
ANSWERING = (Role.LIAISON, Role.SECRETARY, Role.OFFICE)


@transaction.atomic
def write(
    campaign: Campaign,
    *,
    organization: Organization,
    text: str,
    answer_by: date | None,
    by: Actor,
    at: datetime,
    problem: Problem | None = None,
) -> Instruction:
    """Write an instruction to an organization of one's field, or about one of its problems."""
    _require_place("is.write", organization, problem, by=by)
    _require_sound(campaign, organization, problem, answer_by, by=by)
    author = by.behalf or by.user
    row = Instruction.objects.create(
        campaign=campaign,
        organization=organization,
        problem=problem,
        text=text,
        answer_by=answer_by,
        author=by.user,
        author_name=by.user.name if author == by.user else f"{by.user.name}（受{author}委托）"[:40],
        author_post=by.user.post,
        place=_place(by, Role.LEADER, organization),
        written_at=at,
        asked_at=at,
    )
    return _told(row, by=by, at=at)


@transaction.atomic
def record(
    campaign: Campaign,
    *,
    organization: Organization,
    text: str,
    answer_by: date | None,
    signer: User | None,
    signer_name: str,
    signed_on: date,
    scan: Attachment | None,
    by: Actor,
    at: datetime,
    problem: Problem | None = None,
) -> Instruction:
    """Enter what a leader wrote on paper, word by word (代录)."""
    _require_place("is.record", organization, problem, by=by)
    _require_sound(campaign, organization, problem, answer_by, by=by)
    if signer is None and not signer_name:
        raise Refused("请选择批示人，或填写批示人姓名。")
    if signer and signer.person_id == by.user.person_id:
        raise Refused("批示人是您本人，请直接在系统中批示。")
    if signed_on > by.on:
        raise Refused("批示日期不能晚于今天。")
    row = Instruction.objects.create(
        campaign=campaign,
        organization=organization,
        problem=problem,
        text=text,
        answer_by=answer_by,
        author=signer,
        author_name=signer.name if signer else signer_name,
        author_post=signer.post if signer else "",
        place=_place(by, Role.OFFICE, organization),
        written_at=at,
        asked_at=at,
        recorded_by=by.user,
        signed_on=signed_on,
        scan=scan,
    )
    return _told(row, by=by, at=at)


def _require_place(
    act: str, organization: Organization, problem: Problem | None, *, by: Actor
) -> None:
    if problem is not None:
        policy.require(by, act, problem)
    policy.require_here(by, act, organization)


def _require_sound(
    campaign: Campaign,
    organization: Organization,
    problem: Problem | None,
    answer_by: date | None,
    *,
    by: Actor,
) -> None:
    if not Campaign.objects.visible_to(by).filter(pk=campaign.pk).exists():
        raise Forbidden("您没有查看这项活动的权限。")
    if answer_by and answer_by < by.on:
        raise Refused("答复期限不能早于今天。")
    if problem is None:
        return
    if problem.status == Problem.Status.DRAFT:
        raise Refused("问题入账后才能批示。")
    if problem.status == Problem.Status.CLOSED:
        raise Refused(f"“{problem}”已销号，请直接对{organization}批示。")
    if problem.organization_id != organization.pk or problem.campaign_id != campaign.pk:
        raise Refused(f"“{problem}”不是{organization}在这项活动中的问题，请核对。")


def _place(by: Actor, role: Role, organization: Organization) -> Organization:
    """Return the organization from which the actor acts on another: the nearest above it."""
    duties = [
        duty for duty in by.holding(role) if relation(duty, organization.path) in {"own", "down"}
    ]
    return max(duties, key=lambda duty: duty.organization.depth).organization


def _told(row: Instruction, *, by: Actor, at: datetime) -> Instruction:
    trail.record(
        Act.INSTRUCTION_WRITTEN,
        row,
        by=by,
        at=at,
        behalf=row.author_name if row.recorded_by else "",
        say=f"{row} → {row.organization}",
        quote=row.text,
    )
    until = f"，请于{row.answer_by:%Y-%m-%d}前答复" if row.answer_by else "，请答复"
    people = holding_at(row.organization_id, *ANSWERING, on=by.on)
    _post(people, row, f"{row}{until}", f"written:{row.entries.count()}", by=by, at=at)
    return row


# ---------------------------------------------------------------- answers


@transaction.atomic
def prepare(instruction: Instruction, *, text: str, by: Actor, at: datetime) -> Instruction:
    """Keep an answer in preparation (联络员起草); nobody outside the organization sees it."""
    row = _to_answer(instruction, "is.draft", by=by)
    if row.draft == text:
        return row
    row.draft, row.drafted_by = text, by.user
    row.save(update_fields=["draft", "drafted_by"])
    trail.record(Act.INSTRUCTION_DRAFTED, row, by=by, at=at)
    people = holding_at(row.organization_id, Role.SECRETARY, Role.OFFICE, on=by.on)
    _post(people, row, f"{row}的答复已起草，请审阅后答复", f"draft:{_count(row)}", by=by, at=at)
    return row


@transaction.atomic
def answer(instruction: Instruction, *, text: str, by: Actor, at: datetime) -> Instruction:
    """Answer for the organization; the author is told. Several answers may follow one another."""
    row = _to_answer(instruction, "is.answer", by=by)
    if row.author and row.author.person_id == by.user.person_id:
        raise Refused("批示是您作出的，请由本单位其他人答复。")
    prepared = row.drafted_by if row.draft and row.drafted_by != by.user else None
    row.move(Status.ANSWERED)
    row.draft, row.drafted_by = "", None
    row.save(update_fields=["status", "draft", "drafted_by"])
    _add(row, Kind.ANSWER, text, prepared, act=Act.INSTRUCTION_ANSWERED, by=by, at=at)
    _settle(row, at=at)
    people = [user for user in (row.author, row.recorded_by) if user]
    _post(people, row, f"{row.organization}已答复{row}", f"answer:{_count(row)}", by=by, at=at)
    return row


def _to_answer(instruction: Instruction, act: str, *, by: Actor) -> Instruction:
    row = instruction.locked()
    policy.require_here(by, act, row.organization)
    if row.is_done:
        raise Refused("这件批示已经办结，不能再答复。")
    return row


# ---------------------------------------------------------------- what the leader says to it


@transaction.atomic
def ask_again(
    instruction: Instruction, *, text: str, answer_by: date | None, by: Actor, at: datetime
) -> Instruction:
    """Ask again (再次批示): the answer does not do; another day may be set for the next."""
    row = _to_end(instruction, by=by)
    if row.status != Status.ANSWERED:
        raise Refused("还没有新的答复，不能再次批示。")
    if answer_by and answer_by < by.on:
        raise Refused("答复期限不能早于今天。")
    row.move(Status.OPEN)
    row.asked_at, row.answer_by = at, answer_by
    row.save(update_fields=["status", "asked_at", "answer_by"])
    _add(row, Kind.AGAIN, text, None, act=Act.INSTRUCTION_AGAIN, by=by, at=at)
    people = holding_at(row.organization_id, *ANSWERING, on=by.on)
    _post(people, row, f"{row}再次要求答复", f"written:{_count(row)}", by=by, at=at)
    return row


@transaction.atomic
def end(instruction: Instruction, *, note: str, by: Actor, at: datetime) -> Instruction:
    """Say that it is done (办结)."""
    row = _to_end(instruction, by=by)
    if row.status == Status.OPEN and not note:
        raise Refused("还没有答复，办结须写明理由。")
    row.move(Status.DONE)
    row.draft, row.drafted_by = "", None
    row.save(update_fields=["status", "draft", "drafted_by"])
    _add(row, Kind.DONE, note, None, act=Act.INSTRUCTION_DONE, by=by, at=at)
    _settle(row, at=at)
    people = holding_at(row.organization_id, *ANSWERING, on=by.on)
    _post(people, row, f"{row}已办结", "done", by=by, at=at)
    return row


def _to_end(instruction: Instruction, *, by: Actor) -> Instruction:
    row = instruction.locked()
    if not may_end(by, row):
        raise Forbidden(f"您没有办结“{row}”的权限，由批示的领导办结。")
    if row.is_done:
        raise Refused("这件批示已经办结。")
    return row


def _add(
    row: Instruction,
    kind: str,
    text: str,
    prepared_by: User | None,
    *,
    act: Act,
    by: Actor,
    at: datetime,
) -> None:
    InstructionEntry.objects.create(
        instruction=row,
        kind=kind,
        text=text,
        by=by.user,
        by_name=by.user.name,
        prepared_by=prepared_by,
        at=at,
    )
    trail.record(act, row, by=by, at=at, quote=text)


# ---------------------------------------------------------------- telling


def key_of(row: Instruction, word: str) -> str:
    """Return the key of what is told of an instruction; what it is, is the `word`."""
    return f"instruction:{row.pk}:{word}"


def _count(row: Instruction) -> int:
    return row.entries.count()


def _post(
    people: Iterable[User], row: Instruction, words: str, word: str, *, by: Actor, at: datetime
) -> None:
    key, url = key_of(row, word), row.get_absolute_url()
    notices.post(people, subject=words, key=key, url=url, event=Event.PROBLEM, at=at, by=by)


def _settle(row: Instruction, *, at: datetime) -> None:
    """Whoever was asked to answer is asked no more: by whichever entry it was asked."""
    for word in ("draft", "waiting"):
        notices.settle_below(key_of(row, f"{word}:"), at=at)
    asked = row.entries.filter(kind=Kind.AGAIN).order_by("pk")
    earlier = [0, *(row.entries.filter(pk__lte=entry.pk).count() for entry in asked)]
    for number in earlier:
        notices.settle(key_of(row, f"written:{number}"), at=at)
