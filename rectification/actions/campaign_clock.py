"""Reminding of a campaign's own days (到期提醒): tasks, stages, what the superior requires.

What was told stands in the inboxes, under a key of the row, its day and the step: twice, or two
clocks at once, is once (DESIGN §4). Of several steps each person hears the highest that has come
and lists him; a lower one is not told afterwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from campaigns.actions.due_notices import START, key_of
from campaigns.models import (
    Assignment,
    Campaign,
    Participation,
    Recipient,
    ReminderRule,
    Stage,
    SuperiorRequest,
)
from rectification.actions import examination_clock
from rectification.actions.recipients import People
from rectification.actions.reminders import DESK, FEW
from rectification.models.day_ladder import (
    OF_THE_OFFICE,
    Rung,
    is_silent,
    ladders_of,
    reached,
    span,
)
from rectification.models.reminders_owed import Hand, Row
from reform.actions import notices
from reform.models import Duty, Event, Notice, Role
from reform.models.delegation import holding_at
from reform.models.statement import Keys

# Written out, as in `reminders`: the clock has no use for every page of the site.
CAMPAIGNS = "/campaigns/"
UNIT = Row(0, "", 0, 0, "", "unit", None, None, date.min)


@dataclass(frozen=True)
class Reminder:
    """One thing the clock tells: whom, in which words, under which key."""

    key: str
    subject: str
    url: str
    rung: Rung
    people: tuple[int, ...]

    @property
    def event(self) -> str:
        return Event.OVERDUE if self.rung.is_late else Event.DUE

    def letter(self) -> notices.Letter:
        return notices.Letter(
            (),
            readers=self.people,
            subject=self.subject,
            key=self.key,
            url=self.url,
            event=self.event,
        )


def owed(rules: Sequence[ReminderRule], hand: Hand, *, most: int) -> tuple[list[Reminder], bool]:
    """Return what is to be told and was not, at most so many notices; and whether there is more.
    Writes nothing."""
    ladders = ladders_of(rules)
    due = [*_assignments(ladders, hand), *_stages(ladders, hand), *_requests(hand)]
    return _first(list(_untold(due)), most)


def tell(reminders: Sequence[Reminder], *, at: datetime) -> None:
    """Tell them. Whoever hears of more than a few at once reads one line that counts them; each
    is kept all the same, read, so that none is told again."""
    mine: dict[tuple[int, str], list[Reminder]] = {}
    for one in reminders:
        for user in one.people:
            mine.setdefault((user, one.event), []).append(one)
    many = {who: found for who, found in mine.items() if len(found) > FEW}
    letters = [one.letter() for one in reminders]
    letters += [_summary(user, found) for (user, _), found in many.items()]
    notices.post_each(letters, at=at, by=None)
    for (user, _), found in many.items():
        rows = Notice.objects.filter(recipient=user, key__in=[one.key for one in found])
        rows.filter(read_at=None).update(read_at=at)


def _summary(user: int, found: Sequence[Reminder]) -> notices.Letter:
    word = "逾期" if found[0].rung.is_late else "将到期"
    return notices.Letter(
        (),
        readers=[user],
        subject=f"有{len(found)}项任务、阶段或上级要求{word}，请在工作台查看",
        key=f"{START}many:{found[0].key.removeprefix(START)}",
        url=DESK,
        event=found[0].event,
    )


def _untold(due: Sequence[Reminder]) -> Iterator[Reminder]:
    people = {user for one in due for user in one.people}
    if not people:
        return
    kept = Notice.objects.filter(
        recipient__in=Keys(sorted(people)), key__gte=START, key__lt=f"{START[:-1]};"
    )
    told = set(kept.values_list("recipient", "key"))
    for one in due:
        left = tuple(user for user in one.people if (user, one.key) not in told)
        if left:
            yield Reminder(one.key, one.subject, one.url, one.rung, left)


def _first(due: list[Reminder], most: int) -> tuple[list[Reminder], bool]:
    found: list[Reminder] = []
    left = most
    for one in due:
        if left <= 0:
            return found, True
        some = one.people[:left]
        found.append(Reminder(one.key, one.subject, one.url, one.rung, some))
        left -= len(some)
        if len(some) < len(one.people):
            return found, True
    return found, False


# ---------------------------------------------------------------- tasks


def _assignments(ladders: dict[int, list[Rung]], hand: Hand) -> Iterator[Reminder]:
    """Tasks that are not done, by the campaign's rules: who is named, or the liaison and secretary
    of the lead unit where nobody is; then as the ladder climbs."""
    due = list(_due_assignments(ladders, hand))
    if not due:
        return
    asked = {code for _, rungs in due for rung in rungs for code in rung.recipients}
    asked = (asked | {Recipient.SECRETARY, Recipient.LIAISON}) - {Recipient.RESPONSIBLE}
    people = People.of([_unit(row) for row, _ in due], asked, on=hand.today)
    serving = _serving([row for row, _ in due], on=hand.today)
    for row, rungs in due:
        named = {rung: _told(row, rung.recipients, people, serving) for rung in rungs}
        highest = {user: rung for rung in rungs for user in named[rung]}
        for rung in rungs:
            mine = tuple(user for user in named[rung] if highest[user] == rung)
            yield Reminder(
                key_of(row, f"{row.due_on}:{rung.code}"),
                f"{row.organization}的{row}“{row.task[:40]}”{_when(rung)}，完成时限是{row.due_on}",
                f"{CAMPAIGNS}assignments/{row.pk}/",
                rung,
                mine,
            )


def _due_assignments(
    ladders: dict[int, list[Rung]], hand: Hand
) -> Iterator[tuple[Assignment, list[Rung]]]:
    if not ladders:
        return
    first, last = span([rung for rungs in ladders.values() for rung in rungs], hand)
    rows = Assignment.objects.filter(
        campaign__in=sorted(ladders), due_on__gte=first, due_on__lt=last
    ).exclude(status=Assignment.Status.DONE)
    rows = rows.select_related("organization", "person", "campaign__organization")
    for row in rows.order_by("due_on", "pk"):
        assert row.due_on is not None  # noqa: S101 -- those without a day are not looked up
        rungs = reached(ladders[row.campaign_id], row.due_on, hand)
        if rungs and not is_silent(hand, row.organization.path):
            yield row, rungs


def _unit(row: Assignment) -> Row:
    place = row.organization
    return UNIT._replace(pk=row.pk, organization=place.pk, path=place.path)


def _told(
    row: Assignment, recipients: Iterable[str], people: People, serving: set[tuple[int, int]]
) -> list[int]:
    unit, codes = _unit(row), list(recipients)
    found: list[int] = []
    if Recipient.RESPONSIBLE in codes:
        codes.remove(Recipient.RESPONSIBLE)
        if row.person and (row.campaign_id, row.person.pk) in serving:
            found = [row.person.pk]
        else:
            found = people.told(unit, [Recipient.LIAISON, Recipient.SECRETARY])
    return list(dict.fromkeys([*found, *people.told(unit, codes)]))


def _serving(rows: Sequence[Assignment], *, on: date) -> set[tuple[int, int]]:
    """Return (campaign, person) of those named who can still read it: an inbox, and a duty in
    force in an organization of the campaign."""
    named = {row.person.pk: row.person for row in rows if row.person}
    users = sorted(key for key, user in named.items() if notices.reads(user))
    if not users:
        return set()
    campaigns = {row.campaign_id: [row.campaign.organization.path] for row in rows}
    joined = Participation.objects.filter(campaign__in=sorted(campaigns))
    for campaign, path in joined.values_list("campaign", "organization__path"):
        campaigns[campaign].append(path)
    held = Duty.objects.in_force(on).filter(user__in=Keys(users))
    return {
        (campaign, user)
        for user, path in held.values_list("user", "organization__path")
        for campaign, tops in campaigns.items()
        if path.startswith(tuple(tops))
    }


def _when(rung: Rung) -> str:
    return "已逾期" if rung.is_late else "将到期"


# ---------------------------------------------------------------- stages, requirements


def _stages(ladders: dict[int, list[Rung]], hand: Hand) -> Iterator[Reminder]:
    """The stage that is open: its office prepares to end it; who has not examined himself is told
    (`examination_clock`)."""
    rungs = [*OF_THE_OFFICE, *(rung for found in ladders.values() for rung in found)]
    first, last = span(rungs, hand)
    rows = _running(Stage.objects.filter(status=Stage.Status.OPEN))
    for row in rows.filter(ends_on__gte=first, ends_on__lt=last).order_by("ends_on", "pk"):
        if found := reached(OF_THE_OFFICE, row.ends_on, hand):
            words = _stage_words(row, found[-1])
            yield _of_the_office(row, found[-1], row.ends_on, hand, words=words, page="stages")
        for word, subject, url, rung, people in examination_clock.due(
            row, ladders.get(row.campaign_id, []), hand
        ):
            yield Reminder(key_of(row, word), subject, url, rung, people)


def _stage_words(stage: Stage, rung: Rung) -> str:
    name = f"{stage.campaign}“{stage}”阶段"
    if rung.is_late:
        return (
            f"{name}已于{stage.ends_on}到期，还没有结束，请办理阶段总结，并确定是否邀请纪检组监督"
        )
    return f"{name}到{stage.ends_on}为止，请准备阶段总结，并商定是否邀请纪检组监督"


def _requests(hand: Hand) -> Iterator[Reminder]:
    first, last = span(OF_THE_OFFICE, hand)
    rows = _running(SuperiorRequest.objects.filter(answered_on=None))
    for row in rows.filter(due_on__gte=first, due_on__lt=last).order_by("due_on", "pk"):
        if found := reached(OF_THE_OFFICE, row.due_on, hand):
            when = _when(found[-1])
            words = f"上级要求{when}：{row}“{row.text[:40]}”，落实期限是{row.due_on}"
            yield _of_the_office(row, found[-1], row.due_on, hand, words=words, page="requests")


def _running(rows: QuerySet) -> QuerySet:
    rows = rows.filter(campaign__status=Campaign.Status.PUBLISHED)
    return rows.select_related("campaign__organization")


def _of_the_office(
    row: Stage | SuperiorRequest, rung: Rung, day: date, hand: Hand, *, words: str, page: str
) -> Reminder:
    people = holding_at(row.campaign.organization_id, Role.OFFICE, on=hand.today)
    return Reminder(
        key_of(row, f"{day}:{rung.code}"),
        words,
        f"{CAMPAIGNS}{row.campaign_id}/{page}/",
        rung,
        tuple(user.pk for user in people if notices.reads(user)),
    )
