"""The notice of a year: read from a workbook, JSON or its own words, shown, entered once."""

import json
from datetime import date, datetime
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from reform.actions import holidays
from reform.errors import Forbidden, Refused
from reform.imports.holiday_text import read_text
from reform.imports.holidays import read
from reform.models import Holiday, HolidayNotice, Role, TrailEntry
from reform.workdays import SpecialDay
from tests.factories import AT, OrganizationFactory, actor, person
from tests.reform.test_workdays import SEED

WORDS = """关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历腊月二十九、周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月13日（周六）上班。
三、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""
OFF = [*((1, day) for day in (1, 2, 3)), *((2, day) for day in range(5, 12))]
OFF += [(10, day) for day in range(1, 8)]
WORKED = [(1, 31), (2, 13), (9, 26), (10, 9)]
DAYS = sorted(
    [(date(2027, *one), True) for one in OFF] + [(date(2027, *one), False) for one in WORKED]
)


def plain(notice):
    return [(one.day, one.is_off) for one in notice.days]


def workbook(*rows, head=("日期", "结束日期", "名称", "安排")):
    book = Workbook()
    book.active.append(head)
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def written(**facts):
    one = {"name": "元旦", "date": "2027-01-01", "isOffDay": True}
    found = {"year": 2027, "papers": ["https://www.gov.cn/1.htm"], "days": [one]}
    return json.dumps(found | facts).encode()


@pytest.fixture
def house():
    return OrganizationFactory(name="交通局党组")


@pytest.fixture
def system(house):
    return actor(person("系统员", house, Role.SYSTEM))


@pytest.fixture(autouse=True)
def _nothing_known():
    HolidayNotice.objects.all().delete()


class TestReading:
    def test_the_words_of_the_notice(self):
        notice = read_text(WORDS)
        assert (notice.year, plain(notice)) == (2027, DAYS)
        assert [span.in_words() for span in notice.off] == [
            "1月1日至3日元旦",
            "2月5日至11日春节",
            "10月1日至7日国庆节",
        ]

    def test_its_own_lines(self):
        notice = read_text(WORDS)
        assert read_text(notice.lines(), year=2027) == notice

    def test_a_notice_that_begins_in_the_year_before(self):
        notice = read_text("2027年\n元旦：2026年12月31日（周四）至2027年1月2日（周六）放假。")
        assert [day for day, _ in plain(notice)] == [
            date(2026, 12, 31),
            date(2027, 1, 1),
            date(2027, 1, 2),
        ]

    @pytest.mark.parametrize(
        ("words", "off", "worked"),
        [
            ("一、元旦：1月1日（周五）至3日（周日）放假，共3天，1月9日（周六）上班。", 3, 1),
            ("一、元旦：1 月 1 日（周五）至 3 日（周日）放假调休。\n1月9日（周六）上班。", 3, 1),
            ("一、元旦：1月1日（周五）～3日放假调休，共 3 天。1月9日〔周六〕上班。", 3, 1),
            ("（一）说明\n元旦：1月1日到3日（农历腊月（小）二十五、周日）放假。", 3, 0),
            ("一、元旦：12月31日（周四）至1月2日（周六）放假，共3天。", 3, 0),
            ("一、元旦：2026年12月31日至1月2日放假。", 3, 0),
            ("一、元旦：1月1日（周五）放假，与周末连休。", 1, 0),
            ("一、元旦\n1月1日至3日放假。", 3, 0),
            (
                "一、元旦：1月1日至3日放假。鼓励结合带薪年休假，在除夕（2月5日）休息。"
                "\n节假日期间，要安排好值班。\n国务院办公厅\n2026年11月4日",
                3,
                0,
            ),
        ],
    )
    def test_words_as_notices_have_them(self, words, off, worked):
        notice = read_text(f"关于2027年部分节假日安排的通知\n{words}")
        assert (sum(one.is_off for one in notice.days), len(notice.worked)) == (off, worked)

    def test_a_workbook_in_days_and_in_spans(self):
        data = workbook(
            (datetime(2027, 1, 1), datetime(2027, 1, 3), "元旦", "放假"),  # noqa: DTZ001
            ("2027年2月5日", "2027/2/11", "春节", "放假调休"),
            (None, None, None, None),
            ("2027-1-31", None, "春节", "上班"),
            ("2027-10-01", "2027-10-07", "国庆节", "休"),
            *((f"2027-{month}-{day}", "", "", "补班") for month, day in WORKED[1:]),
        )
        notice = read(data, name="2027.xlsx")
        assert (notice.year, plain(notice)) == (2027, DAYS)

    def test_json(self):
        notice = read(written(), name="2027.json")
        assert notice.paper == "https://www.gov.cn/1.htm"
        assert notice.days == (SpecialDay(date(2027, 1, 1), is_off=True, name="元旦"),)

    def test_the_seed_reads_as_it_stands(self):
        for year, count in ((2024, 36), (2025, 33), (2026, 39)):
            data = (SEED / f"{year}.json").read_bytes()
            notice = read(data, name=f"{year}.json")
            assert (notice.year, len(notice.days)) == (year, count)


def day(**facts):
    return written(days=[{"name": "元旦", "date": "2027-01-01", "isOffDay": True} | facts])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "不是能读的JSON"),
        (b"[]", "须有 year 和 days"),
        (b"{\xff}", "不是能读的JSON"),
        (b"[" * 100_000, "不是能读的JSON"),
        (written(year="2027"), "须是年份数字"),
        (written(year=True), "须是年份数字"),
        (written(year=9999), "2007至2099"),
        (written(year=-1), "2007至2099"),
        (written(days=[]), "没有读到任何日期"),
        (written(days=[1]), "第1项：须有"),
        (written(days=[{}] * 101), "不超过100天"),
        (day(date="2027-02-30"), "“2027-02-30”不是日期"),
        (day(date="20270101"), "不是日期"),
        (day(date="2027-W01-1"), "不是日期"),
        (day(date=20270101), "不是日期"),
        (day(isOffDay="true"), "须有 name"),
        (day(isOffDay=False), "本来就上班"),
        (day(name="节" * 31), "不超过30个字"),
        (day(date="2029-01-01"), "没有2027年的放假日|不在2027年前后"),
        (written(year=2026), "没有2026年的放假日"),
        (workbook(("2027-01-01", None, "元旦", "放假"), head=("一", "二")), "没有找到表头"),
        (workbook(("2027-02-30", None, "元旦", "放假")), "第2行：日期应写作"),
        (workbook(("2027-01-01", "明天", "元旦", "放假")), "第2行：日期应写作"),
        (workbook(("2027-01-01", None, "元旦", "也许")), "第2行：安排应填"),
        (workbook(("2027-01-03", "2027-01-01", "元旦", "放假")), "第2行：应从前到后"),
        (workbook(("2027-01-01", "2027-12-31", "元旦", "放假")), "最多30天"),
        (
            workbook(("2027-01-03", None, "", "放假"), ("2027-01-03", None, "", "上班")),
            "既放假又上班",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(data, words):
    with pytest.raises(Refused, match=words):
        read(data, name="x.xlsx")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("各单位：请遵照执行。", "没有读到年份"),
        ("2027年\n各单位：请遵照执行。", "没有读到任何日期"),
        ("2027年\n元旦：1月1日（周四）至3日（周六）放假。", "写周四，2027年是周五"),
        ("2027年\n元旦：1月1日至3日放假，共5天。", "写共5天，读到3天"),
        ("2027年\n注意事项：10月12日起恢复，休假期间放假值班。", "没有读到任何日期"),
        ("2027年\n元旦：2月30日放假。", "“2月30日”不是日期"),
        ("2027-13-01 放假 元旦", "不是日期"),
        ("2027年\n元旦：9日至1日放假。", "不是日期"),
    ],
)
def test_words_that_are_no_notice_are_refused(text, words):
    with pytest.raises(Refused, match=words):
        read_text(text)


# ---------------------------------------------------------------- entering


def enter(by, *, version=0, days=None, year=2027, paper=""):
    days = read_text(WORDS).days if days is None else days
    return holidays.enter(year, paper=paper, days=days, version=version, by=by, at=AT)


def test_a_year_is_entered_with_an_entry_that_names_its_days(system):
    notice = enter(system)
    assert Holiday.objects.filter(notice=notice).count() == len(DAYS)
    assert not Holiday.objects.calendar().is_workday(date(2027, 1, 1))
    entry = TrailEntry.objects.get(act="calendar.entered")
    assert "1月1日放假" in entry.detail["changed"]
    assert "2027年节假日安排" in entry.sentence


def test_entered_again_it_takes_the_place_and_says_what_changed(system):
    notice = enter(system)
    days = [one for one in read_text(WORDS).days if one.day != date(2027, 10, 9)]
    notice = enter(system, version=notice.version, days=days)
    assert notice.version == 2
    assert Holiday.objects.calendar().is_workday(date(2027, 10, 9)) is False
    assert TrailEntry.objects.filter(act="calendar.entered").last().detail["changed"] == [
        "10月9日改为按星期"
    ]


def test_nothing_new_is_refused_and_what_somebody_else_entered_is_not_lost(system):
    notice = enter(system)
    with pytest.raises(Refused, match="完全相同"):
        enter(system, version=notice.version)
    with pytest.raises(Refused, match="刚由他人录入"):
        enter(system, version=0, days=[])
    assert Holiday.objects.count() == len(DAYS)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM])
def test_only_the_system_administrator_enters(house, role):
    with pytest.raises(Forbidden):
        enter(actor(person("某人", house, role)))
    assert not HolidayNotice.objects.exists()


# ---------------------------------------------------------------- pages


def test_a_notice_is_pasted_checked_and_entered(client, system):
    client.force_login(system.user)
    page = client.post(reverse("calendar-new"), {"text": WORDS, "paper": "国办发明电"})
    said = page.content.decode()
    assert "读到的2027年安排" in said
    assert "2月5日至11日春节" in said
    assert not HolidayNotice.objects.exists()  # reading keeps nothing

    form = page.context["form"]
    answer = client.post(reverse("calendar-enter"), form.initial, follow=True)
    assert "已录入。" in answer.content.decode()
    notice = HolidayNotice.objects.get()
    assert (notice.year, notice.paper, notice.days.count()) == (2027, "国办发明电", len(DAYS))


def test_what_would_change_is_shown_before(client, system):
    enter(system)
    client.force_login(system.user)
    text = WORDS.replace("、10月9日（周六）上班", "上班")
    page = client.post(reverse("calendar-new"), {"text": text})
    assert "将改动1天：10月9日改为按星期" in page.content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请上传文件，或粘贴通知原文"),
        ({"text": "1月1日"}, "没有读到年份"),
        ({"text": "x" * 20_001}, "20000"),
    ],
)
def test_a_notice_that_cannot_be_read_comes_back_with_what_was_typed(client, system, data, words):
    client.force_login(system.user)
    page = client.post(reverse("calendar-new"), data)
    assert words in page.content.decode()
    assert data.get("text", "") in page.content.decode()


def test_lines_that_were_tampered_with_are_refused(client, system):
    client.force_login(system.user)
    data = {"year": "2027", "version": "0", "lines": "2027-02-30 放假 元旦"}
    page = client.post(reverse("calendar-enter"), data)
    assert "不是日期" in page.content.decode()
    assert not HolidayNotice.objects.exists()


def test_the_template_can_be_read_back(client, system):
    enter(system)
    client.force_login(system.user)
    data = b"".join(client.get(reverse("calendar-template")).streaming_content)
    assert load_workbook(BytesIO(data)).active["A1"].value == "日期"
    assert plain(read(data, name="模板.xlsx")) == DAYS


class TestThePage:
    def test_everybody_who_signed_in_sees_a_year(self, client, system, house):
        enter(system)
        client.force_login(person("某人", house))
        said = client.get(reverse("calendar"), {"year": "2027"}).content.decode()
        assert "2月5日至11日春节" in said
        assert "录入节假日安排</a>" not in said
        assert client.get(reverse("calendar-new")).status_code == 403

    def test_a_year_without_a_notice_says_so(self, client, house):
        client.force_login(person("某人", house))
        said = client.get(reverse("calendar"), {"year": "2031"}).content.decode()
        assert "2031年节假日安排尚未录入，暂按周一至周五计算。" in said

    def test_days_are_counted_and_explained(self, client, system, house):
        enter(system)
        client.force_login(person("某人", house))
        page = client.get(reverse("calendar"), {"start": "2027-09-24", "number": "5"})
        assert "2027年9月24日起第5个工作日是2027年9月30日（周四）。" in page.content.decode()
        assert "调休上班计入：9月26日（周日）" in page.content.decode()

    @pytest.mark.parametrize(
        "asked",
        [
            {"year": "²027"},
            {"year": "0000"},
            {"year": "99999"},
            {"start": "2027-02-30", "number": "1"},
            {"start": "9999-12-31", "number": "1"},
            {"start": "2027-01-01", "number": "99999999999"},
            {"start": "2027-01-01", "number": "\x00"},
            {"start": "", "number": ""},
            {"number": "1"},
        ],
    )
    def test_nonsense_in_the_address_is_no_error(self, client, house, asked):
        client.force_login(person("某人", house))
        assert client.get(reverse("calendar"), asked).status_code == 200
