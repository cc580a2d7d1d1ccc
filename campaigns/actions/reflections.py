"""Writing a reflection (心得体会): begun, saved, submitted; opened by whom its author let read it.

What is written before it is submitted nobody else reads, and no trail or notice repeats a word of
it. Submitted it is done: nobody returns, marks or praises it.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns import policy
from campaigns.actions import likenesses, reviewers
from campaigns.actions.homes import home_in
from campaigns.models import Act, Audience, Campaign, KeptText, Reflection, ReflectionReader
from campaigns.models.reflection import LONGEST
from reform.actions import trail
from reform.errors import Forbidden, Refused, Stale
from reform.models import Actor

Status = Reflection.Status
KEPT = "您写的内容都还保留着。"


@transaction.atomic
def begin(campaign: Campaign, *, by: Actor, at: datetime) -> Reflection:
    """Begin one's own; who has a draft in this campaign gets that.

    Raises Forbidden without a business duty, Refused when the campaign is over or he belongs
    nowhere in it.
    """
    policy.require_self(by, "rf.write")
    drafts = Reflection.objects.of(by).filter(campaign=campaign, status=Status.DRAFT)
    if own := drafts.first():
        return own
    _require_open(campaign)
    row = Reflection(
        campaign=campaign,
        author=by.user,
        organization=home_in(campaign, by=by),
        begun_at=at,
        saved_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # two clicks at once
        own = drafts.first()
        if own is None:
            raise Refused("没有保存成功，请再试一次。") from error
        return own
    trail.record(Act.REFLECTION_BEGUN, row, by=by, at=at)
    return row


def _require_open(campaign: Campaign) -> None:
    if not campaign.is_open:
        raise Refused(
            f"“{campaign}”{campaign.get_status_display()}，不能再写或提交心得体会。{KEPT}"
        )


def own(reflection: Reflection, *, by: Actor) -> Reflection:
    """Return it locked, for its author and nobody else."""
    row = reflection.locked()
    if row.author.person_id != by.user.person_id:
        raise Forbidden("只有本人能办理自己的心得体会。")
    policy.require_self(by, "rf.write")
    return row


@transaction.atomic
def save(
    reflection: Reflection, *, title: str, text: str, version: int, by: Actor, at: datetime
) -> Reflection:
    """Keep what is being written, whole or not; the same again changes nothing.

    Raises Stale when another page of his has saved meanwhile, with what stands there now: neither
    is lost. A campaign that is over keeps nobody from keeping his text.
    """
    row = own(reflection, by=by)
    if (row.title, row.text) == (title, text):
        return row
    if not row.is_draft:
        raise Refused("这篇心得体会已提交，不能再改；需要补充的，可以另写一篇。")
    if version != row.version:
        raise Stale(
            "这篇心得体会在别处（另一个页面或另一台电脑）改过了，两份都在下面。",
            now={"title": row.title, "text": row.text},
            version=row.version,
        )
    row.title, row.text, row.saved_at = title, text, at
    row.version += 1
    row.save(update_fields=["title", "text", "saved_at", "version"])
    return row


@transaction.atomic
def delete(reflection: Reflection, *, by: Actor, at: datetime) -> None:
    """Throw a draft away."""
    row = own(reflection, by=by)
    if not row.is_draft:
        raise Refused("已提交的心得体会不能删除；同意过展示的，可以撤回同意。")
    trail.record(Act.REFLECTION_DELETED, row, by=by, at=at)
    row.delete()


def missing(row: Reflection) -> list[str]:
    """Return what keeps it from being submitted, a sentence each."""
    found = []
    if not row.title:
        found.append("还没有题目。")
    if not row.text:
        found.append("还没有正文。")
    if len(row.text) > LONGEST:
        found.append(f"正文最多{LONGEST}字，现在有{len(row.text)}字，请精简。")
    return found


@transaction.atomic
def submit(
    reflection: Reflection,
    *,
    version: int,
    audience: str,
    promise: str,
    by: Actor,
    at: datetime,
) -> Reflection:
    """Send it in as it was shown, to whom the author lets read it; that stays as it was said.

    `promise` is the page's `reviewers.key_of`. Raises Stale when the text has changed since the
    page was opened, Refused when something is missing, the campaign is over, or others would read
    it than were named. Nothing of the text is lost by any of them.
    """
    row = own(reflection, by=by)
    if not row.is_draft:
        raise Refused("这篇心得体会已提交，不需要再次提交。")
    _require_open(row.campaign)
    place = home_in(row.campaign, by=by)
    if version != row.version:
        now = {"title": row.title, "text": row.text}
        words = "页面打开以后内容又改过，请看一遍现在的内容再提交。"
        raise Stale(words, now=now, version=row.version)
    if lacking := missing(row):
        raise Refused("；".join(one.rstrip("。") for one in lacking) + f"。{KEPT}")
    seats = reviewers.of(row.author, place, on=by.on)
    if audience != Audience.NOBODY and reviewers.key_of(seats) != promise:
        raise Refused("阅看人刚刚有变化，请核对页面上现在列出的阅看人，再提交。")
    row.organization, row.audience, row.submitted_at = place, audience, at
    row.move(Status.SUBMITTED)
    row.save(update_fields=["organization", "audience", "submitted_at", "status"])
    if audience != Audience.NOBODY:
        _name_readers(row, seats)
    likenesses.keep(
        KeptText.Kind.REFLECTION,
        campaign=row.campaign,
        author=row.author,
        organization=row.organization,
        source=row.pk,
        text=row.text,
    )
    said = Audience(audience).label
    trail.record(Act.REFLECTION_SUBMITTED, row, by=by, at=at, say=f"{row}，{said}")
    return row


def _name_readers(row: Reflection, seats: list[reviewers.Seat]) -> None:
    for seat in seats:
        ReflectionReader.objects.create(
            reflection=row,
            person=seat.person,
            words=seat.words[:200],
            role=seat.duty.role,
            organization=seat.duty.organization,
        )


def alike(row: Reflection) -> list[likenesses.Likeness]:
    """Return the texts that it is like, for its author before he submits: a hint, no verdict."""
    return likenesses.found(
        row.text, campaign=row.campaign, author=row.author, organization=row.organization
    )


def read(reflection: Reflection, *, by: Actor, at: datetime) -> None:
    """Note in the trail that somebody opens another's text. Nothing counts it."""
    if reflection.author.person_id == by.user.person_id:
        return
    if not Reflection.objects.readable_by(by).filter(pk=reflection.pk).exists():
        raise Forbidden("本人没有把这篇心得体会给您看。")
    trail.record(Act.REFLECTION_READ, reflection, by=by, at=at)
