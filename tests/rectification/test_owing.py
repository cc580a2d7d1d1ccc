"""The list of those who owe (催办清单): its counts, its text to copy, its letters."""

from datetime import date, datetime
from io import BytesIO

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from docx import Document
from openpyxl import load_workbook

from campaigns.models import BEIJING
from rectification.actions import closures, deadlines, instructions, pauses
from rectification.models import Instruction, Problem, ReviewStep, owing, owing_items
from rectification.models.metric import METRICS, Ground, Span, address
from rectification.models.owing import KINDS, LISTED, OWED
from rectification.reports import asking, owing_letter
from rectification.statistics import figures
from rectification.views.owing import SIZE
from reform.actions import delegations, users
from reform.models import Duty, Role, TrailEntry
from tests.conftest import a_bureau
from tests.factories import LONG_AGO, CampaignFactory, OrganizationFactory, actor, person
from tests.rectification.test_brief import applied, assigned, decide, issued, moment, on_day
from tests.reform.test_workdays import calendar  # noqa: F401 -- a fixture
from tests.worlds import made_once

pytestmark = [pytest.mark.usefixtures("calendar"), pytest.mark.dealt]

TODAY = date(2026, 7, 10)  # a Friday
NOW = datetime(2026, 7, 10, 10, tzinfo=BEIJING)
URL = "/problems/owing/"
YEARS_END = {"due_on": date(2026, 12, 31), "due_text": "年底"}
EARLY = {"due_on": date(2026, 6, 8), "due_text": "6月8日"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@made_once()
def a_ledger():
    """A bureau with a row of every kind, at the branch and beside it."""
    bureau = a_bureau()
    issued(bureau, 3, **EARLY)
    issued(bureau, 3, place=bureau.sibling, by="neighbour", **EARLY, description="二支部的事。")
    issued(bureau, 3, **EARLY, owner_kind="personal", by="secretary", description="个人的事。")
    issued(bureau, 25, due_on=date(2026, 7, 15), due_text="7月15日")
    issued(bureau, 3, **YEARS_END)  # quiet
    issued(bureau, 25, **YEARS_END)  # nothing is owed
    assigned(bureau, 25, **YEARS_END)
    applied(bureau, issued(bureau, 3, **YEARS_END), 22)  # waits at the branch
    going_up = applied(bureau, issued(bureau, 3, **YEARS_END), 22)
    decide(bureau, going_up, "secretary", 23)  # waits at the centre's office
    instructions.write(
        bureau.campaign,
        organization=bureau.branch,
        text="请说明情况。",
        answer_by=date(2026, 6, 20),
        by=on_day(bureau, "leader", 10),
        at=moment(10),
    )
    row = issued(bureau, 4, due_on=date(2026, 6, 20), due_text="6月20日", description="延期的。")
    extended(bureau, row)
    return bureau


@pytest.fixture
def bureau(request):
    return a_ledger() if "ledger" in request.fixturenames else a_bureau()


@pytest.fixture
def ledger(bureau):
    return bureau


def extended(bureau, row):
    """Given another day when it was late already."""
    row.refresh_from_db()
    was, row.due_on = row.due_on, date(2026, 12, 1)
    office = on_day(bureau, "office", 28)
    deadlines.changed(row, was=was, reason="经批准延期", by=office, at=moment(28))
    row.save()
    return row


def board(bureau, who, **chosen):
    by = actor(bureau.users[who], on=TODAY)
    found = owing.board(
        Problem.objects.visible_to(by).filter(campaign=bureau.campaign),
        Instruction.objects.visible_to(by).filter(campaign=bureau.campaign),
        on=TODAY,
    )
    return {
        row.organization.name: {code: n for code, n in row.counts.items() if n}
        for row in found.rows
    }


BRANCH, SIBLING, CENTRE = "第一党支部", "第二党支部", "服务中心党委"


@pytest.mark.usefixtures("ledger")
def test_every_kind_is_counted_where_it_is_owed(bureau):
    # Three rows are quiet: of 3 June, the one that got another day of 4 June; 25 June is young.
    assert board(bureau, "office") == {
        CENTRE: {"review": 1},
        BRANCH: {
            "overdue": 1,
            "accept": 1,
            "quiet": 2,
            "review": 1,
            "instruction": 1,
            "soon": 1,
        },
        SIBLING: {"overdue": 1},
    }


@pytest.mark.usefixtures("ledger")
def test_nobody_finds_there_what_he_does_not_read(bureau):
    assert board(bureau, "neighbour") == {SIBLING: {"overdue": 1}}
    own = board(bureau, "secretary")
    assert own[BRANCH]["overdue"] == 2  # the personal row is his to see
    assert SIBLING not in own
    assert "instruction" not in board(bureau, "inspector")[BRANCH]
    assert board(bureau, "stranger") == {}


USERS = ("office", "top_office", "leader", "inspector", "secretary", "liaison", "neighbour")


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("who", USERS)
def test_a_number_opens_exactly_the_rows_it_counts(bureau, signed_in, who):
    client = signed_in(bureau.users[who])
    for place, code in enumerate(LISTED):
        page = client.get(URL, {"kind": code})
        for row in page.context["rows"]:
            _, number, url = row["cells"][place]
            opened = client.get(url)
            rows = opened.context["instructions" if code == "instruction" else "rows"]
            assert len(rows) == number > 0, (row["name"], url)
        if who in {"office", "top_office"}:
            assert page.context["rows"], code


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("code", KINDS)
def test_the_ledger_opens_a_kind_of_all_one_sees(bureau, signed_in, code):
    client = signed_in(bureau.users["office"])
    page = client.get("/problems/", {"owes": code})
    assert KINDS[code].definition in page.content.decode()
    counted = sum(row.get(code, 0) for row in board(bureau, "office").values())
    if code == "missed_first":
        counted = 3  # the two that are late, and the one that got another day
    assert len(page.context["rows"]) == counted > 0
    exported = client.post(f"/problems/export/?owes={code}", {"variant": "data"})
    book = load_workbook(BytesIO(b"".join(exported.streaming_content)), read_only=True)
    assert len(list(book["台账"].rows)) == counted + 1


@pytest.mark.parametrize("value", ["x", "x.1", "overdue.x", "overdue.0", "review.x", "overdue.99"])
def test_an_address_that_says_nothing_opens_nothing(bureau, ledger, signed_in, value):
    page = signed_in(bureau.users["office"]).get("/problems/", {"owes": value})
    assert page.context["rows"] == []


# ---------------------------------------------------------------- whoever is asked


def test_a_step_is_owed_by_whom_it_was_given_to(bureau, ledger):
    step = ReviewStep.objects.get(state="open", holder=bureau.center)
    asked = person("外请", bureau.elsewhere, Role.OFFICE, home=False)
    closures.appoint(
        step,
        user=asked,
        until=date(2026, 7, 20),
        by=on_day(bureau, "top_office", 29),
        at=moment(29),
    )
    rows = board(bureau, "office")
    assert rows[bureau.elsewhere.name] == {"review": 1}
    assert CENTRE not in rows
    # On the day after his last it is the centre's again.
    later = owing.steps(owing.Limits.of(date(2026, 7, 21), owing.Holiday.objects.calendar()))
    assert later.get(pk=step.pk).asked_of == bureau.center.pk


def test_his_organization_does_not_read_the_row_in_a_letter(bureau, ledger):
    """Who was appointed may read it; the others of his organization may not."""
    step = ReviewStep.objects.get(state="open", holder=bureau.center)
    asked = person("外请", bureau.sibling, Role.OFFICE, home=False)
    by = on_day(bureau, "top_office", 29)
    closures.appoint(step, user=asked, until=date(2026, 7, 20), by=by, at=moment(29))
    found = listed(bureau, "top_office", bureau.sibling, codes=("review",))
    (item,) = found.items
    assert item.text == owing_items.UNREADABLE
    assert (item.people, item.due) == ("", None)


def test_what_nobody_can_take_is_said_apart(bureau, ledger, signed_in):
    ReviewStep.objects.filter(state="open", holder=bureau.center).update(holder=None)
    client = signed_in(bureau.users["office"])
    page = client.get(URL)
    assert "另有1件审核步骤暂无可办理人员" in page.content.decode()
    assert CENTRE not in [row["name"] for row in page.context["rows"]]
    assert len(client.get(page.context["nobodys"]).context["rows"]) == 1


def test_nobody_is_asked_about_what_a_leader_pauses(bureau, ledger, signed_in):
    late = Problem.objects.get(organization=bureau.sibling)
    leader = on_day(bureau, "leader", 29)
    facts = {"until": date(2026, 7, 20), "reason": "汛期", "by": leader, "at": moment(29)}
    pauses.pause(late, **facts)
    assert SIBLING not in board(bureau, "office")
    pauses.pause_place(bureau.branch, **facts)
    # Who reviews is asked all the same.
    assert board(bureau, "office")[BRANCH] == {"review": 1, "instruction": 1}
    client = signed_in(bureau.users["office"])
    assert client.get("/problems/", {"owes": "overdue"}).context["rows"] == []
    assert "另有2件逾期问题由领导暂停催办" in client.get(URL).content.decode()
    assert [item.matter[:5] for item in listed(bureau, "office", bureau.branch).items] == [
        "本单位审签",
        "答复批示",
    ]


# ---------------------------------------------------------------- the first deadline


def test_a_late_extension_does_not_make_good_what_was_missed(bureau, signed_in):
    in_time = issued(bureau, 3, **YEARS_END)
    row = issued(bureau, 4, due_on=date(2026, 6, 20), due_text="6月20日")
    ground, span = Ground(bureau.campaign.pk, bureau.center, own=False), Span(moment(3), NOW)
    counted = {"overdue", "missed_first"}
    assert figures(ground, span, counted) == {"overdue": 1, "missed_first": 1}

    extended(bureau, row)

    assert figures(ground, span, counted) == {"overdue": 0, "missed_first": 1}
    value = address("missed_first", span, ground)
    page = signed_in(bureau.users["office"]).get("/problems/", {"figure": value})
    assert [one["pk"] for one in page.context["rows"]] == [row.pk]
    assert "曾逾期" in page.content.decode()
    whole = signed_in(bureau.users["office"]).get("/problems/")
    marks = {one["pk"]: one["missed_first"] for one in whole.context["rows"]}
    assert marks == {row.pk: True, in_time.pk: False}


@pytest.mark.both
@pytest.mark.parametrize("status", Problem.Status.values)
def test_the_first_deadline_means_the_same_of_one_row_and_of_many(bureau, at, status):
    for number, first in enumerate((None, date(2026, 7, 9), TODAY)):
        for applied_on in (None, date(2026, 7, 1), TODAY, date(2026, 7, 12)):
            row = Problem(
                campaign=bureau.campaign,
                organization=bureau.branch,
                path=bureau.branch.path,
                status=status,
                number=None if status == "draft" else f"X-{number}-{applied_on}",
                registered_at=None if status == "draft" else at,
                closed_at=at if status == "closed" else None,
                due_on=date(2026, 8, 1),
                first_due_on=first,
                applied_on=applied_on,
                drafted_by=bureau.users["office"],
                drafted_at=at,
            )
            if first or status not in {"rectifying", "in_review", "closed"}:
                row.save()
    rows = Problem.objects.filter(METRICS["missed_first"].rows(Span(moment(3), NOW)))
    assert set(rows) == {row for row in Problem.objects.all() if row.missed_first(TODAY)}
    assert rows.exists()


@pytest.mark.both
def test_an_overdue_answer_means_the_same_of_one_and_of_many(bureau):
    for day in (None, date(2026, 7, 9), TODAY):
        for answered in (False, True):
            row = instructions.write(
                bureau.campaign,
                organization=bureau.branch,
                text="请说明。",
                answer_by=day,
                by=on_day(bureau, "leader", 10),
                at=moment(10),
            )
            if answered:
                secretary = on_day(bureau, "secretary", 11)
                instructions.answer(row, text="已办。", by=secretary, at=moment(11))
    late = [row for row in Instruction.objects.all() if row.is_late(TODAY)]
    assert list(Instruction.objects.late(TODAY)) == late
    assert len(late) == 1


# ---------------------------------------------------------------- the page


@pytest.mark.usefixtures("ledger")
def test_it_lists_in_official_order_what_is_owed_already(bureau, signed_in):
    client = signed_in(bureau.users["office"])
    page = client.get(URL)
    assert [row["name"] for row in page.context["rows"]] == [CENTRE, BRANCH, SIBLING]
    assert page.context["rows"][1]["longest"] == 23  # 9 June to 10 July without 19 June
    soon = client.get(URL, {"kind": "soon"})
    assert [row["name"] for row in soon.context["rows"]] == [BRANCH]
    alone = client.get(URL, {"organization": bureau.sibling.pk})
    assert [row["name"] for row in alone.context["rows"]] == [SIBLING]


def test_where_nothing_is_owed_it_says_so(bureau, signed_in):
    page = signed_in(bureau.users["office"]).get(URL).content.decode()
    assert "没有需要催办的单位" in page
    assert "复制提示语" not in page
    assert "催办函" not in page


def test_of_several_campaigns_one_is_chosen(bureau, ledger, signed_in):
    other = CampaignFactory(organization=bureau.top, code="OTHER")
    client = signed_in(bureau.users["office"])
    assert client.get(URL).context["campaign"] == other  # the newest
    assert client.get(URL).context["rows"] == []
    page = client.get(URL, {"campaign": bureau.campaign.pk})
    assert len(page.context["rows"]) == 3


def test_one_asks_as_many_queries_for_a_hundred_organizations_as_for_two(bureau, ledger, signed_in):
    client = signed_in(bureau.users["office"])
    client.get(URL)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page = client.get(URL)
        return len(queries), page

    before, _ = asked()
    row = Problem.objects.filter(organization=bureau.sibling).first()
    for number in range(SIZE * 2):
        place = OrganizationFactory(parent=bureau.center)
        row.pk, row.number = None, f"N-{number}"
        row.organization, row.path = place, place.path
        row._state.adding = True  # noqa: SLF001
        row.save()
    after, page = asked()
    assert after == before <= 18
    assert len(page.context["rows"]) == SIZE
    assert page.context["page_obj"].paginator.count == SIZE * 2 + 3
    words = page.context["wording"]
    assert f"等{SIZE * 2 + 3}个单位" in words
    assert words.count("、") < asking.NAMED + len(OWED)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{URL}letter/")
    assert len(queries) <= 30


def test_the_ledger_asks_no_more_than_ten(bureau, ledger, signed_in):
    client = signed_in(bureau.users["office"])
    for value in (f"overdue.{bureau.branch.pk}", f"review.{bureau.branch.pk}", "quiet"):
        client.get("/problems/", {"owes": value})
        with CaptureQueriesContext(connection) as queries:
            client.get("/problems/", {"owes": value})
        assert len(queries) <= 10, [query["sql"][:90] for query in queries]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("page", "who"), [("/problems/", "office"), ("/", "office"), ("/brief/", "leader")]
)
def test_it_is_reached_from_where_overdue_rows_are_told(bureau, signed_in, page, who):
    assert f'href="{URL}' in signed_in(bureau.users[who]).get(page).content.decode()


