"""Parts for the leading team alone (仅班子): the branch meets no word of them, by any road."""

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from docx import Document

from campaigns.actions import (
    advice,
    examination_records,
    examination_reviews,
    examination_successions,
    examinations,
    part_verdicts,
    reviewers,
)
from campaigns.models import Examination, Finding, KeptText, PartVerdict, Verdict, answers, parts
from rectification.actions import findings
from rectification.models import Problem, found
from reform.errors import Forbidden, Refused
from reform.models import Duty, Role, TrailEntry
from tests.campaigns.sheets import TEXTS, begun, promise, sent
from tests.factories import AT, ON, actor, person
from tests.rectification.test_closures import a_scan
from tests.worlds import unguarded

pytestmark = pytest.mark.dealt

TEAM = "班子分工长期不清楚，会上议而不决。"
OWN = "每月班子会核对一次分工。"
OPEN = "对群众诉求的紧迫感不强，接到转办件以后没有及时跟踪、答复。"


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(AT, tick=False):
        yield


def each(campaign):
    """Let the checklist ask for each item by itself, so that items can be marked whole."""
    checklist = campaign.checklists.get()
    with unguarded(["campaigns_checklist"]):
        type(checklist).objects.filter(pk=checklist.pk).update(mode="each")
    return campaign.checklists.get()


@pytest.fixture
def deputy(bureau):
    """A leader of the center who belongs to the branch; the center has a secretary."""
    user = person("段副主任", bureau.branch, home=True)
    Duty.objects.create(user=user, organization=bureau.center, role=Role.LEADER, since=ON)
    bureau.users["chief"] = person("林书记", bureau.center, Role.SECRETARY)
    bureau.chief = actor(bureau.users["chief"])
    return actor(user)


def handed_in(bureau, by, mark=("懒",)):
    checklist = each(bureau.campaign)
    items = {item.name: item.pk for item in checklist.items.all()}
    texts = {f"part_{pk}_{n}": OPEN for pk in items.values() for n in range(3)}
    texts |= {f"part_{items['懒']}_0": TEAM, f"part_{items['懒']}_2": OWN}
    row = examinations.begin(checklist, by=by, at=AT)
    content = {"absent": [], "team_only": [str(items[name]) for name in mark], "texts": texts}
    row = examinations.save(row, content=content, version=row.version, by=by, at=AT)
    examinations.submit(row, version=row.version, promise=promise(row), by=by, at=AT)
    return Examination.objects.get(pk=row.pk)


def decide(row, by, decision="accepted", comment=""):
    return examination_reviews.decide(
        Examination.objects.get(pk=row.pk),
        number=row.submissions.count(),
        decision=Verdict.Decision(decision),
        comment=comment,
        by=by,
        at=AT,
    )


def test_who_reads_which_part_is_promised_and_frozen(bureau, deputy):
    row = handed_in(bureau, deputy)

    assert [(one["name"], one["part"]) for one in row.submissions.get().readers] == [
        ("林书记", "whole"),
        ("郑洁", "branch"),
    ]
    assert (row.team, row.organization) == (bureau.center, bureau.branch)


def test_a_member_marks_nothing_and_one_reader_of_both_reads_all(bureau, deputy):
    row = handed_in(bureau, bureau.member)
    own = handed_in(bureau, bureau.secretary)  # reviewed above in either way

    assert row.submissions.get().content["team_only"] == []
    assert [one.get("part") for one in row.submissions.get().readers] == [None]
    assert [one["name"] for one in own.submissions.get().readers] == ["林书记"]
    assert own.submissions.get().content["team_only"]
    assert not own.submissions.get().is_split


def test_the_branch_comes_to_no_word_of_it_by_any_road(bureau, deputy, signed_in):
    row = handed_in(bureau, deputy)
    decide(row, bureau.chief, "returned", f"“{TEAM}”请写具体。")
    row = Examination.objects.get(pk=row.pk)
    examinations.submit(row, version=row.version, promise=promise(row), by=deputy, at=AT)
    browser = signed_in(bureau.secretary)
    address = reverse("examination", args=[row.pk])
    roads = [
        *(address, f"{address}?version=1", f"{address}?version=2&against=1"),
        *(reverse("examination-review", args=[row.pk]), "/examinations/", "/", "/inbox/"),
        *("/findings/", "/findings/?state=all", "/problems/?q=分工", "/problems/?q=议而不决"),
        *("/jobs/", reverse("examination-status", args=[bureau.campaign.pk])),
    ]

    def walked():
        return "".join(browser.get(url, follow=True).content.decode() for url in roads)

    shown = walked()
    decide(row, bureau.secretary)
    decide(row, bureau.chief)
    found_ = findings.take_in(list(Finding.objects.all()), by=bureau.chief, at=AT)
    browser = signed_in(bureau.secretary)
    shown += walked()
    word = browser.get(reverse("examination-word", args=[row.pk]))
    problem = next(one.problem for one in found_ if one.problem)

    assert OPEN in shown
    assert "另有班子部分" in shown
    assert (TEAM[:8] in shown, OWN[:6] in shown, "懒" in _texts_of(row)) == (False, False, False)
    assert word.status_code == 403
    assert browser.get(problem.get_absolute_url()).status_code == 404
    said = [f"{one.sentence}{one.quote}{one.detail}" for one in TrailEntry.objects.all()]
    assert TEAM[:8] not in "".join(
        words for words, one in zip(said, TrailEntry.objects.all(), strict=True)
        if one.act.startswith("examination")
    )  # fmt: skip


