"""The import of people: messy workbooks, all or nothing, proposals, codes once."""

import time
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from reform.actions import attachments, duties, people_imports, people_undoing, trail
from reform.actions import people as people_acts
from reform.errors import Forbidden, Refused
from reform.exports import people as papers
from reform.imports import people
from reform.models import (
    AccessCode,
    Act,
    Duty,
    DutyProposal,
    PeopleImport,
    Role,
    TrailEntry,
    User,
)
from tests.factories import (
    AT,
    ON,
    DutyFactory,
    OrganizationFactory,
    ProblemFactory,
    actor,
    person,
)

pytestmark = pytest.mark.dealt

HEAD = ("姓名", "单位", "职务", "联系电话", "排序", "是否开通账号", "账号", "职责")


@pytest.fixture
def center():
    top = OrganizationFactory(name="交通局党组", short_name="交通局", kind="committee")
    return OrganizationFactory(name="服务中心党委", short_name="服务中心", parent=top)


@pytest.fixture
def branch(center):
    other = OrganizationFactory(name="养护中心党委", short_name="养护中心", parent=center.parent)
    OrganizationFactory(name="第一党支部", parent=other)
    return OrganizationFactory(name="第一党支部", code="FW1", parent=center)


@pytest.fixture
def system(center):
    return actor(person("系统员", center.parent, Role.SYSTEM))


def book(*rows, head=HEAD, before=()):
    workbook = Workbook()
    sheet = workbook.active
    for row in (*before, head, *rows):
        sheet.append(row)
    data = BytesIO()
    workbook.save(data)
    return data.getvalue()


def check(data, by, name="人员.xlsx"):
    return people.check(data, name=name, by=by)


def kept(data, by, name="人员.xlsx"):
    file = attachments.keep(BytesIO(data), name=name, by=by, at=AT, kind="application/octet-stream")
    row = people_imports.receive(file, by=by, at=AT)
    return people.keep(row, by=by, at=AT)


def figures(row):
    return tuple(row.result[name] for name in ("added", "changed", "proposed"))


def faults(data, by):
    return [(fault.line, fault.column, fault.message) for fault in check(data, by).errors]


GOOD = (
    ("张三", "服务中心/第一党支部", "书记", 13800001234, 1, "是", "", "支部书记、联络员"),
    ("李四", "FW1", "科员", "0571-1234567", "", "否", "", ""),
)


def test_people_come_in_and_their_duties_wait(branch, system):
    row = kept(book(*GOOD), system)

    zhang, li = User.objects.get(name="张三"), User.objects.get(name="李四")
    assert (zhang.username, zhang.phone, li.username) == ("zhangsan", "13800001234", None)
    assert [(d.role, d.organization, d.place, d.home) for d in zhang.duties.all()] == [
        ("member", branch, 1, True)
    ]
    assert figures(row) == (2, 0, 2)
    assert set(DutyProposal.objects.waiting().values_list("role", flat=True)) == {
        "secretary",
        "liaison",
    }


def test_what_an_import_proposes_the_security_administrator_grants(center, branch, system):
    security = actor(person("安全员", center, Role.SECURITY))
    kept(book(GOOD[0]), system)
    proposal = DutyProposal.objects.get(role="secretary")

    with pytest.raises(Forbidden):
        duties.confirm(proposal, by=system, at=AT)
    duties.confirm(proposal, by=security, at=AT)

    assert actor(proposal.user).holds(Role.SECRETARY)


def test_the_same_file_twice_adds_nothing(branch, system):
    kept(book(*GOOD), system)

    assert not check(book(*GOOD), system).does_something
    with pytest.raises(Refused, match="没有新内容"):
        kept(book(*GOOD), system)
    assert User.objects.filter(name__in=["张三", "李四"]).count() == 2


def test_who_is_known_is_changed_and_not_doubled(branch, system):
    user = person("李四", branch, home=True)

    row = kept(book(("李四", "FW1", "副科长", "", 5, "", "", "")), system)

    user.refresh_from_db()
    assert (user.post, user.duties.get().place) == ("副科长", 5)
    assert figures(row) == (0, 1, 0)


