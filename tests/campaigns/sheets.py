"""Self-examinations for tests: what somebody writes, and the rows that the tables of pages need."""

from datetime import timedelta

from campaigns.actions import (
    examination_copies,
    examination_readers,
    examination_records,
    examinations,
    reviewers,
)
from campaigns.models import Examination, Reader
from reform.models import Role
from tests.factories import AT, ON, actor, person

TEXTS = {
    "case_what": "受理企业咨询后转交科室，没有跟踪答复。",
    "case_when": "2026年4月下旬",
    "case_result": "企业两周后再次来电才得到答复。",
    "cause": "对群众诉求的紧迫感不强。",
    "measures": "6月20日前逐件回访3月以来的咨询\n建立转办跟踪表并每周五核对",
    "lesson": "转出去不等于办完了。",
}


def written(checklist, *names, **texts):
    """Return what is being written of a checklist whose items `names` are picked."""
    items = {item.name: item.pk for item in checklist.items.all()}
    return {
        "picked": [items[name] for name in names],
        "absent": [],
        "team_only": [],
        "texts": TEXTS | texts,
    }


def begun(campaign, by, *names, at=AT, team=(), **texts):
    """Return a draft of the actor's, whole enough to be submitted; `team` is marked 仅班子."""
    checklist = campaign.checklists.get()
    row = examinations.begin(checklist, by=by, at=at)
    content = written(checklist, *(names or ("懒",)), **texts) | {"team_only": list(team)}
    return examinations.save(row, content=content, version=row.version, by=by, at=at)


def promise(row, on=ON):
    sheet = examination_readers.sheet_of(row, on=on)
    seating = reviewers.seating(row.author, row.organization, sheet, campaign=row.campaign, on=on)
    return reviewers.key_of(seating.seats)


def sent(campaign, by, *names, at=AT, team=(), **texts):
    """Return an examination that the actor has submitted."""
    row = begun(campaign, by, *names, at=at, team=team, **texts)
    examinations.submit(row, version=row.version, promise=promise(row), by=by, at=at)
    return Examination.objects.get(pk=row.pk)


def furnish(world, *, scan):
    """A draft, one that waits for the secretary, one that he is not announced of, one typed from
    handwriting, and one that goes the paper way."""
    campaign, by = world.campaign, world.by
    world.checklist = campaign.checklists.get()
    world.writing = begun(campaign, by["member"])
    world.handed = sent(campaign, by["liaison"])
    world.unannounced = sent(campaign, actor(person("余乐", world.branch)))
    Reader.objects.filter(examination=world.unannounced).delete()
    world.writer = person("唐一", world.branch)
    world.dictated = examination_records.record(
        world.checklist,
        author=world.users["colleague"],
        content=written(world.checklist, "慢"),
        scan=scan,
        by=by["liaison"],
        at=AT,
    )
    world.on_top = sent(campaign, by["leader"])
    lend(world)


def lend(world):
    """One that an inspector was assigned to read, and copies of it: asked for, and approved."""
    by, on_the_day = world.by, {"at": AT}
    world.lent = sent(world.campaign, actor(person("姚一", world.branch)))
    world.other_leader = person("易副主任", world.center, Role.LEADER, fields=[])
    world.lending = examination_readers.assign(
        world.lent,
        person=world.users["inspector"],
        reason="核实信访反映",
        until=ON + timedelta(days=30),
        by=by["leader"],
        **on_the_day,
    )
    world.asked_copy, world.given_copy = (
        examination_copies.ask([world.lent], reason=words, by=by["inspector"], **on_the_day)
        for words in ("核实卷宗", "汇报用")
    )
    given = {"approved": True, "words": "", "by": by["leader"]}
    world.given_copy = examination_copies.decide(world.given_copy, **given, **on_the_day)