def _texts_of(row):
    sheet = parts.for_branch(row.submissions.last().content)
    return "".join(section.heading for section in answers.sections(sheet))


def test_the_team_reads_all_and_the_author_takes_either_copy(bureau, deputy, signed_in):
    row = handed_in(bureau, deputy)
    page = reverse("examination", args=[row.pk])
    word = reverse("examination-word", args=[row.pk])
    shown = signed_in(bureau.chief).get(page).content.decode()
    browser = signed_in(deputy)
    copies = [
        "\n".join(one.text for one in Document(BytesIO(browser.get(url).getvalue())).paragraphs)
        for url in (word, f"{word}?part=branch")
    ]

    assert TEAM in shown
    assert [TEAM in copy for copy in copies] == [True, False]
    assert ["另有班子部分" in copy for copy in copies] == [False, True]
    assert "仅班子" not in copies[1]


def test_passages_shown_to_a_reviewer_are_of_what_the_branch_reads(bureau, deputy):
    row = sent(bureau.campaign, deputy, team=["cause"])
    copied = sent(bureau.campaign, bureau.colleague)  # the same words, and nothing marked

    kept = KeptText.objects.get(source=row.pk)
    sheet = copied.submissions.get().content
    told = advice.to_reviewer(copied, sheet, by=bureau.secretary, on=ON)
    theirs = "".join(other for one in told.alike for _, other in one.passages)

    assert TEXTS["cause"] not in kept.text
    assert TEXTS["case_what"][:10] in theirs
    assert TEXTS["cause"][:6] not in theirs


@pytest.mark.parametrize("first", ["secretary", "chief"])
def test_both_accept_and_only_then_it_is_accepted(bureau, deputy, first):
    row = handed_in(bureau, deputy)
    second = {"secretary": "chief", "chief": "secretary"}[first]
    given = decide(row, getattr(bureau, first), comment="可以。")
    with pytest.raises(Refused, match="您的部分已审阅通过"):
        decide(row, getattr(bureau, first))

    assert isinstance(given, PartVerdict)
    assert Examination.objects.get(pk=row.pk).status == "submitted"
    verdict = decide(row, getattr(bureau, second))
    assert (verdict.by, verdict.decision) == (bureau.users[second], "accepted")
    assert Finding.objects.filter(team_only=True).count() == 1


def test_either_returns_it_and_what_was_accepted_is_asked_anew(bureau, deputy):
    row = handed_in(bureau, deputy)
    decide(row, bureau.chief)
    decide(row, bureau.secretary, "returned", "请补充时间。")
    row = Examination.objects.get(pk=row.pk)
    examinations.submit(row, version=row.version, promise=promise(row), by=deputy, at=AT)

    assert isinstance(decide(row, bureau.secretary), PartVerdict)
    assert decide(row, bureau.chief).decision == "accepted"


def test_what_the_team_found_goes_onto_the_teams_ledger(bureau, deputy):
    row = handed_in(bureau, deputy)
    decide(row, bureau.secretary)
    decide(row, bureau.chief)
    branch, team = (
        set(found.of_his_branch(by).values_list("team_only", flat=True))
        for by in (bureau.secretary, bureau.chief)
    )
    (marked,) = Finding.objects.filter(team_only=True)
    (refused,) = findings.take_in([marked], by=bureau.secretary, at=AT)
    (taken,) = findings.take_in([marked], by=bureau.chief, at=AT)

    assert (branch, team) == ({False}, {True})
    assert "只有本人所在党组织的书记" in refused.refused
    assert (taken.refused, taken.problem.organization) == ("", bureau.center)
    assert not Problem.objects.visible_to(bureau.secretary).exists()
    assert Problem.objects.visible_to(bureau.chief).exists()
    assert Problem.objects.visible_to(deputy).exists()


def test_nobody_above_reads_it_here_so_the_teams_part_goes_the_paper_way(bureau):
    """The principal of the top belongs to the branch: it reads its part, the rest is on paper."""
    user = person("局长", bureau.branch, home=True)
    Duty.objects.create(
        user=user, organization=bureau.top, role=Role.LEADER, since=ON, principal=True
    )
    row = handed_in(bureau, actor(user))
    facts = {
        "comment": "",
        "signer_name": "市委副书记",
        "signer_post": "市委副书记",
        "signed_on": ON,
        "scan": a_scan(bureau, AT),
        "by": bureau.liaison,
        "at": AT,
    }
    accepted = Verdict.Decision.ACCEPTED

    assert row.submissions.get().on_paper
    with pytest.raises(Refused, match="请先由郑洁在系统中审阅党支部部分"):
        examination_records.sign(row, decision=accepted, **facts)
    assert isinstance(decide(row, bureau.secretary), PartVerdict)
    assert examination_records.sign(row, decision=accepted, **facts).signed_on == ON