def test_a_name_on_the_register_gets_its_account(branch, system):
    user = person("李四", branch, username=None, home=True)

    row = kept(book(("李四", "FW1", "", "", "", "是", "", "")), system)

    user.refresh_from_db()
    assert user.username == "lisi"
    assert list(row.newcomers.all()) == [user]


def test_every_fault_is_said_by_row_and_column(branch, system):
    person("王五", branch)
    User.objects.filter(name="王五").update(username="wangwu")
    rows = (
        ("甲", "没有这个单位", "", "", "", "", "", ""),
        ("乙", "第一党支部", "", "", "", "", "", ""),
        ("丙", "FW1", "", "", "第一", "", "", "大书记"),
        ("丁", "FW1", "", "", "", "也许", "中 文", ""),
        ("戊", "FW1", "", "", "", "是", "wangwu", ""),
        ("己", "", "", "", "", "", "", ""),
        ("庚", "FW1", "", "", "", "", "", ""),
        ("庚", "FW1", "", "", "", "", "", ""),
    )

    found = [(line, column) for line, column, _ in faults(book(*rows), system)]

    assert found == [
        (2, "单位"),
        (3, "单位"),
        (4, "排序"),
        (4, "职责"),
        (5, "是否开通账号"),
        (5, "账号"),
        (6, "账号"),
        (7, "单位"),
        (9, "姓名"),
    ]
    with pytest.raises(Refused, match="9处错误"):
        kept(book(*rows), system)
    assert not User.objects.filter(name__in=list("甲乙丙丁戊己庚")).exists()


def test_a_doubtful_organization_is_told_apart_by_the_one_above(branch, system):
    (fault,) = faults(book(("乙", "第一党支部", "", "", "", "", "", "")), system)

    assert fault[2] == "有2个单位符合，请写上级，例如：服务中心/第一党支部、养护中心/第一党支部。"


def test_a_messy_roll_is_read(branch, system):
    """A title, other headings, merged units, totals, a column nobody asked for."""
    workbook = Workbook()
    sheet = workbook.active
    for row in (
        ("某局干部花名册", None, None, None),
        ("序号", "姓 名", "所在党支部", "身份证号"),
        (1, "王　伟", "FW1", "330101199001011234"),
        (2, "李芳", None, "330101199001011235"),
        (None, None, "合计2人", None),
        (None, None, "第一党支部", "综合科科员"),
    ):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("C3:C4")
    data = BytesIO()
    workbook.save(data)

    checked = check(data.getvalue(), system)

    assert [(entry.name, entry.organization) for entry in checked.entries] == [
        ("王伟", branch),
        ("李芳", branch),
    ]
    assert "身份证号不收集、不保存，这一列没有读入。" in checked.notes
    assert "第6行没有姓名，未读入：第一党支部 综合科科员" in checked.notes
    assert checked.errors == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_of_text_is_read(branch, system, encoding):
    data = "姓名,单位\n李芳,FW1\n".encode(encoding)

    assert [entry.name for entry in check(data, system, "人员.csv").entries] == ["李芳"]


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.4", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0", "甲,乙\n1,2\n".encode()],
)
def test_what_is_no_roll_is_refused_on_the_form(client, branch, system, data):
    client.force_login(system.user)

    answer = client.post("/people/imports/new/", {"file": SimpleUploadedFile("人员.xlsx", data)})

    assert answer.status_code == 200
    assert not PeopleImport.objects.exists()


@pytest.mark.parametrize(
    "words", ["\x00", "\u202e", "=1+1", "甲" * 5000, "\ud800".encode("utf-16", "surrogatepass")]
)
def test_strange_cells_are_faults_and_no_failures(client, branch, system, words):
    words = words if isinstance(words, str) else "�"
    client.force_login(system.user)
    rows = [f"{words},FW1,{words},{words},{words},{words},{words},{words}" for _ in range(2)]
    data = "\n".join([",".join(HEAD), *rows]).encode()

    answer = client.post(
        "/people/imports/new/", {"file": SimpleUploadedFile("人.csv", data)}, follow=True
    )

    assert answer.status_code == 200


