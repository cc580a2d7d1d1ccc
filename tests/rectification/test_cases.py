"""Problems that came of reference cases: linked, begun from the case, counted."""

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.actions import reference_cases
from rectification.actions import case_links, registrations
from rectification.exports import scope
from rectification.models import CaseLink, Problem
from reform.errors import Forbidden, Refused
from reform.models import Role, TrailEntry
from tests.factories import AT, CampaignFactory, ProblemFactory, actor, person
from tests.rectification.cases import shown, written


@pytest.fixture(autouse=True)
def travel():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def case(bureau, registered):
    return case_of(bureau)


def case_of(bureau, campaign=None, **facts):
    campaign = campaign or bureau.campaign
    places = [campaign.organization] * 2
    writer, other = (actor(person("办事员", place, Role.OFFICE)) for place in places)
    return shown(campaign, writer=writer, publisher=other, **facts)


def chosen(problem, *cases, by):
    return case_links.choose(problem, cases=cases, by=by, at=AT)


# ---------------------------------------------------------------- linking


def test_who_fills_in_a_problem_says_of_which_cases_it_came(bureau, registered, case):
    second = case_of(bureau, name="第二案")
    for who in ("member", "colleague", "inspector", "leader", "neighbour"):
        with pytest.raises(Forbidden):
            chosen(registered, case, by=getattr(bureau, who))

    row = chosen(registered, case, second, by=bureau.liaison)
    row = chosen(row, second, by=bureau.secretary)

    assert [link.case for link in CaseLink.objects.all()] == [second]
    assert row.version == registered.version + 2
    said = [one.sentence for one in TrailEntry.objects.filter(act="problem.cases_chosen")]
    assert said[-1].endswith("取消“某窗口岗位收礼案”")
    with pytest.raises(Refused, match="没有任何改动"):
        chosen(row, second, by=bureau.liaison)


def test_only_published_cases_of_the_same_campaign_are_linked(bureau, registered, case):
    elsewhere = case_of(bureau, CampaignFactory(organization=bureau.center), name="另一活动的")
    hidden = written(bureau.campaign, by=bureau.top_office, name="未发布的")
    for wrong in (elsewhere, hidden):
        with pytest.raises(Refused, match=f"“{wrong}”不是这项活动中已发布的案例"):
            chosen(registered, wrong, by=bureau.liaison)

    # A case that was taken down keeps its link, whoever changes the others.
    row = chosen(registered, case, by=bureau.liaison)
    reference_cases.withdraw(case, reason="已更正", by=bureau.top_office, at=AT)
    chosen(row, case_of(bureau, name="第三案"), by=bureau.liaison)
    assert CaseLink.objects.filter(problem=row).count() == 2


def test_in_review_and_afterwards_nothing_is_linked(bureau, applied, case):
    applied.problem.refresh_from_db()
    with pytest.raises(Refused, match="不能改动所关联的案例"):
        chosen(applied.problem, case, by=bureau.secretary)


