"""PERMISSIONS.md for what exists here, cell by cell: act × role × where the record lies.

The table is written out again (tests/files/permissions.tsv), not taken from the code: two clerks
who copy the same page. What is not built yet stands there with “-”; tests/test_routes.py asks the
same of the pages.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import get_resolver

from campaigns import policy as campaign_policy
from rectification import policy
from rectification.models import Appointment, ClosureApplication, Problem, ReviewStep
from reform import policy as ground
from reform.models import Duty, Role, User
from tests.factories import AT, ON, OrganizationFactory, ProblemFactory, actor, person

ROLES = {
    "M": Role.MEMBER,
    "C": Role.LIAISON,
    "B": Role.SECRETARY,
    "I": Role.INSPECTOR,
    "O": Role.OFFICE,
    "L": Role.LEADER,
    "SA": Role.SYSTEM,
    "SO": Role.SECURITY,
    "AU": Role.AUDIT,
}
# Relations that a code admits (PERMISSIONS.md, “Codes”).
ADMITS = {
    code: set(relations.split())
    for code, relations in {
        "N": "",
        "S": "self",
        "U": "self own",
        "D": "self own down",
        "DX": "self own down asg",
        "V": "down",
        "VX": "down asg",
        "UX": "self own asg",
        "SX": "self asg",
        "X": "asg",
        "U-": "own",
        "U-X": "own asg",
        "C": "self own up",
        "CD": "self own up down",
        "A": "self own down sib up out asg",
    }.items()
}
RELATIONS = ("self", "own", "down", "sib", "up", "out", "asg")
FILES = Path(__file__).resolve().parent / "files"
KINDS = {
    "row",
    "place",
    "here",
    "campaign",
    "examination",
    "ground",
    "read",
    "own",
    "everybody",
    "step",
    "never",
    "-",
}
OURS = re.compile(r"\b(M|C|B|I|O|L|SA|SO|AU):(\S+)")


def rows_of(name):
    lines = (FILES / name).read_text(encoding="utf-8").splitlines()
    head, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [dict(zip(head, row, strict=True)) for row in rows]


# act → its row of tests/files/permissions.tsv: PERMISSIONS.md as facts, with our departures.
FACTS = {row["act"]: row for row in rows_of("permissions.tsv")}
TABLE = {
    act: {code: row[code] for code in ROLES} | dict(OURS.findall(row["ours"]))
    for act, row in FACTS.items()
}


def acts(kind):
    return [act for act, row in FACTS.items() if row["kind"] == kind]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Three floors, two subtrees, two siblings; somebody of each role in the middle; one row
    in each place. Built once; every cell only asks."""
    with django_db_blocker.unblock(), transaction.atomic():
        up = OrganizationFactory(name="上级党委", kind="committee")
        middle = OrganizationFactory(name="本级党支部", parent=up)
        down = OrganizationFactory(name="下级党支部", parent=middle)
        sibling = OrganizationFactory(name="同级党支部", parent=up)
        out = OrganizationFactory(name="别处党委")
        places = {"own": middle, "down": down, "sib": sibling, "up": up, "out": out, "asg": sibling}
        people = {
            code: person(f"某{code}", middle, role, **({"principal": True} if code == "L" else {}))
            for code, role in ROLES.items()
        }
        rows = {
            where: ProblemFactory(organization=place, source=None, found_on=None)
            for where, place in places.items()
        }
        selves = {}
        for code, user in people.items():
            row = ProblemFactory(organization=out, source=None)
            Problem.objects.filter(pk=row.pk).update(drafted_by=user)
            selves[code] = Problem.objects.get(pk=row.pk)
            appoint(rows["asg"], user)
        yield {
            "people": {code: actor(user) for code, user in people.items()},
            "rows": rows,
            "selves": selves,
        }
        transaction.set_rollback(True)


def appoint(row, user):
    """Give `user` an open step of the row, as closures.appoint does."""
    if row.closing_level is None:
        row.closing_level = row.campaign.closing_levels.get(for_rest=True)
    application, _ = ClosureApplication.objects.get_or_create(
        problem=row,
        round=1,
        level=row.closing_level,
        statement="",
        applicant_name="某人",
        entered_by=row.drafted_by,
        applied_at=AT,
    )
    step, _ = ReviewStep.objects.get_or_create(application=application, position=1, kind="verify")
    Appointment.objects.create(
        step=step, user=user, until=ON + timedelta(days=5), appointed_by=row.drafted_by, at=AT
    )


def row_of(world, role, relation):
    return world["selves"][role] if relation == "self" else world["rows"][relation]


