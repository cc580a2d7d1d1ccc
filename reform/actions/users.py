"""People and their duties."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from reform.errors import Refused
from reform.models import ADMINISTRATORS, Duty, DutyField, Organization, Role, User
from reform.models.user import UNPLACED


def create(
    *, username: str | None, name: str, password: str | None = None, post: str = "", phone: str = ""
) -> User:
    """Add a person. Without `password` nobody can sign in with the account yet; without a
    `username` the person has no account, and is a name on the register."""
    return User.objects.create_user(username, password, name=name, post=post, phone=phone)


@transaction.atomic
def give_duty(
    user: User,
    *,
    role: Role,
    organization: Organization,
    since: date,
    until: date | None = None,
    home: bool = False,
    principal: bool = False,
    unit_admin: bool = False,
    place: int = UNPLACED,
    fields: Iterable[Organization] = (),
) -> Duty:
    """Give `user` a role at an organization from a day on.

    Raises Refused when it would mix an administrator's role with another (SOD-09), or give a
    second home for the same days.
    """
    others = list(
        Duty.objects.filter(user__in=User.objects.of_person(user)).in_force_between(since, until)
    )
    _refuse_mixing(user, role, others)
    if home and any(duty.home for duty in others):
        raise Refused(f"“{user}”在这段时间已有主要隶属的党组织。")
    duty = Duty.objects.create(
        user=user,
        role=role,
        organization=organization,
        since=since,
        until=until,
        home=home,
        principal=principal,
        unit_admin=unit_admin,
        place=place,
    )
    DutyField.objects.bulk_create(
        DutyField(duty=duty, organization=organization, since=since, until=until)
        for organization in dict.fromkeys(fields)
    )
    return duty


def _refuse_mixing(user: User, role: Role, others: list[Duty]) -> None:
    """SOD-09: at most one of the three administrators, and then nothing else but membership."""
    roles = {duty.role for duty in others} - {Role.MEMBER}
    administers = roles & set(ADMINISTRATORS)
    if role in ADMINISTRATORS and roles - {role}:
        raise Refused(f"“{user}”已有其他职责，不能再任{role.label}。")
    if administers and role not in {*administers, Role.MEMBER}:
        raise Refused(f"“{user}”是{Role(administers.pop()).label}，不能再任{role.label}。")
