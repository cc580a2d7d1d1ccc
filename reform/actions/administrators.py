"""The first three accounts (三员): system, security and audit administrator, three people."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from reform.actions import access_codes, organizations, trail, users
from reform.errors import Refused
from reform.models import ADMINISTRATORS, AccessCode, Act, Duty, Organization, Role, User

INVITE = AccessCode.Purpose.INVITE


@dataclass(frozen=True)
class Named:
    """Who is to be which administrator."""

    role: Role
    username: str
    name: str


@transaction.atomic
def create(
    three: list[Named], *, organization: str, code: str, on: date, at: datetime
) -> list[tuple[User, Role, str]]:
    """Make the three accounts at the top organization, and return each with its one-time code.

    Once, from the shell of the machine, where nobody is signed in. Raises Refused when there is an
    administrator already, or two of the three are one account or one name.
    """
    if Duty.objects.filter(role__in=ADMINISTRATORS).exists():
        raise Refused("已有管理员，不能再用本命令建立。忘记密码，请系统管理员发放重置码。")
    if len({one.username for one in three}) < 3 or len({one.name for one in three}) < 3:
        raise Refused("三个管理员须由三个不同的人担任，账号和姓名不能相同。")
    taken = User.objects.filter(username__in=[one.username for one in three])
    if taken.exists():
        raise Refused(f"账号“{taken[0].username}”已被使用，请换一个。")
    top = Organization.objects.filter(code=code).first()
    if top is None and not organization:
        raise Refused("还没有这个代码的党组织，请用 --organization 给出最上级党组织的名称。")
    kind = Organization.Kind.COMMITTEE
    top = top or organizations.create(name=organization, code=code, kind=kind)
    return [_make(one, top, on, at) for one in three]


def _make(one: Named, top: Organization, on: date, at: datetime) -> tuple[User, Role, str]:
    user = users.create(username=one.username, name=one.name, post=one.role.label)
    users.give_duty(user, role=one.role, organization=top, since=on)
    say = f"{user}（{one.role.label}）"
    trail.record(Act.ADMINISTRATOR_MADE, user, by=None, at=at, say=say, unknown="命令行")
    return user, one.role, access_codes.issue(user, purpose=INVITE, by=None, at=at)