def test_who_sees_no_more_than_his_own_work_is_not_sent_there(bureau, signed_in):
    client = signed_in(bureau.users["member"])
    assert client.get(URL).status_code == 403
    assert URL not in client.get("/problems/").content.decode()


# ---------------------------------------------------------------- the text to copy


@pytest.mark.usefixtures("ledger")
def test_the_text_shames_nobody(bureau, signed_in):
    client = signed_in(bureau.users["office"])
    words = client.get(URL).context["wording"]
    assert words.startswith(f"【{bureau.campaign}】{CENTRE}、{BRANCH}、{SIBLING}：请于7月15日前")
    assert "（整改、签收、填报进展、审核、答复批示）" in words
    assert f"有困难请与{CENTRE}活动办联系。" in words
    late = client.get(URL, {"kind": "overdue"}).context["wording"]
    assert "（整改）" in late
    for word in ("逾期", "未", "超", "马超", "1件"):
        assert word not in words
    alone = client.get(URL, {"organization": bureau.sibling.pk}).context["wording"]
    assert f"{SIBLING}：请于7月15日前" in alone
    assert "整改时限已过、尚未申请销号的问题1件" in alone
    assert BRANCH not in alone
    soon = client.get(URL, {"kind": "soon"}).context["wording"]
    assert "请在整改时限前" in soon


