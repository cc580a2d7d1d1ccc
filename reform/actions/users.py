"""People and their duties."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from reform.errors import Refused
from reform.models import ADMINISTRATORS, Delegation, Duty, DutyField, Organization, Role, User
from reform.models.user import UNPLACED

DAY = timedelta(days=1)


def create(
    *, username: str | None, name: str, password: str | None = None, post: str = "", phone: str = ""
) -> User:
    """Add a person. Without `password` nobody can sign in with the account yet; without a
    `username` the person has no account, and is a name on the register."""
    with unless_taken(username or ""):
        return User.objects.create_user(username, password, name=name, post=post, phone=phone)


@contextmanager
def unless_taken(username: str) -> Iterator[None]:
    """Refuse in a sentence an account that somebody else made since we looked."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not User.objects.filter(username=username).exists():
            raise
        raise Refused(f"账号“{username}”刚刚被使用，请换一个。") from error


def hold(*asked: User) -> list[User]:
    """Lock these accounts and the first account of each one's person; return them as they are now.

    What a person may hold is asked of all his accounts (SOD-09): two who grant to two of them at
    once come one after the other. Always in the order of keys, so that nobody waits in a circle.
    """
    keys = {key for user in asked for key in (user.pk, user.person_id)}
    rows = User.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    now = {row.pk: row for row in rows}
    found = [now[user.pk] for user in asked]
    # Joined to another person since we looked: his first account is not ours yet.
    return found if keys >= {user.person_id for user in found} else hold(*found)


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
    (user,) = hold(user)
    others = list(
        Duty.objects.filter(user__in=User.objects.of_person(user)).in_force_between(since, until)
    )
    _refuse_mixing(user, role, others)
    if role in ADMINISTRATORS:
        _refuse_standing_in(user, role, since)
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


def mark(
    duty: Duty, *, principal: bool | None = None, unit_admin: bool | None = None, on: date
) -> None:
    """Change the marks of a duty; who answers for everything below has no field any more."""
    duty.principal = duty.principal if principal is None else principal
    duty.unit_admin = duty.unit_admin if unit_admin is None else unit_admin
    duty.save(update_fields=["principal", "unit_admin"])
    if not duty.principal:
        return
    fields = DutyField.objects.filter(duty=duty, kind=DutyField.Kind.FIELD)
    fields.filter(since__gte=on).delete()
    fields.filter(Q(until=None) | Q(until__gte=on)).update(until=on - DAY)


def _refuse_standing_in(user: User, role: Role, since: date) -> None:
    """Nor does he hold anything for somebody on leave: SOD-09 counts what one may do."""
    given = Delegation.objects.not_over(since).filter(delegate__in=User.objects.of_person(user))
    if given.exists():
        raise Refused(f"“{user}”正受托代行他人职责，请先结束委托，再任{role.label}。")


def _refuse_mixing(user: User, role: Role, others: list[Duty]) -> None:
    """SOD-09: at most one of the three administrators, and then nothing else but membership."""
    roles = {duty.role for duty in others} - {Role.MEMBER}
    administers = roles & set(ADMINISTRATORS)
    if role in ADMINISTRATORS and roles - {role}:
        raise Refused(f"“{user}”已有其他职责，不能再任{role.label}。")
    if administers and role not in {*administers, Role.MEMBER}:
        raise Refused(f"“{user}”是{Role(administers.pop()).label}，不能再任{role.label}。")


def refuse_last(duty: Duty, *, on: date, word: str) -> None:
    """Without the last of one of the three administrators nobody could do his work again.

    Somebody else must hold the same without a last day: who is there until Friday leaves nobody
    on Saturday, and nobody is asked then.
    """
    if duty.role not in ADMINISTRATORS:
        return
    held = Duty.objects.in_force(on).filter(role=duty.role)
    # Of two who take away one another's, the second waits, and finds himself the last.
    list(held.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    others = held.filter(user__in=_able().exclude(pk__in=User.objects.of_person(duty.user)))
    if others.filter(until=None).exists():
        return
    kind, dated = duty.get_role_display(), others.order_by("-until").first()
    if dated is not None:
        raise Refused(
            f"除“{duty.user}”外，{kind}只有“{dated.user}”，且任期到{dated.until:%Y-%m-%d}为止，"
            f"到期就没有{kind}了。请先由他人长期接任再{word}。"
        )
    raise Refused(f"“{duty.user}”是唯一的{kind}，请先由他人接任再{word}。")


def _able() -> QuerySet[User]:
    return User.objects.active().exclude(username=None)


def last_days(on: date) -> dict[Role, date]:
    """Return which of the three administrators run out, with the last day on which there is one;
    where there is none today, the day before."""
    held = Duty.objects.in_force_between(on, None).filter(role__in=ADMINISTRATORS)
    rows = held.filter(user__in=_able()).order_by("since").values_list("role", "since", "until")
    covered: dict[str, date | None] = dict.fromkeys(ADMINISTRATORS, on - DAY)
    for role, since, until in rows:
        last = covered[role]
        if last is not None and since <= last + DAY:
            covered[role] = None if until is None else max(until, last)
    return {Role(role): last for role, last in covered.items() if last is not None}
