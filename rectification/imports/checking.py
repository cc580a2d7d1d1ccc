"""What a ledger means here: whose rows, which people, what is on the ledger already.

Reading cells, checking meaning and keeping rows are three steps; this is the second. It writes
nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from campaigns.models import Campaign, Source
from campaigns.models.checklist import source_of
from rectification import policy
from rectification.actions import requirements
from rectification.actions.people import Directory
from rectification.actions.problems import fingerprint
from rectification.imports.checked import Checked, CheckedRow, Stranger, leaders_of
from rectification.imports.results import Fault, Reading, Row
from rectification.models import Problem
from reform.models import Actor, Organization, User

# What the ledger's columns hold at most: field of the row, its column, its words, characters.
LIMITS = (
    ("source", "source", "问题来源", 200),
    ("superior_number", "number", "上级编号", 60),
    ("due_text", "due", "整改时限", 100),
    ("leader", "leader", "责任领导", 40),
)


class Check:
    """Checks one reading for one organization and one actor, with few look-ups for many rows."""

    def __init__(
        self,
        reading: Reading,
        *,
        campaign: Campaign,
        organization: Organization,
        by: Actor,
        people: Mapping[str, int] | None = None,
    ) -> None:
        self.reading, self.campaign, self.organization, self.by = (
            reading,
            campaign,
            organization,
            by,
        )
        self.people = dict(people or {})
        self.slips: dict[tuple[int, str], list[User]] = {}
        self.sources = list(campaign.sources.all())
        self.meant: dict[str, Source | None] = {}
        self.directories: dict[int, Directory] = {}
        self.places: dict[str, Organization | str] = {}
        self.headings = {column.field: column.heading for column in reading.columns if column.field}

    def run(self) -> Checked:
        rows = [self._row(row) for row in self.reading.rows]
        self._mark_known(rows)
        faults = [*self.reading.faults, *self._of_the_title()]
        faults += [fault for row in rows for fault in (*row.errors, *row.warnings)]
        faults.sort(key=lambda fault: fault.line)
        return Checked(
            reading=self.reading,
            rows=rows,
            faults=faults,
            strangers=self._strangers(rows),
            lacks_source=any(row.will_be_kept and not row.row.source for row in rows),
            lacks_found_on=any(row.will_be_kept and not row.row.found_on for row in rows),
            directory=self.directory(self.organization),
        )

    def directory(self, place: Organization) -> Directory:
        if place.pk not in self.directories:
            self.directories[place.pk] = Directory.of(place, on=self.by.on)
        return self.directories[place.pk]

    # ------------------------------------------------------------ one row

    def _row(self, row: Row) -> CheckedRow:
        place, error, warning = self._place(row)
        checked = CheckedRow(row, place, self._source(row.source or ""))
        if self.people:
            checked.chosen = self.directory(place).chosen(self.people)
        checked.errors += [*error, *self._too_long(row), *self._not_yet(row)]
        checked.errors += self._not_ones_to_file(row, place)
        checked.warnings += [*warning, *self._unknown_people(row, place)]
        return checked

    def _source(self, words: str) -> Source | None:
        if words not in self.meant:
            self.meant[words] = source_of(words, self.sources)
        return self.meant[words]

    def _place(self, row: Row) -> tuple[Organization, list[Fault], list[Fault]]:
        """Whose row it is: the organization it names, where one may file for it."""
        if not row.unit or self._is_own(row.unit):
            return self.organization, [], []
        found = self._named(row.unit)
        if isinstance(found, Organization):
            return found, [], []
        fault = self._fault(row, "unit", row.unit, found)
        if found.startswith("!"):
            return self.organization, [replace(fault, level="error", message=found[1:])], []
        return self.organization, [], [fault]

    def _named(self, unit: str) -> Organization | str:
        """Return the organization meant, or a sentence; one that begins with ! is an error."""
        if unit not in self.places:
            self.places[unit] = self._look_up(unit)
        return self.places[unit]

    def _look_up(self, unit: str) -> Organization | str:
        rows = Organization.objects.in_force(self.by.on)
        found = list(rows.called(unit).official_order()[:20])
        # Who is called so today goes before who was once.
        found.sort(key=lambda place: unit not in {place.name, place.short_name})
        here = self.organization
        if not found:
            return f"没有名为“{unit}”的党组织，将登记在“{here}”名下；如不对，请先更正文件。"
        below = [place for place in found if here.covers(place.path)]
        place = (below or found)[0]
        if policy.may_here(self.by, "pb.import", place):
            return place
        if below:
            return f"“{unit}”在“{here}”下面，但您不能代其登记，将登记在“{here}”名下。"
        return f"!“{unit}”不在您的填报范围内，请删除这一行，或由该单位自行填报。"

    def _unknown_people(self, row: Row, place: Organization) -> Iterator[Fault]:
        directory = self.directory(place)
        for name in row.persons:
            if name not in self.people and (doubt := directory.doubt(name)):
                yield self._fault(row, "persons", name, doubt)
        for name in leaders_of(row):
            if name not in self.people and (slip := self._slip(place, name)):
                likely = "、".join(user.name for user in slip)
                what = f"没有名为“{name}”的领导，可能是{likely}；没有更正的，只按姓名记录。"
                yield self._fault(row, "leader", name, what)

    def _slip(self, place: Organization, name: str) -> list[User]:
        """Return the leaders that a leader's name nobody bears is likely a slip for.

        Leaders often have no account, so a name that is like none is no fault.
        """
        key = (place.pk, name)
        if key not in self.slips:
            directory = self.directory(place)
            known = name in directory.leaders
            self.slips[key] = [] if known else directory.near(name, leader=True)
        return self.slips[key]

    def _too_long(self, row: Row) -> Iterator[Fault]:
        for name, column, words, most in LIMITS:
            value = getattr(row, name) or ""
            if len(value) > most:
                message = f"{words}有{len(value)}个字，最多{most}个字，请缩短后再导入。"
                yield replace(self._fault(row, column, value, message), level="error")
        for name in (*row.persons, *row.departments):
            if len(name) > 40:
                message = f"“{name[:20]}…”超过40个字，请按“张三、李四”的写法分开。"
                yield replace(self._fault(row, "persons", name, message), level="error")

    def _not_ones_to_file(self, row: Row, place: Organization) -> Iterator[Fault]:
        personal = Problem.OwnerKind.PERSONAL
        if row.owner_kind == personal and not policy.may_file_personal(self.by, place):
            yield replace(
                self._fault(row, "owner_kind", "个人", requirements.PERSONAL), level="error"
            )

    def _not_yet(self, row: Row) -> Iterator[Fault]:
        if row.found_on and row.found_on > self.by.on:
            day = row.found_on.isoformat()
            what = f"发现日期{day}晚于今天，请更正文件。"
            yield replace(self._fault(row, "found_on", day, what), level="error")

    def _fault(self, row: Row, name: str, value: str, message: str) -> Fault:
        heading = self.headings.get(name, "")
        words = f"第{row.line}行“{heading}”：{message}" if heading else f"第{row.line}行：{message}"
        return Fault("warning", row.line, heading, value[:60], words)

    # ------------------------------------------------------------ the whole

    def _mark_known(self, rows: list[CheckedRow]) -> None:
        """Mark rows that stand on the ledger already, and those the file has twice."""
        marks = {fingerprint(row.row.problem): None for row in rows}
        same = Problem.objects.filter(
            campaign=self.campaign,
            organization__in={row.organization.pk for row in rows},
            fingerprint__in=list(marks),
        )
        known = {(problem.organization_id, problem.fingerprint): problem for problem in same}
        shown = set(same.visible_to(self.by).values_list("pk", flat=True)) if known else set()
        seen: dict[tuple[int, str], int] = {}
        for row in rows:
            key = (row.organization.pk, fingerprint(row.row.problem))
            row.already = known.get(key)
            if row.already:
                # Somebody's own problem is there for the importer too, but not which.
                row.readable = row.already.pk in shown
                which = f"台账中的{row.already}" if row.readable else "台账中已有的一条"
                message = f"与{which}内容相同，不再重复添加。"
                row.warnings.append(self._fault(row.row, "problem", row.row.problem, message))
            elif key in seen:
                message = f"与本文件第{seen[key]}行内容相同，请核对是否重复。"
                row.warnings.append(self._fault(row.row, "problem", row.row.problem, message))
            seen.setdefault(key, row.row.line)

    def _of_the_title(self) -> Iterator[Fault]:
        """Warn when the title or 填报单位 names another organization than the one chosen."""
        unit = self.reading.reporting_unit
        if unit and not self._is_own(unit) and isinstance(self._look_up_any(unit), Organization):
            yield Fault(
                "warning",
                1,
                "填报单位",
                unit,
                f"文件的填报单位是“{unit}”，您选的是“{self.organization}”，请核对。",
            )
            return
        title = self.reading.title or ""
        if unit or not title or any(name in title for name in self.own_names):
            return
        for name in self._siblings():
            if name in title:
                yield Fault(
                    "warning",
                    1,
                    "标题",
                    title[:60],
                    f"文件标题里是“{name}”，您选的是“{self.organization}”，请核对。",
                )
                return

    def _is_own(self, unit: str) -> bool:
        return unit == self.organization.name or unit in self.own_names

    @cached_property
    def own_names(self) -> set[str]:
        """Every name the organization goes by, also those it had before."""
        return set(self.organization.every_name())

    def _siblings(self) -> list[str]:
        """The names of organizations beside and below the one chosen."""
        here = self.organization
        near = Organization.objects.filter(parent__in=[here.pk, here.parent_id or 0])
        return list(near.exclude(pk=here.pk).values_list("name", flat=True)[:500])

    @staticmethod
    def _look_up_any(unit: str) -> Organization | None:
        return Organization.objects.called(unit).first()

    def _strangers(self, rows: list[CheckedRow]) -> list[Stranger]:
        """The names nobody here bears, in the order of the file."""
        names = [
            Stranger(name)
            for row in rows
            for name in row.row.persons
            if self.directory(row.organization).doubt(name)
        ]
        slips = [
            Stranger(name, leader=True)
            for row in rows
            for name in leaders_of(row.row)
            if self._slip(row.organization, name)
        ]
        return list({one.name: one for one in (*slips, *names)}.values())