@pytest.mark.usefixtures("ledger")
def test_whoever_reviews_above_is_not_asked_from_below(bureau, signed_in):
    page = signed_in(bureau.users["secretary"]).get(URL)
    assert CENTRE in [row["name"] for row in page.context["rows"]]
    assert page.context["wording"].startswith(f"【{bureau.campaign}】{BRANCH}：")
    assert "另有1个单位" in page.content.decode()
    assert page.context["letters"] == ""


# ---------------------------------------------------------------- the letters


def listed(bureau, who, *places, codes=OWED):
    by = actor(bureau.users[who], on=TODAY)
    found = owing_items.listed(
        Problem.objects.visible_to(by),
        Instruction.objects.visible_to(by),
        places,
        codes=codes,
        on=TODAY,
    )
    return found[places[0].pk]


def document(response):
    return Document(BytesIO(b"".join(response.streaming_content)))


def letters_of(book):
    """Return (title and text, rows of the table) of each letter."""
    made = []
    for block in book.iter_inner_content():
        if hasattr(block, "rows"):
            made[-1][1].extend([[cell.text for cell in row.cells] for row in block.rows])
        elif block.style.name == "Title" and block.text.startswith("关于"):
            made.append(([], []))
            made[-1][0].append(block.text)
        else:
            made[-1][0].append(block.text)
    return [("\n".join(lines), rows) for lines, rows in made]


