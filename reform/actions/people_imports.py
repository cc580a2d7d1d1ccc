"""Imports of people (人员导入): taken in, kept all or nothing, first codes handed out once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from reform import policy
from reform.actions import attachments, duties, people, trail
from reform.errors import Refused
from reform.models import (
    Act,
    Actor,
    Attachment,
    Duty,
    DutyProposal,
    Organization,
    PeopleImport,
    Role,
    User,
)
from reform.models.user import UNPLACED


@dataclass
class Entry:
    """One row of the workbook, matched: whom it means, and what it brings."""

    line: int
    name: str
    organization: Organization | None = None
    username: str = ""  # the account to open; empty opens none
    post: str = ""
    phone: str = ""
    place: int | None = None
    roles: tuple[Role, ...] = ()
    principal: bool = False
    fields: tuple[Organization, ...] = ()
    user: User | None = None  # already on the register
    home: Duty | None = None  # his membership there
    changes: dict[str, Any] = field(default_factory=dict)  # of him: column → new value

    @property
    def is_new(self) -> bool:
        return self.user is None


@transaction.atomic
def receive(attachment: Attachment, *, by: Actor, at: datetime) -> PeopleImport:
    policy.require(by, "user.import")
    row = PeopleImport.objects.create(attachment=attachment, by=by.user, at=at)
    trail.record(Act.PEOPLE_UPLOADED, row, by=by, at=at)
    return row


@transaction.atomic
def discard(row: PeopleImport, *, by: Actor, at: datetime) -> None:
    """Take away a workbook that was not kept; the register is as it was."""
    row = opened(row, by=by)
    trail.record(Act.PEOPLE_DISCARDED, row, by=by, at=at)
    attachment = row.attachment
    row.delete()
    transaction.on_commit(lambda: attachments.drop(attachment))


def opened(row: PeopleImport, *, by: Actor) -> PeopleImport:
    """Return the import, locked, if it is still to be kept."""
    policy.require(by, "user.import")
    found = PeopleImport.objects.select_for_update().filter(pk=row.pk).first()
    if found is None or found.state != PeopleImport.State.READ:
        raise Refused("这次导入已经办理，请刷新页面查看结果。")
    return found


@transaction.atomic
def keep(row: PeopleImport, entries: Sequence[Entry], *, by: Actor, at: datetime) -> PeopleImport:
    """Put everybody on the register: people and memberships at once, duties as proposals.

    The caller has checked each entry; a name that was taken meanwhile undoes all of it.
    """
    row = opened(row, by=by)
    added = _add([entry for entry in entries if entry.is_new], by=by, at=at)
    changed = [entry for entry in entries if not entry.is_new and entry.changes]
    before = dict(_before(entry) for entry in changed)
    for entry in changed:
        _change(entry, by=by, at=at)
    proposals = [pk for entry in entries for pk in _propose(entry, by=by, at=at)]
    proposed = len(proposals)
    opened_ = [entry.user for entry in changed if "username" in entry.changes]
    row.newcomers.set([user for user in (*added, *opened_) if user and user.has_account])
    row.state, row.kept_at = PeopleImport.State.KEPT, at
    row.result = {"added": len(added), "changed": len(changed), "proposed": proposed}
    row.result |= {
        "people": [user.pk for user in added],
        "proposals": proposals,
        "before": before,
    }
    row.save(update_fields=["state", "kept_at", "result"])
    say = f"{row}（新增{len(added)}人，更新{len(changed)}人，待确认职责{proposed}项）"
    trail.record(Act.PEOPLE_IMPORTED, row, by=by, at=at, say=say)
    if proposed:
        words = f"导入人员带来{proposed}项"
        duties.tell_waiting(words, key=f"people-import:{row.pk}", by=by, at=at)
    return row


def _add(entries: Sequence[Entry], *, by: Actor, at: datetime) -> list[User]:
    """A thousand people in a few statements."""
    made = [
        User(
            username=entry.username or None,
            name=entry.name,
            post=entry.post,
            phone=entry.phone,
        )
        for entry in entries
    ]
    for entry, user in zip(entries, made, strict=True):
        user.set_unusable_password()
        entry.user = user
    taken = User.objects.filter(username__in=[user.username for user in made if user.username])
    if name := taken.values_list("username", flat=True).first():
        raise Refused(f"账号“{name}”刚刚被使用，请刷新后再导入。")
    try:
        with transaction.atomic():
            User.objects.bulk_create(made, batch_size=500)
    except IntegrityError as error:
        raise Refused("名单中的账号刚刚有人使用，请刷新后再导入。") from error
    Duty.objects.bulk_create(
        (
            Duty(
                user=entry.user,
                organization=entry.organization,
                role=Role.MEMBER,
                since=by.on,
                home=True,
                place=UNPLACED if entry.place is None else entry.place,
            )
            for entry in entries
        ),
        batch_size=500,
    )
    say = [f"{entry.name}（{entry.organization}，导入）" for entry in entries]
    trail.record_many(Act.USER_CREATED, made, by=by, at=at, say=say)
    return made


def _before(entry: Entry) -> tuple[str, dict[str, list[Any]]]:
    """What stands where the workbook writes, and what it writes: read when it is undone."""
    assert entry.user is not None  # noqa: S101 -- an entry that changes somebody has found him
    now = {"place": entry.home.place if entry.home else None}
    was = {column: now.get(column, getattr(entry.user, column, None)) for column in entry.changes}
    return str(entry.user.pk), {
        column: [was[column], value] for column, value in entry.changes.items()
    }


def _change(entry: Entry, *, by: Actor, at: datetime) -> None:
    user, changes = entry.user, dict(entry.changes)
    assert user is not None  # noqa: S101 -- an entry that changes somebody has found him
    if (username := changes.pop("username", "")) and not user.has_account:
        people.open_account(user, username=username, by=by, at=at)
        user.username = username
    if changes:
        people.edit(
            user,
            name=user.name,
            post=changes.get("post", user.post),
            phone=changes.get("phone"),
            place=changes.get("place"),
            by=by,
            at=at,
        )


def _propose(entry: Entry, *, by: Actor, at: datetime) -> Iterator[int]:
    assert entry.user is not None  # noqa: S101 -- everybody is on the register by now
    assert entry.organization is not None  # noqa: S101
    for role in entry.roles:
        leads = role == Role.LEADER
        proposal = duties.propose(
            entry.user,
            role=role,
            organization=entry.organization,
            since=by.on,
            principal=entry.principal and leads,
            fields=entry.fields if leads and not entry.principal else (),
            origin=DutyProposal.Origin.IMPORT,
            by=by,
            at=at,
        )
        yield proposal.pk


@transaction.atomic
def hand_codes(row: PeopleImport, *, by: Actor, at: datetime) -> list[people.Slip]:
    """Issue the first codes of the new accounts, once; who has signed in meanwhile needs none."""
    policy.require(by, "user.reset")
    row = PeopleImport.objects.select_for_update().get(pk=row.pk)
    if row.codes_at is not None:
        raise Refused("登录码只能下载一次，已经下载过。个别遗失的，请在人员页逐个重发。")
    users = row.newcomers.active().official_order(by.on)
    slips = [
        people.hand_code(user, by=by, at=at) for user in users if not user.has_usable_password()
    ]
    if not slips:
        raise Refused("没有需要发登录码的新账号。")
    row.codes_at = at
    row.save(update_fields=["codes_at"])
    trail.record(Act.CODES_HANDED_OUT, row, by=by, at=at, say=f"{row}（{len(slips)}人）")
    return slips
