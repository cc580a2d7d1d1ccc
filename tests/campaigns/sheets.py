"""Self-examinations for tests: what somebody writes, and the rows that the tables of pages need."""

from campaigns.actions import examination_records, examinations, reviewers
from campaigns.models import Examination, Reader
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


def begun(campaign, by, *names, at=AT, **texts):
    """Return a draft of the actor's, whole enough to be submitted."""
    checklist = campaign.checklists.get()
    row = examinations.begin(checklist, by=by, at=at)
    content = written(checklist, *(names or ("懒",)), **texts)
    return examinations.save(row, content=content, version=row.version, by=by, at=at)


def promise(row, on=ON):
    return reviewers.key_of(reviewers.of(row.author, row.organization, on=on))


def sent(campaign, by, *names, at=AT, **texts):
    """Return an examination that the actor has submitted."""
    row = begun(campaign, by, *names, at=at, **texts)
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