@pytest.mark.usefixtures("ledger")
def test_each_is_written_to_alone_and_lists_what_is_its_own(bureau, signed_in):
    response = signed_in(bureau.users["office"]).get(f"{URL}letter/")
    book = document(response)
    (branch, its_rows), (sibling, their_rows) = letters_of(book)
    assert f"\n{BRANCH}：" in branch
    assert f"\n{SIBLING}：" in sibling
    assert "整改时限已过、尚未申请销号的问题1件" in sibling
    assert f"{CENTRE}活动办" in sibling
    assert "2026年7月10日" in sibling
    assert "附件：待办事项清单" in sibling
    assert len(their_rows) == 2
    assert their_rows[1][2:] == [
        "二支部的事。",
        "马超",
        "2026年\n6月8日",
        "完成整改、申请销号",
        "23",
    ]
    assert len(its_rows) == 7
    everything = str(its_rows)
    assert "二支部的事" not in everything
    assert "个人的事" not in everything
    assert [row[1] for row in its_rows].count("批示") == 1
    # A sheet of its own each, with its own page numbers.
    assert [section.start_type.name for section in book.sections] == ["NEW_PAGE", "ODD_PAGE"]
    entry = TrailEntry.objects.get(act="owing.urged")
    assert f"{BRANCH}、{SIBLING}等2个单位" in entry.sentence


