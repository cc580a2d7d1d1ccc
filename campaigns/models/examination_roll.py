"""Who has submitted an examination and who has not (谁已交、谁未交): states and names, no text.

Asked are those who belong to an organization: membership is how anybody belongs, Party member or
not (docs/decisions/0026). A draft is not told apart from nothing: it is its author's alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from campaigns.models.campaign import Campaign
from campaigns.models.checklist import Checklist
from campaigns.models.examination import Examination
from campaigns.models.stage import Excused, Stage
from campaigns.models.submission import Submission
from reform.models import Duty, Organization, Role

MISSING, WAITING, PAPER, RETURNED, ACCEPTED = "missing", "waiting", "paper", "returned", "accepted"
EXCUSED = "excused"
WORDS = {
    MISSING: "未交",
    EXCUSED: "免计",
    RETURNED: "退回修改",
    WAITING: "待审阅",
    PAPER: "待线下审阅",
    ACCEPTED: "已审阅",
}
Status = Examination.Status


@dataclass
class Line:
    """One organization: for each state the people, in official order."""

    organization: Organization
    people: dict[str, list[tuple[str, int | None]]] = field(
        default_factory=lambda: {state: [] for state in WORDS}
    )

    @property
    def asked(self) -> int:
        return sum(len(found) for state, found in self.people.items() if state != EXCUSED)

    def rows(self) -> list[tuple[str, str, list[tuple[str, int | None]]]]:
        """Return (state, word, people as (name, examination)) of the states that anybody is in."""
        return [(state, WORDS[state], found) for state, found in self.people.items() if found]


def belonging(on: date) -> QuerySet[Duty]:
    """Return the memberships by which people belong somewhere on a day: home, or the only kind
    there is where none is marked."""
    duties = Duty.objects.in_force(on)
    home = duties.filter(home=True, user=OuterRef("user"))
    here = Q(home=True) | ~Exists(home)
    rows = duties.filter(here, role=Role.MEMBER, user__is_active=True)
    return rows.filter(user__same_as=None)


def lacking(campaign: Campaign, *, on: date) -> QuerySet[Duty]:
    """Return the memberships, wherever they are, of those who have not submitted by each checklist
    of the campaign. What came back once was submitted: a return is between the two of them."""
    lists = Checklist.objects.filter(campaign=campaign, purpose=Checklist.Purpose.EXAMINATION)
    left = Q(pk__in=[])
    for checklist in lists:
        sent = Examination.objects.filter(checklist=checklist).exclude(status=Status.DRAFT)
        own = sent.filter(author=OuterRef("user"))
        second = sent.filter(author__same_as=OuterRef("user"))
        left |= ~Exists(own) & ~Exists(second)
    return belonging(on).filter(left)


def excused(checklist: Checklist, stage: Stage | None = None) -> Q:
    """Return the condition “excused from the stage” (免计) over memberships: the one given, or else
    the one that goes on; true of nobody where there is none."""
    stage = stage or Stage.objects.filter(campaign=checklist.campaign_id, status="open").first()
    if stage is None:
        return Q(pk__in=[])
    known = Excused(stage)
    return known.organizations() | known.persons("user")


def lines(checklist: Checklist, places: Sequence[Organization], *, on: date) -> list[Line]:
    """Return a line for each place, in their order: as many statements, however many there are.
    Who is excused and has submitted all the same is counted as anybody."""
    found = {place.pk: Line(place) for place in places}
    asked = belonging(on).filter(organization__in=list(found))
    is_excused = Case(When(excused(checklist), then=Value(True)), default=Value(False))
    people = list(
        asked.order_by("place", "user__name", "pk").values_list(
            "organization", "user", "user__name", is_excused
        )
    )
    states = _states(checklist, list(found), [person for _, person, *_ in people])
    told = set()
    for place, person, name, out in people:
        state, key, _, _ = states.get(person, (MISSING, None, 0, ""))
        if out and state == MISSING:
            state = EXCUSED
        found[place].people[state].append((name, key))
        told.add(person)
    for person, (state, key, place, name) in states.items():
        if person not in told and state != MISSING and place in found:  # has left since
            found[place].people[state].append((name, key))
    return list(found.values())


def _states(
    checklist: Checklist, places: list[int], people: list[int]
) -> dict[int, tuple[str, int, int, str]]:
    """Return person → (state, examination, place, name)."""
    rows = Examination.objects.filter(
        Q(organization__in=places) | Q(author__in=people) | Q(author__same_as__in=people),
        checklist=checklist,
    )
    paper = Exists(_on_paper()) | Q(paper_since__isnull=False)
    facts = rows.annotate(paper=paper).values_list(
        "author", "author__same_as", "pk", "organization", "author__name", "status", "paper"
    )
    return {
        first or author: (_state(status, paper), key, place, name)
        for author, first, key, place, name, status, paper in facts.order_by("pk")
    }


def _on_paper() -> QuerySet[Submission]:
    standing = Submission.objects.filter(examination=OuterRef("pk"), withdrawal=None, verdict=None)
    return standing.filter(Q(readers=[]) | Q(team_on_paper=True))


def _state(status: str, paper: bool) -> str:
    if status == Status.SUBMITTED:
        return PAPER if paper else WAITING
    return {Status.RETURNED: RETURNED, Status.ACCEPTED: ACCEPTED}.get(Status(status), MISSING)


def totals(
    checklist: Checklist, places: QuerySet[Organization], *, on: date
) -> tuple[int, Counter[str]]:
    """Return how many are asked in all places, and how many are in each status; who is excused
    and has not submitted is EXCUSED, and not asked."""
    here = places.order_by().values("pk")
    rows = Examination.objects.filter(checklist=checklist).exclude(status=Status.DRAFT).order_by()
    own = Q(author=OuterRef("user")) | Q(author__same_as=OuterRef("user"))
    members = belonging(on).filter(organization__in=here).order_by()
    out = members.filter(excused(checklist)).exclude(Exists(rows.filter(own)))
    left_out = out.values("user").distinct().count()
    asked = members.values("user").distinct().count() - left_out
    counts = rows.filter(organization__in=here).values_list("status").annotate(Count("pk"))
    return asked, Counter(dict(counts)) + Counter({EXCUSED: left_out})
