"""Undoing an import of people (撤销导入): the register as it was before, or nothing at all.

Only while nobody has done anything on the strength of it. Who came with the import is taken off;
who was on the register before gets back what the workbook changed of him.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ManyToOneRel, QuerySet

from reform import policy
from reform.actions import access_codes, attachments, people, trail
from reform.errors import Refused
from reform.models import (
    AccessCode,
    Act,
    Actor,
    Duty,
    DutyProposal,
    Notice,
    PeopleImport,
    Role,
    SignInFailure,
    User,
)

SHOWN = 10  # people named in a refusal
# What an import itself brings, and what somebody gets without doing anything.
BROUGHT = (
    Duty,
    DutyProposal,
    Notice,
    AccessCode,
    SignInFailure,
    PeopleImport.newcomers.through,
)


@transaction.atomic
def undo(row: PeopleImport, *, reason: str, by: Actor, at: datetime) -> None:
    """Take an import back, and its workbook with it; Refused names who stands against it."""
    policy.require(by, "user.import")
    found = PeopleImport.objects.select_for_update().filter(pk=row.pk).first()
    if found is None or found.state != PeopleImport.State.KEPT:
        raise Refused("这次导入没有保存过，或已经撤销，请刷新页面查看。")
    # FOR UPDATE: who would point at one of them meanwhile waits, and finds him gone.
    list(_all_of(found).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    if against := obstacles(found):
        raise Refused(in_words(against))
    added, proposals = list(_added(found)), _proposals(found)
    withdrawn = proposals.count()
    proposals.delete()
    changed = [_give_back(user, found, by=by, at=at) for user in _changed(found)]
    say = [f"{user}（撤销导入）" for user in added]
    trail.record_many(Act.USER_TAKEN_OFF, added, by=by, at=at, say=say)
    User.objects.filter(pk__in=[user.pk for user in added]).delete()
    figures = f"取消登记{len(added)}人，恢复{len(changed)}人，撤回待确认职责{withdrawn}项"
    trail.record(Act.PEOPLE_UNDONE, found, by=by, at=at, say=f"{found}（{figures}；{reason}）")
    attachment = found.attachment
    found.delete()
    transaction.on_commit(lambda: attachments.drop(attachment))


def obstacles(row: PeopleImport) -> list[tuple[str, str]]:
    """Return who has acted, signed in or been named since: (person, what), in official words."""
    if "people" not in row.result:
        return [("这次导入", "是系统升级以前办的，没有记下改动，不能整批撤销")]
    added = list(_added(row))
    why = {user.pk: words for user in added if (words := _used(user))}
    for pks, words in _held(added, row):
        for pk in pks:
            why.setdefault(pk, words)
    gone = set(row.result["people"]) - {user.pk for user in added}
    found = [(user.name, why[user.pk]) for user in added if user.pk in why]
    opened = [user for user in _changed(row) if "username" in _before(row, user)]
    found += [(user.name, words) for user in opened if (words := _used(user))]
    return [*found, *([("名册", f"已少了{len(gone)}人")] if gone else [])]


def in_words(against: Sequence[tuple[str, str]]) -> str:
    names = "；".join(f"{name}：{words}" for name, words in against[:SHOWN])
    more = f"；等{len(against)}项" if len(against) > SHOWN else ""
    return (
        f"不能整批撤销，因为导入以后已有变化——{names}{more}。请在人员页逐个停用、修改或结束职责。"
    )


# ---------------------------------------------------------------- whom and what it brought


def _all_of(row: PeopleImport) -> QuerySet[User]:
    keys = {*row.result.get("people", ()), *map(int, row.result.get("before", {}))}
    return User.objects.filter(pk__in=keys)


def _added(row: PeopleImport) -> QuerySet[User]:
    return User.objects.filter(pk__in=row.result["people"]).order_by("pk")


def _changed(row: PeopleImport) -> QuerySet[User]:
    keys = map(int, row.result.get("before", {}))
    return User.objects.filter(pk__in=list(keys)).order_by("pk")


def _before(row: PeopleImport, user: User) -> dict[str, list[Any]]:
    return row.result["before"].get(str(user.pk), {})


def _proposals(row: PeopleImport) -> QuerySet[DutyProposal]:
    return DutyProposal.objects.waiting().filter(pk__in=row.result["proposals"])


# ---------------------------------------------------------------- what stands against it


def _used(user: User) -> str:
    if user.last_login or user.password_set_at or user.has_usable_password():
        return "已设置密码或登录"
    return "" if user.is_active else "已停用"


def _held(added: Sequence[User], row: PeopleImport) -> Iterable[tuple[set[int], str]]:
    """Yield whose keys stand anywhere else than the import put them."""
    keys = [user.pk for user in added]
    duties = Duty.objects.filter(user__in=keys).order_by()
    membership = duties.filter(role=Role.MEMBER, home=True, until=None)
    mine = dict(membership.values_list("user", "pk"))
    others = duties.exclude(pk__in=mine.values())
    yield {*others.values_list("user", flat=True), *(set(keys) - set(mine))}, "职责或隶属已有变动"
    asked = DutyProposal.objects.filter(user__in=keys).exclude(pk__in=_proposals(row).values("pk"))
    yield set(asked.values_list("user", flat=True)), "提出的职责已经办理或另有提出"
    for table, name in _pointing_at_people():
        named = table._base_manager.filter(**{f"{name}__in": keys})  # noqa: SLF001 -- sees every row
        yield set(named.order_by().values_list(name, flat=True)), "已办理过事项，或已被写进材料"


def _pointing_at_people() -> Iterable[tuple[Any, str]]:
    """Return (table, column) of all that points at a person, on whatever floor it lies."""
    for relation in User._meta.get_fields(include_hidden=True):  # noqa: SLF001 -- its public road
        if isinstance(relation, ManyToOneRel) and relation.related_model not in BROUGHT:
            yield relation.related_model, relation.field.name


# ---------------------------------------------------------------- putting back


def _give_back(user: User, row: PeopleImport, *, by: Actor, at: datetime) -> User:
    """What the workbook wrote and nobody has changed since."""
    before = _before(row, user)
    home = people.home_of(user, by.on)
    now = {"post": user.post, "phone": user.phone, "place": home.place if home else None}
    was = {key: old for key, (old, new) in before.items() if now.get(key) == new}
    if was:
        people.edit(
            user,
            name=user.name,
            post=was.get("post", user.post),
            phone=was.get("phone"),
            place=was.get("place"),
            by=by,
            at=at,
        )
    if "username" in before:
        username, user.username = user.username, None
        user.save(update_fields=["username"])
        access_codes.withdraw(user, at=at)
        say = f"{user}（撤销导入，账号{username}取消）"
        trail.record(Act.USER_CHANGED, user, by=by, at=at, say=say)
    return user
