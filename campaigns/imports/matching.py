"""What stands by name in a table or a form of assignments, matched with the campaign's own."""

import re
from dataclasses import dataclass, field

from campaigns.actions.weekly_plans import taking_part
from campaigns.models import Campaign, Clause, Stage
from reform.models import Actor, Duty, Organization, User
from reform.text import fold

SEVERAL = re.compile(r"[、，,；;\n]+")
STEPS = re.compile(r"\s*[/／>＞›→]\s*")
SHOWN = 3  # organizations named when several fit


@dataclass
class Matcher:
    """Looks each name up once; all of it in what takes part in the campaign on the day."""

    campaign: Campaign
    by: Actor
    _places: dict[str, list[Organization]] = field(default_factory=dict)
    _people: dict[tuple[str, int], User | None] = field(default_factory=dict)
    _lists: dict[str, list] = field(default_factory=dict)

    def place(self, written: str) -> tuple[Organization | None, str]:
        """Return the organization meant by a name, short name, code, or “上级/本级”; or why not."""
        *above, name = [part for part in STEPS.split(written.strip()) if part] or [""]
        if not name:
            return None, "请填写单位。"
        found = self._called(name)
        if above:
            found = [place for place in found if above[-1] in _names(place.parent)]
        if len(found) == 1:
            return found[0], ""
        if not found:
            return None, f"参加单位中没有“{written[:40]}”，请写全称、简称或代码。"
        shown = "、".join(f"{place.parent}/{place}" if place.parent else str(place)
                         for place in found[:SHOWN])  # fmt: skip
        return None, f"有{len(found)}个单位叫“{written[:40]}”，请写上级，例如：{shown}。"

    def places(self, written: str) -> tuple[list[Organization], str]:
        """Return the organizations of a list of names, and the names that stand for no single one
        (各党支部), which are kept as text."""
        found: list[Organization] = []
        rest = []
        for name in filter(None, (part.strip() for part in SEVERAL.split(written))):
            place, _why = self.place(name)
            if place is None:
                rest.append(name)
            elif place not in found:
                found.append(place)
        return found, "、".join(rest)

    def _called(self, name: str) -> list[Organization]:
        if name not in self._places:
            rows = taking_part(self.campaign, on=self.by.on).called(name)
            self._places[name] = list(rows.select_related("parent")[:20])
        return self._places[name]

    def person(self, name: str, organization: Organization | None) -> User | None:
        """Return who is meant by one name, where it is one person's: of the organization, else of
        the whole tree."""
        plain = "".join(name.split())
        key = (plain, organization.pk if organization else 0)
        if key not in self._people:
            self._people[key] = self._person(plain, organization)
        return self._people[key]

    def _person(self, name: str, organization: Organization | None) -> User | None:
        if not name:
            return None
        rows = User.objects.active().filter(name=name)
        if organization is not None:
            held = Duty.objects.in_force(self.by.on).filter(organization=organization)
            here = list(rows.filter(pk__in=held.values("user"))[:2])
            if len(here) == 1:
                return here[0]
        everybody = list(rows[:2])
        return everybody[0] if len(everybody) == 1 else None

    def stage(self, title: str) -> Stage | None:
        wanted = fold(title)
        return next((row for row in self.stages if fold(row.title) == wanted), None)

    @property
    def stages(self) -> list[Stage]:
        if "stages" not in self._lists:
            self._lists["stages"] = list(self.campaign.stages.all())
        return self._lists["stages"]

    def clause(self, written: str) -> tuple[Clause | None, str]:
        """Return the clause meant by its short name or its number; or why not."""
        if "clauses" not in self._lists:
            self._lists["clauses"] = list(self.campaign.clauses.all())
        wanted = _plain(written)
        rows = self._lists["clauses"]
        found = [row for row in rows if _plain(str(row)) == wanted]
        found = found or [row for row in rows if row.number and _plain(row.number) == wanted]
        if len(found) == 1:
            return found[0], ""
        if found:
            return (
                None,
                f"有{len(found)}条的条款号是“{written[:20]}”，请连同依据一起写，例如：{found[0]}。",
            )
        return None, f"登记的方案条款中没有“{written[:30]}”，请先登记条款或改正。"


def _plain(text: str) -> str:
    """What is compared of the number of a clause: its brackets count, its blanks do not."""
    return "".join(text.replace("(", "（").replace(")", "）").split())


def _names(place: Organization | None) -> set[str]:
    return {place.name, place.short_name, place.code} if place else set()