def test_codes_are_handed_out_once(client, branch, system):
    row = kept(book(*GOOD), system)
    client.force_login(system.user)
    assert "生成并下载登录码" in client.get(row.get_absolute_url()).content.decode()

    answer = client.post(f"/people/imports/{row.pk}/codes/")

    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    head, line = sheet.iter_rows(values_only=True)
    assert head[:4] == ("姓名", "单位", "账号", "登录码")
    assert line[:3] == ("张三", "第一党支部", "zhangsan")
    again = client.post(f"/people/imports/{row.pk}/codes/", follow=True)
    assert "只能下载一次" in again.content.decode()
    assert "生成并下载登录码" not in client.get(row.get_absolute_url()).content.decode()


def test_the_template_reads_back(branch, system):
    workbook = load_workbook(BytesIO(papers.template()))
    workbook["人员"].append(("张三", "FW1"))
    data = BytesIO()
    workbook.save(data)

    checked = check(data.getvalue(), system)

    assert [entry.name for entry in checked.entries] == ["张三"]
    assert checked.notes == []


@pytest.mark.once
def test_a_thousand_people_are_a_matter_of_seconds(branch, system):
    rows = [
        (f"人{number}", "FW1", "科员", "", "", "是", f"r{number}", "") for number in range(1000)
    ]
    data, begun = book(*rows), time.perf_counter()

    kept(data, system)

    assert User.objects.filter(name__startswith="人").count() == 1000
    assert time.perf_counter() - begun < 10


def test_another_persons_import_does_not_exist(client, center, branch, system):
    row = kept(book(*GOOD), system)
    client.force_login(person("系统员二", center, Role.SYSTEM))

    assert client.get(f"/people/imports/{row.pk}/").status_code == 404


def test_the_importer_proposes_nothing_for_himself(center, branch, system):
    """SOD-10: neither under the account he imports with nor under another of his."""
    DutyFactory(user=system.user, organization=branch)
    second = person("系统员二号", branch)
    second.same_as = system.user
    second.save()
    data = book(
        ("系统员", "FW1", "", "", "", "", "", "支部书记"),
        ("系统员二号", "FW1", "科长", "", "", "", "", ""),
    )

    assert faults(data, system) == [
        (2, "职责", "不能给自己（包括本人的其他账号）提出职责，请由另一名管理员办理。"),
        (3, "姓名", "本人的信息请由另一名系统管理员修改，请删去这一行或改回原样。"),
    ]
    with pytest.raises(Refused, match="还有2处错误"):
        kept(data, system)
    with pytest.raises(Refused, match="不能给自己提出职责"):
        duties.propose(
            second,
            role=Role.SECRETARY,
            organization=branch,
            since=ON,
            origin="import",
            by=system,
            at=AT,
        )
    assert not DutyProposal.objects.exists()


# ---------------------------------------------------------------- undoing


def undo(row, by):
    people_undoing.undo(row, reason="传错了表", by=by, at=AT)


def register():
    """Everything the register says, but for who looks after it."""
    duties_ = Duty.objects.order_by("user__name", "pk")
    return (
        list(User.objects.order_by("name", "pk").values_list("name", "username", "post", "phone")),
        list(duties_.values_list("user__name", "organization", "role", "place", "until")),
        list(DutyProposal.objects.values_list("user__name", "role", "state")),
    )


@pytest.fixture
def known(branch):
    """On the register before: one by name, one with an account."""
    return person("王五", branch, username=None, home=True), person("赵六", branch, home=True)


MIXED = (
    *GOOD,
    ("王五", "FW1", "科长", "13900000000", 3, "是", "wangwu", "联络员"),
    ("赵六", "FW1", "主任", "", 4, "", "", ""),
)


def test_an_import_is_undone_as_if_it_had_never_been(branch, system, known):
    before = register()
    row = kept(book(*MIXED), system)
    people_imports.hand_codes(row, by=system, at=AT)  # a code that nobody has used is nothing yet
    assert register() != before

    undo(row, system)

    assert register() == before
    assert (PeopleImport.objects.count(), AccessCode.objects.standing().count()) == (0, 0)
    told = TrailEntry.objects.filter(act__in=["user.taken_off", "people.import_undone"])
    assert [entry.sentence for entry in told.order_by("pk")] == [
        "取消登记：张三（撤销导入）",
        "取消登记：李四（撤销导入）",
        "撤销人员导入：人员.xlsx（取消登记2人，恢复2人，撤回待确认职责3项；传错了表）",
    ]


