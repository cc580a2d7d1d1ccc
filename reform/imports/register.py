"""The register of people and the tree, looked up once, for a workbook to be matched with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from pypinyin import lazy_pinyin

from reform.actions.people_imports import Entry
from reform.models import Duty, DutyProposal, Organization, Role, User
from reform.text import fold

STEPS = re.compile(r"\s*[/／>＞›→]\s*")
SHOWN = 3  # organizations named when several fit


@dataclass
class Register:
    places: dict[str, list[Organization]]
    above: dict[str, Organization]  # by path
    members: dict[tuple[str, int], list[Duty]]
    accounts: dict[str, User]
    held: set[tuple[int, int, str]]  # user, organization, role: held or waiting to be confirmed
    by: User  # who imports: nothing of his own is his to change
    seen: dict[tuple[str, int], int] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, *, on: date, by: User) -> Self:
        organizations = list(Organization.objects.in_force(on).official_order())
        places: dict[str, list[Organization]] = {}
        for place in organizations:
            for word in {fold(place.name), fold(place.short_name), fold(place.code)} - {""}:
                places.setdefault(word, []).append(place)
        duties = Duty.objects.in_force_between(on, None)
        members: dict[tuple[str, int], list[Duty]] = {}
        for duty in duties.filter(role=Role.MEMBER).select_related("user"):
            members.setdefault((duty.user.name, duty.organization_id), []).append(duty)
        keys = ("user", "organization", "role")
        waiting = DutyProposal.objects.waiting().values_list(*keys)
        return cls(
            places=places,
            above={place.path: place for place in organizations},
            members=members,
            accounts={user.username: user for user in User.objects.exclude(username=None)},
            held={*duties.exclude(role=Role.MEMBER).values_list(*keys), *waiting},
            by=by,
        )

    # ---- organizations

    def place(self, written: str) -> tuple[Organization | None, str]:
        """Return the organization meant by a name, short name, code, or “上级/本级”; or why not."""
        *over, last = [fold(step) for step in STEPS.split(written)]
        if not last:
            return None, "请填写单位。"
        found = [place for place in self.places.get(last, ()) if self._lies_below(place, over)]
        if len(found) == 1:
            return found[0], ""
        if not found:
            return None, f"没有找到单位“{written[:40]}”，请写全称、简称或代码。"
        shown = "、".join(self._lineage(place) for place in found[:SHOWN])
        return None, f"有{len(found)}个单位符合，请写上级，例如：{shown}。"

    def _lies_below(self, place: Organization, over: list[str]) -> bool:
        """Whether the words name organizations above `place`, in order, gaps allowed."""
        lineage = iter(self.above[path] for path in place.lineage[:-1] if path in self.above)
        return all(
            any(word in {fold(one.name), fold(one.short_name), fold(one.code)} for one in lineage)
            for word in over
        )

    def _lineage(self, place: Organization) -> str:
        upper = self.above.get(place.lineage[-2]) if place.depth > 1 else None
        return f"{upper.short_name or upper.name}/{place.name}" if upper else place.name

    # ---- people

    def account_for(self, entry: Entry) -> str:
        """Return the account of whoever is meant, else a new one made of the name's sounds."""
        assert entry.organization is not None  # noqa: S101 -- matched before
        for duty in self.members.get((entry.name, entry.organization.pk), ()):
            if duty.user.username:
                return duty.user.username
        letters = "".join(lazy_pinyin(entry.name))
        stem = "".join(letter for letter in letters if letter.isascii() and letter.isalnum())
        stem = stem.lower()[:40] or "user"
        number, name = 1, stem if len(stem) > 1 else f"{stem}1"
        while name in self.accounts or name in self.given:
            number += 1
            name = f"{stem}{number}"
        return name

    def match(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """Say whom an entry means, and what it changes of him; yield (column, fault)."""
        assert entry.organization is not None  # noqa: S101 -- matched before
        key = (entry.name, entry.organization.pk)
        homes = self.members.get(key, [])
        holder = self.accounts.get(entry.username) if entry.username else None
        if holder is not None:
            homes = [duty for duty in homes if duty.user_id == holder.pk]
            if not homes:
                yield (
                    "username",
                    f"账号“{entry.username}”已是{holder}的，请换一个或核对姓名、单位。",
                )
                return
        if len(homes) > 1:
            yield "name", "该单位有多名同名人员，请填写账号以便区分。"
            return
        yield from self._twice(entry, key, homes)
        if homes:
            yield from self._change(entry, homes[0])
        if entry.username:
            self.given.add(entry.username)
        entry.roles = tuple(role for role in entry.roles if not self._has(entry, role))
        yield from self._own(entry)

    def _own(self, entry: Entry) -> Iterator[tuple[str, str]]:
        """Nobody proposes for himself (SOD-10) nor changes what the register says of him."""
        if entry.user is None or entry.user.person_id != self.by.person_id:
            return
        if entry.roles:
            yield "roles", "不能给自己（包括本人的其他账号）提出职责，请由另一名管理员办理。"
        if entry.changes:
            yield "name", "本人的信息请由另一名系统管理员修改，请删去这一行或改回原样。"

    def _twice(
        self, entry: Entry, key: tuple[str, int], homes: list[Duty]
    ) -> Iterator[tuple[str, str]]:
        """Two rows may be two people of one name only when each has an account of his own."""
        if entry.username and entry.username in self.given:
            yield "username", f"表中账号“{entry.username}”写了两次。"
            return
        first = self.seen.setdefault(key, entry.line)
        if first != entry.line and not (entry.username and not homes):
            yield "name", f"与第{first}行重复（同名同单位）。确有同名的，请各写账号。"

    def _change(self, entry: Entry, home: Duty) -> Iterator[tuple[str, str]]:
        """Empty cells change nothing; an account, once there, is not changed by a workbook."""
        user = entry.user = home.user
        entry.home = home
        if not user.is_active:
            yield "name", "该人员已停用，请先恢复再导入。"
        if user.username and entry.username not in {"", user.username}:
            yield "username", f"“{user}”已有账号{user.username}，与表中不一致。"
        facts = {"post": entry.post, "phone": entry.phone}
        entry.changes = {
            column: value
            for column, value in facts.items()
            if value not in {"", getattr(user, column)}
        }
        if home.home and entry.place is not None and entry.place != home.place:
            entry.changes["place"] = entry.place
        if entry.username and not user.username:
            entry.changes["username"] = entry.username

    def _has(self, entry: Entry, role: Role) -> bool:
        assert entry.organization is not None  # noqa: S101 -- matched before
        user = entry.user
        return user is not None and (user.pk, entry.organization.pk, role) in self.held

    def roles_left_out(self, entry: Entry) -> Iterator[str]:
        if entry.principal and Role.LEADER not in entry.roles and not entry.user:
            yield "写了“主要负责人”，但职责里没有“领导”，未作为职责导入。"
        if entry.fields and Role.LEADER not in entry.roles and not entry.user:
            yield "写了分管单位，但职责里没有“领导”，未作为职责导入。"
