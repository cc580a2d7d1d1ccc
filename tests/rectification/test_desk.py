"""The desk: only what its reader may take, and what a row still lacks."""

import re
from datetime import timedelta

import pytest
import time_machine

from rectification.actions import deadlines, registrations
from reform.actions import duties, seals
from reform.models import Role, User
from tests.factories import AT, ON, ProblemFactory, actor, person
from tests.rectification.test_pages import panel, plain

pytestmark = pytest.mark.dealt


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(AT, tick=False):
        yield


def lacks(response):
    return re.findall(r'<small class="lacks">(.*?)</small>', response.content.decode())


def test_a_second_account_of_the_applicant_has_no_step_to_take(bureau, applied, signed_in):
    second = person("马超二", bureau.branch, "secretary")
    User.objects.filter(pk=second.pk).update(same_as=bureau.users["member"])

    said = panel(signed_in(second).get("/"), "等我审核")

    assert "没有等您审核的事项" in said
    assert "另有1件您须回避，由他人办理。" in said


def test_who_may_take_a_step_finds_it_and_reads_of_no_recusal(bureau, applied, signed_in):
    said = panel(signed_in(bureau.secretary).get("/"), "等我审核")

    assert applied.problem.number in said
    assert "回避" not in said


def test_a_list_says_what_a_page_says_of_the_six(bureau, registered, at):
    bare = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
    standing = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.liaison,
        due_kind="standing",
        stage_goal="建立制度",
        review_on=ON + timedelta(days=30),
        leaders=["罗海"],
        standard="有制度",
    )
    rows = [registered, bare, standing]

    found = deadlines.lacking_of([row.pk for row in rows], on=ON)

    assert found == {
        registered.pk: [],
        bare.pk: ["责任领导", "责任部门", "责任人", "整改时限", "整改标准", "预期效果"],
        standing.pk: ["责任部门", "责任人", "预期效果"],
    }
    assert all(found[row.pk] == deadlines.lacking(row, on=ON) for row in rows)


def test_the_ledger_and_the_desk_mark_what_a_registered_row_lacks(
    bureau, registered, at, signed_in
):
    client = signed_in(bureau.secretary)
    assert lacks(client.get("/problems/")) == []

    registered.people.filter(part="leader").delete()
    type(registered).objects.filter(pk=registered.pk).update(standard="")

    for page in ("/problems/", "/problems/?view=registered", "/"):
        assert lacks(client.get(page)) == ["缺：责任领导、整改标准"]
    assert "责任领导、整改标准" in plain(client.get(registered.get_absolute_url()))


def test_what_has_a_day_stands_before_what_has_none_yet(bureau, signed_in, at):
    for number in range(12):
        day = {"due_on": ON + timedelta(days=5)} if number == 11 else {}
        row = ProblemFactory(
            campaign=bureau.campaign,
            organization=bureau.branch,
            by=bureau.liaison,
            description=f"第{number}条",
            **day,
        )
        registrations.register(row, by=bureau.secretary, at=at)

    said = panel(signed_in(bureau.secretary).get("/"), "待交办、待签收")

    found = re.findall("第[0-9]+条", said)
    assert (found[:3], len(found)) == (["第11条", "第0条", "第1条"], 8)


def test_a_row_that_was_issued_or_is_a_draft_is_not_marked(bureau, rectifying, signed_in):
    ProblemFactory(campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison)
    rectifying.people.all().delete()
    client = signed_in(bureau.secretary)

    assert lacks(client.get("/problems/")) == []
    assert lacks(client.get("/problems/?view=draft")) == []


def waits(client):
    return re.sub(r"<[^>]+>", " ", panel(client.get("/"), "等我办理"))


def doors(client):
    html = client.get("/").content.decode().split("我能办什么")[1]
    return re.findall(r'<div class="todo__what"><a href="([^"]+)"', html)


@pytest.mark.parametrize("role", ["system", "security", "audit"])
def test_an_administrator_reads_what_he_can_do_and_every_door_opens(bureau, signed_in, role):
    client = signed_in(person("管理员", bureau.top, role))

    found = doors(client)

    assert len(found) >= 4
    assert [url for url in found if client.get(url).status_code != 200] == []


def test_proposals_wait_on_the_desk_of_who_may_decide_them(bureau, signed_in, at):
    security = person("安全员", bureau.top, "security")
    duties.grant(
        bureau.users["colleague"],
        role=Role.INSPECTOR,
        organization=bureau.center,
        since=ON,
        by=actor(security),
        at=at,
    )

    assert "1项职责等您确认" in waits(signed_in(bureau.system))
    assert "等您确认" not in waits(signed_in(security))


def test_a_lock_out_waits_for_the_security_administrator(bureau, signed_in, client, at):
    for _ in range(5):
        client.post("/login/", {"username": "nobody", "password": "wrong"})

    assert "1处登录被暂停" in waits(signed_in(person("安全员", bureau.top, "security")))


def test_a_backup_that_was_never_made_waits_for_the_system_administrator(bureau, signed_in):
    assert "备份：还没有做过备份" in waits(signed_in(bureau.system))


def test_days_without_a_seal_and_a_check_wait_for_the_auditor(bureau, signed_in):
    client = signed_in(person("审计员", bureau.top, "audit"))
    person("安全员", bureau.top, "security")
    assert "操作留痕还没有封存过" in waits(client)

    seals.seal_all(at=AT - timedelta(days=3))
    assert "操作留痕已有3天没有封存" in waits(client)
    assert "操作留痕还没有校验过" in waits(client)

    seals.seal_all(at=AT)
    client.post("/trail/check/")
    assert "没有等您办理的事项" in waits(client)
