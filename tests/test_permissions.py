"""PERMISSIONS.md for what exists here, cell by cell: act × role × where the record lies.

The table is written out again, not taken from the code: two clerks who copy the same page.
"""

from datetime import timedelta

import pytest
from django.db import transaction

from rectification import policy
from rectification.models import Appointment, ClosureApplication, Problem, ReviewStep
from reform.models import Role
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
# C 联络员 and the 代填 of O are bullets of PERMISSIONS.md; N cells are left out. Reading by
# somebody who was assigned a step (B, O, L) is ours: docs/decisions/0005.
CELLS = """
pb.read             M:U  C:U  B:UX I:VX O:DX L:DX
pb.edit_draft       M:S  C:U  B:U  I:S  O:D
pb.delete_draft     M:S  C:S  B:S  I:S  O:S
pb.publish          C:U  B:U  I:VX O:D
pb.set_deadline     C:U  B:U  I:VX O:D
pb.assign           C:U  B:U  O:D  L:V
pb.accept           C:U  B:U  O:U
pb.return_assignment B:U L:U
pb.amend            C:U  B:U  O:D
pb.progress         M:S  C:U  B:U  O:D
pb.plan             M:S  C:U  B:U  O:D
pb.close_request    M:S  C:U  B:U  O:D
pb.close_endorse    B:UX L:UX
pb.close_review1    O:VX
pb.close_review2    I:VX
pb.close_sign       L:VX
sign.record         C:U  O:D
pb.hand_over        B:U  O:D
pb.export           C:U  B:U  I:VX O:D  L:D
ev.upload           M:S  C:U  B:U  I:VX O:D
ev.download         M:U  C:U  B:UX I:VX O:DX L:DX
"""
ADMITS = {
    "S": {"self"},
    "U": {"self", "own"},
    "D": {"self", "own", "down"},
    "DX": {"self", "own", "down", "asg"},
    "V": {"down"},
    "VX": {"down", "asg"},
    "UX": {"self", "own", "asg"},
}
RELATIONS = ("self", "own", "down", "sib", "up", "out", "asg")
TABLE = {
    line.split()[0]: dict(cell.split(":") for cell in line.split()[1:])
    for line in CELLS.strip().splitlines()
}


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


def expected(act, role, relation):
    return relation in ADMITS.get(TABLE[act].get(role, ""), set())


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", TABLE)
def test_every_cell_of_the_table(world, act, role, relation):
    row = world["selves"][role] if relation == "self" else world["rows"][relation]

    assert policy.may(world["people"][role], act, row) is expected(act, role, relation)


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
    ours = {"pb.create", "pb.import", "pb.appoint", "pb.amend_terms", "ev.delete_before"}

    assert policy.TABLE.keys() - ours == TABLE.keys()


PLACES = """
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