def test_what_was_changed_again_since_stays(branch, system, known):
    row = kept(book(*MIXED), system)
    user = User.objects.get(name="赵六")
    people_acts.edit(user, name="赵六", post="书记", phone=None, by=system, at=AT)

    undo(row, system)

    assert User.objects.get(name="赵六").post == "书记"


def signs_in(user, branch, system):
    User.objects.filter(pk=user.pk).update(last_login=AT)


def acts(user, branch, system):
    trail.record(Act.SUGGESTED, user, by=actor(user), at=AT)


def answers_for_a_problem(user, branch, system):
    row = ProblemFactory(organization=branch)
    row.people.create(part="responsible", name=user.name, user=user)


def is_moved(user, branch, system):
    people_acts.transfer(
        user, organization=branch.parent, since=ON + timedelta(days=1), by=system, at=AT
    )


def gets_another_duty(user, branch, system):
    DutyFactory(user=user, organization=branch, role=Role.LIAISON)


def is_confirmed(user, branch, system):
    security = actor(person("安全员", branch.parent, Role.SECURITY))
    duties.confirm(user.proposals.first(), by=security, at=AT)


def is_closed(user, branch, system):
    people_acts.disable(user, reason="调离", by=system, at=AT)


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (signs_in, "已设置密码或登录"),
        (acts, "已办理过事项，或已被写进材料"),
        (answers_for_a_problem, "已办理过事项，或已被写进材料"),
        (is_moved, "职责或隶属已有变动"),
        (gets_another_duty, "职责或隶属已有变动"),
        (is_confirmed, "职责或隶属已有变动"),
        (is_closed, "已停用"),
    ],
)
def test_an_import_of_which_something_came_is_not_undone(branch, system, happens, words):
    row = kept(book(*GOOD), system)
    happens(User.objects.get(name="张三"), branch, system)
    before = register()

    with pytest.raises(Refused) as refusal:
        undo(row, system)

    assert str(refusal.value) == (
        f"不能整批撤销，因为导入以后已有变化——张三：{words}。请在人员页逐个停用、修改或结束职责。"
    )
    assert register() == before
    assert PeopleImport.objects.get().state == "kept"


def test_an_account_the_import_opened_stays_once_it_was_used(branch, system, known):
    row = kept(book(*MIXED), system)
    User.objects.filter(name="王五").update(last_login=AT)

    with pytest.raises(Refused, match="王五：已设置密码或登录"):
        undo(row, system)


def test_an_import_from_before_is_told_apart(branch, system):
    row = kept(book(*GOOD), system)
    row.result = {"added": 2, "changed": 0, "proposed": 2}
    row.save()

    with pytest.raises(Refused, match="系统升级以前办的"):
        undo(row, system)


def test_only_what_was_kept_is_undone_and_once(branch, system):
    row = kept(book(*GOOD), system)
    undo(row, system)

    with pytest.raises(Refused, match="已经撤销"):
        undo(row, system)
    with pytest.raises(Forbidden):
        undo(row, actor(person("何静", branch, Role.OFFICE)))


def test_an_import_is_undone_by_the_page_which_says_who_stands_against_it(client, branch, system):
    row = kept(book(*GOOD), system)
    client.force_login(system.user)
    page = f"/people/imports/{row.pk}/undo/"
    assert page in client.get(f"/people/imports/{row.pk}/").content.decode()

    DutyFactory(user=User.objects.get(name="李四"), organization=branch, role=Role.LIAISON)
    assert "<li>李四：职责或隶属已有变动</li>" in client.get(page).content.decode()
    refused = client.post(page, {"reason": "传错了表"}).content.decode()
    assert "李四：职责或隶属已有变动" in refused

    Duty.objects.filter(user__name="李四", role=Role.LIAISON).delete()
    assert client.post(page, {"reason": "传错了表"}).url == "/people/imports/"
    assert not User.objects.filter(name="李四").exists()