def expected(act, role, relation):
    return relation in ADMITS[TABLE[act][role]]


def cells(act):
    """Return {(role, relation): may} as the table says."""
    return {
        (role, relation): expected(act, role, relation) for role in ROLES for relation in RELATIONS
    }


@pytest.mark.parametrize("act", acts("row"))
def test_every_cell_of_the_table(world, act):
    assert {
        (role, relation): policy.may(world["people"][role], act, row_of(world, role, relation))
        for role, relation in cells(act)
    } == cells(act)


@pytest.mark.parametrize("act", acts("ground"))
def test_every_cell_of_the_ground_floor(world, act):
    """asg is a task about a problem: on the ground floor nobody is assigned anything."""
    people, places = world["people"], {where: row.path for where, row in world["rows"].items()}
    places["self"] = places["out"]

    assert {
        (role, where): ground.may(people[role], act, places[where], {where} & {"self"})
        for role, where in cells(act)
        if where != "asg"
    } == {cell: may for cell, may in cells(act).items() if cell[1] != "asg"}


@pytest.mark.parametrize("act", acts("campaign"))
def test_every_cell_about_campaigns(world, act):
    where = ("own", "down", "sib", "up", "out")

    assert {
        (role, place): campaign_policy.may_here(
            world["people"][role], act, world["rows"][place].organization
        )
        for role in ROLES
        for place in where
    } == {cell: may for cell, may in cells(act).items() if cell[1] in where}


HERE = ("own", "down", "sib", "up", "out")  # where an organization lies; nobody is assigned one


@pytest.mark.parametrize("act", acts("here"))
def test_every_cell_about_an_organization(world, act):
    """Weekly reports: asked of the organization whose report it is, not of a problem."""
    assert {
        (role, place): policy.may_here(
            world["people"][role], act, world["rows"][place].organization
        )
        for role in ROLES
        for place in HERE
    } == {cell: may for cell, may in cells(act).items() if cell[1] in HERE}


@pytest.mark.parametrize("act", [act for act, row in FACTS.items() if row["kind"][:3] == "as "])
def test_an_act_that_is_asked_as_another_is_everybodys_whose_the_other_is(act):
    assert TABLE[act] == TABLE[FACTS[act]["kind"].removeprefix("as ")]


@pytest.mark.parametrize("what", ["disabled", "superuser"])
def test_who_is_always_denied(world, what):
    """The flag of Django's superuser gives nothing; a closed account gives nothing."""
    user = User.objects.get(pk=world["people"]["B"].user.pk)
    if what == "superuser":
        user = person("超级用户", OrganizationFactory(name="另一棵树"))
        user.is_superuser = user.is_staff = True
        Duty.objects.filter(user=user).delete()
    user.is_active = what == "superuser"
    who = actor(user)
    rows = [row for where, row in world["rows"].items() if where != "asg"]

    allowed = {act for act in acts("row") for row in rows if policy.may(who, act, row)}
    allowed |= {act for act in [*acts("place"), *acts("here")] for row in rows
                if policy.may_here(who, act, row.organization)}  # fmt: skip
    allowed |= {act for act in acts("ground") for row in rows if ground.may(who, act, row.path)}
    assert (allowed, who.duties) == (set(), ())


@pytest.mark.parametrize("role", ROLES)
def test_what_one_may_read_is_what_one_finds(world, role):
    who = world["people"][role]
    rows = [*world["rows"].values(), *world["selves"].values()]
    found = set(Problem.objects.visible_to(who).values_list("pk", flat=True))

    assert found == {row.pk for row in rows if policy.may(who, "pb.read", row)}


@pytest.mark.parametrize("role", ROLES)
def test_there_is_something_to_leak(world, role):
    """A scope that hides nothing would pass every negative cell."""
    hidden = Problem.objects.exclude(pk__in=Problem.objects.visible_to(world["people"][role]))

    assert hidden.exists()


def test_every_act_of_the_code_is_in_this_table():
    """And what is not built yet is in no code: when it comes, its row says how it is asked for."""
    built = set(policy.TABLE) | set(ground.TABLE) | set(campaign_policy.TABLE)
    kinds = {"row", "place", "here", "ground", "campaign", "examination"}
    asked = {act for act, row in FACTS.items() if row["kind"] in kinds}

    assert built == asked
    assert {row["kind"] for row in FACTS.values()} <= KINDS | {f"as {act}" for act in FACTS}


