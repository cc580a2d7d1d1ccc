"""Writing one's self-examination: begun, saved, submitted, taken back (自查剖析).

Everything here is the author's own act. What he writes before he submits nobody else reads, and no
trail or notice repeats a word of it.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from campaigns import policy
from campaigns.actions import due_notices, likenesses, reviewers
from campaigns.actions.examination_readers import promised, seat, sheet_of, waiting_key
from campaigns.models import (
    Act,
    Checklist,
    Condition,
    Examination,
    KeptText,
    Reading,
    Stage,
    Submission,
    Verdict,
    Withdrawal,
    answers,
    parts,
)
from reform.actions import notices, trail
from reform.errors import Forbidden, Refused, Stale
from reform.models import Actor, Event, Organization, User

Status = Examination.Status
KEPT = "您写的内容都还保留着。"
WAITED_FOR = {Condition.EXAMINATIONS_SUBMITTED, Condition.EXAMINATIONS_ACCEPTED}


@transaction.atomic
def begin(checklist: Checklist, *, by: Actor, at: datetime) -> Examination:
    """Begin one's own for a checklist; who has begun already gets what he has.

    Raises Refused when the campaign is over, the list is empty, or he belongs nowhere in it.
    """
    policy.require_self(by, "se.create")
    own = Examination.objects.of(by).filter(checklist=checklist).first()
    if own:
        return own
    require_open(checklist)
    if checklist.purpose != Checklist.Purpose.EXAMINATION:
        raise Refused(f"“{checklist}”不是自查剖析清单。")
    if checklist.is_empty:
        raise Refused(f"“{checklist}”还没有条目，请等活动办填写后再开始。")
    row = Examination(
        campaign=checklist.campaign,
        checklist=checklist,
        author=by.user,
        organization=place_of(by, checklist),
        begun_at=at,
        saved_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # two clicks at once
        own = Examination.objects.of(by).filter(checklist=checklist).first()
        if own is None:
            raise Refused("没有保存成功，请再试一次。") from error
        return own
    trail.record(Act.EXAMINATION_BEGUN, row, by=by, at=at)
    return row


def require_open(checklist: Checklist, *, again: bool = False) -> None:
    """Raise Refused once the campaign is over, or the stages that wait for examinations are; what
    was returned may still be sent `again`."""
    campaign = checklist.campaign
    if not campaign.is_open:
        raise Refused(f"“{campaign}”{campaign.get_status_display()}，现在不能填写或提交自查剖析。")
    waiting = [stage for stage in campaign.stages.all() if WAITED_FOR & set(stage.conditions)]
    if not again and waiting and all(one.status == Stage.Status.CLOSED for one in waiting):
        raise Refused(
            f"“{waiting[-1]}”阶段已经结束，不能再填写或提交自查剖析；需要补交的，请联系活动办。"
        )


def place_of(by: Actor, checklist: Checklist) -> Organization:
    """Return where the actor belongs today, if that takes part in the campaign."""
    home, campaign = by.home, checklist.campaign
    if home is None:
        raise Refused("您目前没有所属的党组织，请联系单位管理员核对后再办理。")
    if not campaign.includes(home):
        raise Refused(f"您所在的“{home}”没有参加“{campaign}”，如有疑问请联系活动办。")
    return home


@transaction.atomic
def save(
    examination: Examination, *, content: dict[str, Any], version: int, by: Actor, at: datetime
) -> Examination:
    """Keep what is being written, complete or not; the same again changes nothing.

    Raises Stale when another page of his has saved meanwhile, with what stands there now: neither
    is lost. A campaign that is over keeps nobody from keeping his text.
    """
    row = _own(examination, by=by, act="se.edit_draft")
    if row.content == content:
        return row
    if not row.is_writable:
        raise Refused(
            f"这份自查剖析{row.get_status_display()}，不能再改；需要改的，先撤回或请审阅人退回。"
        )
    if version != row.version:
        raise Stale(
            "这份自查剖析在别处（另一个页面或另一台电脑）改过了，两份都在下面。",
            now=row.content,
            version=row.version,
        )
    row.content, row.saved_at = content, at
    row.version += 1
    row.save(update_fields=["content", "saved_at", "version"])
    return row


def _own(examination: Examination, *, by: Actor, act: str) -> Examination:
    """Return it locked, for its author and nobody else."""
    row = examination.locked()
    policy.require(by, act, row)
    if row.author.person_id != by.user.person_id:
        raise Forbidden("只有本人能办理自己的自查剖析。")
    return row


@transaction.atomic
def delete(examination: Examination, *, by: Actor, at: datetime) -> None:
    """Throw away a draft that was never submitted."""
    row = _own(examination, by=by, act="se.delete_draft")
    if row.submissions.exists() or row.status != Status.DRAFT:
        raise Refused("已经提交过的自查剖析不能删除；需要改的，请撤回后修改。")
    trail.record(Act.EXAMINATION_DELETED, row, by=by, at=at)
    row.delete()


# ---------------------------------------------------------------- submitting


@transaction.atomic
def submit(
    examination: Examination, *, version: int, promise: str, by: Actor, at: datetime
) -> Submission:
    """Send it in as it was shown, to those of whom the page said that they read it.

    `promise` is the page's `reviewers.key_of`. Raises Stale when the text has changed since the
    page was opened, Refused when something is missing, the campaign is over, or others would read
    it than were named. Nothing of the text is lost by any of them.
    """
    row = _own(examination, by=by, act="se.submit")
    if not row.is_writable:
        raise Refused(f"这份自查剖析{row.get_status_display()}，不需要再次提交。")
    try:
        require_open(row.checklist, again=row.status == Status.RETURNED)
        row.organization = place_of(by, row.checklist)
    except Refused as refusal:
        raise Refused(f"{refusal}{KEPT}") from refusal
    if version != row.version:
        words = "页面打开以后内容又改过，请看一遍现在的内容再提交。"
        raise Stale(words, now=row.content, version=row.version)
    sheet = sheet_of(row, on=by.on)
    if lacking := answers.missing(sheet):
        raise Refused("；".join(one.rstrip("。") for one in lacking) + "。" + KEPT)
    seating = reviewers.seating(
        row.author, row.organization, sheet, campaign=row.campaign, on=by.on
    )
    if reviewers.key_of(seating.seats) != promise:
        raise Refused("阅看人刚刚有变化，请核对页面上现在列出的阅看人，再提交。")
    return send(row, sheet, seating, by=by, at=at)


def send(
    row: Examination,
    sheet: answers.Sheet,
    seating: reviewers.Seating,
    *,
    signed_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Submission:
    """Keep a whole sheet for good, and tell those who read it. Asks nobody: the acts have.

    Only what the branch reads is kept to be compared with: a colleague's reader sees passages.
    """
    made = Submission.objects.create(
        examination=row,
        number=row.submissions.count() + 1,
        content=sheet,
        sha256=digest(sheet),
        submitted_at=at,
        readers=promised(row, seating, on=by.on),
        recorded_by=row.recorded_by,
        scan=row.scan,
        signed_on=signed_on,
        team_on_paper=seating.team_on_paper,
    )
    row.move(Status.SUBMITTED)
    row.team, row.paper_since = seating.team, None
    row.save(update_fields=["status", "organization", "team", "paper_since"])
    likenesses.keep(
        KeptText.Kind.EXAMINATION,
        campaign=row.campaign,
        author=row.author,
        organization=row.organization,
        source=row.pk,
        text=answers.plain(parts.for_branch(sheet)),
    )
    seat(row, seating, on=by.on, at=at)
    due_notices.examined(row, at=at)
    say = f"{made}，校验值{made.sha256[:12]}"
    if signed_on:
        say += "，本人纸面签字"
    elif row.recorded_by:
        say += f"，本人确认{row.recorded_by.name}代录的内容"
    act = Act.EXAMINATION_SIGNED if signed_on else Act.EXAMINATION_SUBMITTED
    behalf: User | str = row.author if signed_on else ""
    trail.record(act, row, by=by, at=at, say=say, sha256=made.sha256, behalf=behalf)
    notices.post(
        [one.person for one in seating.seats],
        subject=f"{row.author.name}提交了自查剖析，请审阅",
        key=waiting_key(made),
        event=Event.EXAMINATION,
        at=at,
        by=by,
        url=row.get_absolute_url(),
    )
    return made


def digest(sheet: answers.Sheet) -> str:
    """Return the sha256 of a sheet, the same for the same words."""
    text = json.dumps(sheet, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def withdraw(examination: Examination, *, by: Actor, at: datetime) -> Examination:
    """Take back what was submitted while nobody has read it; it may be changed again."""
    row = _own(examination, by=by, act="se.withdraw")
    if row.status != Status.SUBMITTED:
        raise Refused(f"这份自查剖析{row.get_status_display()}，没有可以撤回的。")
    last = row.submissions.order_by("number").last()
    assert last is not None  # noqa: S101 -- it is submitted
    if reading := Reading.objects.filter(submission=last).select_related("person").first():
        raise Refused(f"{reading.person.name}已经阅看，不能撤回；需要改的，请审阅人退回。")
    require_open(row.checklist)
    Withdrawal.objects.create(submission=last, at=at)
    likenesses.forget(KeptText.Kind.EXAMINATION, row.pk)
    row.move(Status.RETURNED if _was_returned(row) else Status.DRAFT)
    row.save(update_fields=["status"])
    trail.record(Act.EXAMINATION_WITHDRAWN, row, by=by, at=at, say=str(last))
    notices.settle(waiting_key(last), at=at)
    return row


def _was_returned(row: Examination) -> bool:
    return Verdict.objects.filter(submission__examination=row).exists()