def test_a_closed_row_keeps_its_cases_by_trigger(bureau, rectifying, case):
    row = chosen(rectifying, case, by=bureau.secretary)
    link = CaseLink.objects.get()
    Problem.objects.filter(pk=row.pk).update(status="closed", closed_at=AT)
    for change in (
        link.delete,
        lambda: CaseLink.objects.create(case=case, problem=row, by=bureau.member.user, at=AT),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# ---------------------------------------------------------------- from the case


def test_a_problem_begins_from_the_page_of_a_case(bureau, case, signed_in):
    browser = signed_in(bureau.liaison)
    page = browser.get(case.get_absolute_url()).content.decode()
    begin = f"{reverse('problem-new')}?case={case.pk}"
    assert begin in page

    answer = browser.get(begin)

    url = f"{reverse('problem-type', args=[bureau.campaign.pk, bureau.branch.pk])}?case={case.pk}"
    assert answer.url == url
    form = browser.get(url).context["form"]
    assert str(form.initial["source"]) == "由案例引出"
    assert form.initial["source_text"] == f"案例：{case}"
    data = {
        "description": "许可窗口2月有3件材料补正没有一次告知。",
        "source": form.initial["source"].pk,
        "source_text": form.initial["source_text"],
        "found_on": "2026-06-02",
        "owner_kind": "unit",
        "severity": "ordinary",
        "token": "00000000-0000-4000-8000-000000000003",
    }
    assert browser.post(url, {"description": ""}).status_code == 200
    for _ in range(2):
        assert browser.post(url, data).status_code == 302
    row = Problem.objects.get(description=data["description"])
    assert [link.case for link in row.case_links.all()] == [case]
    assert str(case) in browser.get(row.get_absolute_url()).content.decode()
    # A draft that is given up takes its link along.
    browser.post(reverse("problem-delete", args=[row.pk]), {})
    assert not CaseLink.objects.exists()


def test_nothing_begins_from_a_case_that_is_not_there(bureau, case, signed_in):
    browser = signed_in(bureau.liaison)
    place = [bureau.campaign.pk, bureau.branch.pk]
    other = case_of(bureau, CampaignFactory(organization=bureau.center), name="另一活动的")
    for wrong in (other.pk, 0, "x"):
        answer = browser.get(f"{reverse('problem-type', args=place)}?case={wrong}")
        assert answer.status_code == (404 if wrong == other.pk else 200)
    reference_cases.withdraw(case, reason="已更正", by=bureau.top_office, at=AT)
    assert browser.get(f"{reverse('problem-new')}?case={case.pk}").status_code == 404
    with pytest.raises(Refused, match="已撤下或尚未发布"):
        case_links.draft(
            case, organization=bureau.branch, facts={"description": "甲"}, by=bureau.liaison, at=AT
        )


# ---------------------------------------------------------------- counted


@pytest.fixture
def several(bureau, registered, case):
    """One on the ledger, one a draft, a person's own, one beside, and one that came of nothing."""
    chosen(registered, case, by=bureau.liaison)
    facts = {"campaign": bureau.campaign, "organization": bureau.branch}
    draft = ProblemFactory(**facts, by=bureau.liaison)
    own = ProblemFactory(**facts, by=bureau.member, owner_kind="personal")
    beside = ProblemFactory(campaign=bureau.campaign, organization=bureau.sibling)
    for row in (draft, own, beside):
        CaseLink.objects.create(case=case, problem=row, by=bureau.liaison.user, at=AT)
    registrations.register(own, by=bureau.secretary, at=AT)
    registrations.register(beside, by=bureau.neighbour, at=AT)
    ProblemFactory(**facts, by=bureau.liaison)
    return case


@pytest.mark.parametrize(
    ("who", "number"),
    [("secretary", 2), ("member", 2), ("colleague", 1), ("office", 2), ("neighbour", 1),
     ("stranger", 0)],
)  # fmt: skip
def test_the_number_on_the_case_opens_exactly_its_rows(bureau, several, signed_in, who, number):
    browser = signed_in(getattr(bureau, who))

    assert browser.get(several.get_absolute_url()).context["count"] == number
    listed = browser.get(reverse("reference-cases", args=[bureau.campaign.pk])).context["rows"]
    assert listed == [(several, number)]
    ledger = browser.get(f"{reverse('problems')}?case={several.pk}")
    assert len(ledger.context["rows"]) == number
    assert "由案例“某窗口岗位收礼案”引出" in ledger.content.decode()
    whole = next(chip for chip in ledger.context["chips"] if chip["current"])
    assert whole["count"] == str(number)


def test_the_filter_means_the_same_for_an_export(bureau, several):
    asked = {"case": [str(several.pk)]}
    rows = scope.asked_for(bureau.office, asked)

    assert rows.count() == 2
    assert "由案例“某窗口岗位收礼案”" in scope.in_words(asked, rows)
    assert scope.asked_for(bureau.office, {"case": ["999"]}).count() == 0


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_cases_costs_the_same_for_one_and_for_three(bureau, case, signed_in, number):
    for place in range(1, number):
        case_of(bureau, name=f"第{place}案")
    url = reverse("reference-cases", args=[bureau.campaign.pk])
    browser = signed_in(bureau.top_office)
    browser.get(url)

    with CaptureQueriesContext(connection) as queries:
        assert len(browser.get(url).context["rows"]) == number

    assert len(queries) == LIST


LIST = 9