@pytest.mark.usefixtures("ledger")
def test_one_is_written_to_by_the_nearest_office_of_the_writer(bureau, signed_in):
    url = f"{URL}letter/?organization={bureau.sibling.pk}"
    ((words, _),) = letters_of(document(signed_in(bureau.users["top_office"]).get(url)))
    assert f"{bureau.top.name}活动办" in words
    both = person("两处", bureau.top, Role.OFFICE)
    users.give_duty(both, organization=bureau.center, role=Role.OFFICE, since=LONG_AGO)
    ((words, _),) = letters_of(document(signed_in(both).get(url)))
    assert f"{CENTRE}活动办" in words


@pytest.mark.usefixtures("ledger")
def test_who_stands_in_for_the_office_writes_in_its_place(bureau, signed_in):
    delegations.give(
        Duty.objects.get(user=bureau.users["office"], role=Role.OFFICE),
        delegate=bureau.users["secretary"],
        since=TODAY,
        until=date(2026, 7, 14),
        reason="年休假",
        by=actor(bureau.users["office"], on=TODAY),
        at=NOW,
    )
    response = signed_in(bureau.users["secretary"]).get(f"{URL}letter/")
    assert response.status_code == 200
    entry = TrailEntry.objects.get(act="owing.urged")
    assert entry.by == bureau.users["secretary"]
    assert entry.behalf_name == "何静，请假委托"


@pytest.mark.usefixtures("ledger")
def test_only_an_office_writes_and_only_to_those_below(bureau, signed_in):
    for who in ("leader", "inspector", "secretary", "liaison"):
        assert signed_in(bureau.users[who]).get(f"{URL}letter/").status_code == 403
    office = signed_in(bureau.users["office"])
    own = f"{URL}letter/?organization={bureau.center.pk}"
    assert office.get(own).status_code == 404
    assert signed_in(bureau.users["stranger"]).get(f"{URL}letter/").status_code == 404
    assert not TrailEntry.objects.filter(act="owing.urged").exists()


@pytest.mark.usefixtures("ledger")
def test_a_long_list_is_cut_and_says_so(bureau, monkeypatch):
    monkeypatch.setattr(owing_items, "MOST", 2)
    found = listed(bureau, "office", bureau.branch)
    assert len(found.items) == 2
    assert (found.in_all, found.more) == (6, 4)
    letter = owing_letter.Letter(bureau.branch, bureau.center, found)
    data = owing_letter.letters(bureau.campaign, [letter], OWED, by_day=TODAY, at=NOW)
    ((_, rows),) = letters_of(Document(BytesIO(data)))
    assert "另有4件未列" in rows[-1][0]


@pytest.mark.usefixtures("ledger")
def test_the_list_is_a_workbook_too(bureau, signed_in):
    response = signed_in(bureau.users["office"]).get(f"{URL}table/")
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=6)]
    assert [row[1] for row in rows] == [CENTRE, BRANCH, SIBLING]
    assert rows[2][2:] == [1, 23, 0, 0, 0, 0, 0]
    assert TrailEntry.objects.filter(act="owing.exported").count() == 1