def test_every_page_is_mapped_to_acts_that_exist():
    mapped = {row["page"]: row["acts"].split() for row in rows_of("routes.tsv")}
    known = {act for act, row in FACTS.items() if row["kind"] != "-"} | {"public", "signed-in"}

    assert set(mapped) == {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {act for found in mapped.values() for act in found} - known == set()


PLACES = """
is.read     C:own B:own O:own,down L:own,down
is.write    L:own,down
is.record   O:own,down
is.draft    C:own B:own O:own
is.answer   B:own O:own
pb.create   M:own C:own B:own I:down O:own,down
pb.import   C:own B:own O:own,down
"""


@pytest.mark.parametrize("line", PLACES.strip().splitlines(), ids=lambda line: line.split()[0])
def test_for_whom_one_may_file(world, line):
    act, *cells = line.split()
    allowed = {cell.split(":")[0]: set(cell.split(":")[1].split(",")) for cell in cells}
    for role, who in world["people"].items():
        for where in ("own", "down", "sib", "up", "out"):
            place = world["rows"][where].organization
            # A role other than membership files for others; a member only for his own.
            is_member = policy.may_here(who, act, place)
            assert is_member is (where in allowed.get(role, set())), (act, role, where)


@pytest.mark.parametrize("act", ["pb.create", "pb.import", "pb.publish"])
@pytest.mark.parametrize("role", ROLES)
def test_the_places_offered_are_those_for_which_one_may(world, role, act):
    who = world["people"][role]
    everywhere = {row.organization for row in world["rows"].values()}

    offered = set(policy.places(who, act)) & everywhere
    assert offered == {place for place in everywhere if policy.may_here(who, act, place)}


def test_personal_rows_are_the_persons_and_his_secretarys(bureau):
    row = ProblemFactory(
        campaign=bureau.campaign,
        organization=bureau.branch,
        by=bureau.member,
        owner_kind="personal",
        source=None,
    )

    readers = [
        name
        for name in bureau.users
        if Problem.objects.visible_to(getattr(bureau, name)).filter(pk=row.pk).exists()
    ]

    assert readers == ["member", "secretary"]


def test_a_leader_of_a_field_reads_his_field_only(bureau):
    deputy = actor(person("陈立", bureau.center, Role.LEADER, fields=[bureau.sibling]))
    here = ProblemFactory(campaign=bureau.campaign, organization=bureau.sibling)
    ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)

    assert list(Problem.objects.visible_to(deputy)) == [here]


def test_a_secretary_of_a_committee_reads_what_lies_below(bureau):
    above = actor(person("吴刚", bureau.center, Role.SECRETARY))
    row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)

    assert list(Problem.objects.visible_to(above)) == [row]
    assert not policy.may(above, "pb.amend", row)


def test_a_cooperating_organization_reads_and_proves_but_does_not_apply(bureau, rectifying):
    rectifying.departments.create(
        part="cooperating", name=str(bureau.sibling), organization=bureau.sibling
    )
    neighbour = bureau.neighbour

    assert list(Problem.objects.visible_to(neighbour)) == [rectifying]
    acts = ("pb.read", "pb.progress", "ev.upload", "ev.download", "pb.close_request", "pb.amend")
    assert [policy.may(neighbour, act, rectifying) for act in acts] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


JOINT = ("pb.read", "pb.progress", "ev.upload", "pb.plan")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.SECRETARY, (True, True, True, False)),
        (Role.LIAISON, (True, True, True, False)),
        (Role.OFFICE, (True, True, True, False)),
        (Role.MEMBER, (True, False, False, False)),
        (Role.LEADER, (True, False, False, False)),
        (Role.INSPECTOR, (False, False, False, False)),
        (Role.AUDIT, (False, False, False, False)),
    ],
)
def test_cooperating_counts_as_ones_own_unit_would(bureau, rectifying, role, may):
    """Nobody may in a row of others what his role does not let him in one of his own."""
    rectifying.departments.create(
        part="cooperating", name=str(bureau.sibling), organization=bureau.sibling
    )
    who = actor(person("配合人员", bureau.sibling, role))

    assert tuple(policy.may(who, act, rectifying) for act in JOINT) == may
    assert Problem.objects.visible_to(who).filter(pk=rectifying.pk).exists() is may[0]


def test_duties_count_only_on_their_days(bureau):
    row = ProblemFactory(campaign=bureau.campaign, organization=bureau.branch)
    former = person("前任", bureau.branch, Role.SECRETARY, until=ON - timedelta(days=1))

    assert not Problem.objects.visible_to(actor(former)).exists()
    assert not policy.may(actor(former), "pb.read", row)


def test_a_disabled_account_has_no_duties(bureau):
    user = bureau.users["secretary"]
    user.is_active = False
    user.save()

    assert actor(user).duties == ()