def test_a_new_secretary_of_the_branch_reads_his_part_and_of_the_team_the_whole(bureau, deputy):
    row = handed_in(bureau, deputy)
    later = ON + timedelta(days=1)
    ended = Duty.objects.filter(user__in=[bureau.users["secretary"], bureau.users["chief"]])
    ended.filter(role=Role.SECRETARY).update(until=ON)
    made = {}
    for name, place in (("新支书", bureau.branch), ("新书记", bureau.center)):
        by = actor(person(name, place, Role.SECRETARY, since=later), on=later)
        examination_reviews.tell(row, by=by, at=AT)
        made[name] = part_verdicts.reads_whole(row, by)

    assert made == {"新支书": False, "新书记": True}


def test_once_the_branch_reader_is_gone_the_text_waits_for_whoever_takes_his_seat(bureau, deputy):
    row = handed_in(bureau, deputy)
    decide(row, bureau.chief)
    Duty.objects.filter(user=bureau.users["secretary"], role=Role.SECRETARY).update(until=ON)
    later = AT + timedelta(days=1)
    examination_successions.follow_all(at=later, on=ON + timedelta(days=1))

    # Nobody is left at the branch, so the rule climbs to who has read the whole already.
    assert decide(row, bureau.chief).decision == "accepted"


def test_the_one_press_of_nothing_is_not_held_up_by_what_was_marked(bureau, deputy, signed_in):
    row = begun(bureau.campaign, deputy, team=["cause"])
    browser = signed_in(deputy)
    url = reverse("examination-write", args=[row.pk])
    form = browser.get(url).context["form"]
    data = {"version": row.version, "promise": form["promise"].value(), "nothing": "1"}
    browser.post(url, data)

    assert Examination.objects.get().status == "submitted"


def test_the_scan_of_a_marked_text_is_not_the_branchs(bureau, deputy, signed_in):
    row = handed_in(bureau, deputy)
    Examination.objects.filter(pk=row.pk).update(
        scan=a_scan(bureau, AT), recorded_by=bureau.users["liaison"]
    )
    url = reverse("examination-scan", args=[row.pk])

    codes = [signed_in(who).get(url).status_code for who in (bureau.secretary, bureau.chief)]
    assert codes == [404, 200]


# ---------------------------------------------------------------- one case for all items


HEADED = "对照条目：{}"
FIRST = TEXTS["measures"].split("\n")[0]


@pytest.mark.parametrize(
    ("mark", "hidden"),
    [
        (["懒"], [HEADED.format("懒")]),
        (["懒", "慢"], [HEADED.format("懒"), HEADED.format("慢"), TEXTS["lesson"], FIRST]),
        (["cause"], [TEXTS["cause"]]),
        (["case", "measures"], [TEXTS["case_what"], FIRST]),
    ],
)
def test_with_one_case_for_all_its_texts_are_marked_by_themselves(bureau, deputy, mark, hidden):
    row = begun(bureau.campaign, deputy, "懒", "慢")
    items = {item.name: str(item.pk) for item in row.checklist.items.all()}
    sheet = answers.frozen(
        row.checklist, row.content | {"team_only": [items.get(one, one) for one in mark]}
    )
    sections = answers.sections(parts.for_branch(sheet))
    words = "\n".join(f"{one.heading}\n{one.lines}" for one in sections)
    whole = "\n".join(f"{one.heading}\n{one.lines}" for one in answers.sections(sheet))

    assert [text in words for text in hidden] == [False] * len(hidden)
    assert [text in whole for text in hidden] == [True] * len(hidden)
    assert sections[-1].heading == "另有班子部分"
    assert "未填写" not in words
    assert not any(one.team_only for one in sections)


def test_a_finding_of_the_branchs_carries_no_cause_that_is_the_teams(bureau, deputy):
    row = begun(bureau.campaign, deputy, "懒")
    marked = {"team_only": ["cause"]}
    (open_,) = answers.findings(answers.frozen(row.checklist, row.content | marked))
    marked = {"team_only": ["case"]}
    (team,) = answers.findings(answers.frozen(row.checklist, row.content | marked))

    assert (open_.team_only, open_.cause) == (False, "")
    assert (team.team_only, team.cause) == (True, TEXTS["cause"])


def test_only_who_reads_it_reviews_it(bureau, deputy):
    row = handed_in(bureau, deputy)

    for by in (bureau.leader, bureau.office, bureau.neighbour, deputy):
        with pytest.raises(Forbidden):
            decide(row, by)
    seating = reviewers.seating(
        deputy.user, bureau.branch, row.submissions.get().content, campaign=row.campaign, on=ON
    )
    assert [seat.part for seat in seating.seats] == ["whole", "branch"]
