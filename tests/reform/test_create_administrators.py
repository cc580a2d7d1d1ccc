"""`manage.py create_administrators`: once, and nobody's password is ever printed."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from reform.actions import passwords
from reform.actions.sign_ins import Door
from reform.models import AccessCode, Duty, Organization, Role, TrailEntry, User
from tests.factories import OrganizationFactory, UserFactory, person

TOP = ("--organization", "市交通局党组", "--code", "JTJ")
NAMED = (
    *("--system", "zhang", "张一"),
    *("--security", "wang", "王二"),
    *("--audit", "li", "李三"),
)


def run(capsys, *options):
    call_command("create_administrators", *options)
    return capsys.readouterr().out


def codes(said):
    return re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", said)


def test_three_people_at_the_top_each_with_a_code(capsys):
    said = run(capsys, *TOP, *NAMED)

    assert list(
        Duty.objects.order_by("pk").values_list("user__username", "user__name", "role")
    ) == [("zhang", "张一", "system"), ("wang", "王二", "security"), ("li", "李三", "audit")]
    assert list(Organization.objects.values_list("name", "code", "kind")) == [
        ("市交通局党组", "JTJ", "committee")
    ]
    assert len(set(codes(said))) == 3
    assert not User.objects.filter(password__startswith="argon2").exists()


def test_names_and_accounts_may_be_left_for_later(capsys):
    run(capsys, *TOP)

    assert list(User.objects.order_by("pk").values_list("username", "name")) == [
        ("sysadmin", "系统管理员"),
        ("secadmin", "安全管理员"),
        ("auditadmin", "审计管理员"),
    ]


def test_the_code_sets_the_first_password_and_stands_nowhere(capsys):
    said = run(capsys, *TOP)
    code = codes(said)[1]

    user = passwords.set_by_code(
        Door("secadmin", "127.0.0.1"), code, "Xianghe-1949-shan", at=timezone.now()
    )

    assert user.check_password("Xianghe-1949-shan")
    kept = [*AccessCode.objects.values_list(), *TrailEntry.objects.values_list()]
    assert [row for row in kept if code in str(row)] == []


def test_codes_are_good_for_a_week(capsys):
    run(capsys, *TOP)

    lasts = {code.expires_at - code.made_at for code in AccessCode.objects.all()}
    assert lasts == {timedelta(days=7)}


def test_it_stands_in_the_trail(capsys):
    run(capsys, *TOP)

    assert list(
        TrailEntry.objects.filter(act="user.administrator_made").values_list("sentence", "by_name")
    ) == [
        (f"建立管理员账号：{role}（{role}）", "命令行")
        for role in ("系统管理员", "安全管理员", "审计管理员")
    ]


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.SECURITY, Role.AUDIT])
def test_an_administrator_is_enough_to_refuse(capsys, role):
    person("某管理员", OrganizationFactory(), role)

    with pytest.raises(CommandError, match="已有管理员"):
        run(capsys, *TOP)


def test_a_second_time_changes_nothing(capsys):
    run(capsys, *TOP)
    with pytest.raises(CommandError, match="已有管理员"):
        run(capsys, *TOP)

    assert (User.objects.count(), AccessCode.objects.count()) == (3, 3)


def test_one_person_is_not_two_of_them(capsys):
    for options in (
        ("--security", "sysadmin", "王二"),
        ("--security", "wang", "张一", "--system", "zhang", "张一"),
    ):
        with pytest.raises(CommandError, match="三个不同的人"):
            run(capsys, *TOP, *options)

    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--code", "JTJ"), "请用 --organization"),
        ((*TOP, "--audit", " ", "李三"), "不能为空"),
        ((*TOP, "--audit", "a" * 51, "李三"), "太长"),
        (("--organization", "局", "--code", "X" * 21), "太长"),
    ],
)
def test_what_will_not_do_is_said(capsys, options, words):
    with pytest.raises(CommandError, match=words):
        run(capsys, *options)


def test_an_organization_that_is_there_is_used_and_a_taken_account_said(capsys):
    top = OrganizationFactory(name="市水利局党组", code="SLJ", kind="committee")
    UserFactory(username="sysadmin")

    with pytest.raises(CommandError, match="“sysadmin”已被使用"):
        run(capsys, "--code", "SLJ")
    run(capsys, "--code", "SLJ", "--system", "root1", "张一")

    assert set(Duty.objects.values_list("organization", flat=True)) == {top.pk}


def test_there_is_no_superuser_and_no_admin_site():
    fields = {field.name for field in User._meta.get_fields()}  # noqa: SLF001 -- public to Django

    assert fields & {"is_superuser", "is_staff", "groups", "user_permissions"} == set()
    assert not hasattr(User(), "has_perm")
    assert "admin" not in get_resolver().namespace_dict
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")
    assert not hasattr(User.objects, "create_superuser")
