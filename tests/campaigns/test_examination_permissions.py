"""PERMISSIONS.md for self-examinations (`se.*`), cell by cell: act × role × where it lies."""

import pytest

from campaigns import policy
from campaigns.models import Campaign, Examination, Reader, Submission
from tests.factories import AT, ON, CampaignFactory, UserFactory, actor
from tests.test_permissions import RELATIONS, ROLES, acts, cells
from tests.test_permissions import world as _world

world = _world


@pytest.fixture(scope="module")
def sheets(world, django_db_blocker):
    """A submitted examination in every place, and one of each person's own."""
    with django_db_blocker.unblock():
        campaign = CampaignFactory(code="SHEETS")
        places = {where: row.organization for where, row in world["rows"].items()}
        people = world["people"].values()
        others = {
            where: sheet(campaign, UserFactory(name="另一人"), place)
            for where, place in places.items()
        }
        for who in people:
            Reader.objects.create(
                examination=others["asg"],
                person=who.user,
                basis=Reader.Basis.ASSIGNED,
                words="指派",
                since=ON,
                told_at=AT,
            )
        own = {
            code: sheet(campaign, who.user, places["out"]) for code, who in world["people"].items()
        }
        return {"others": others, "own": own}


def sheet(campaign: Campaign, author, place):
    row = Examination.objects.create(
        campaign=campaign,
        checklist=campaign.checklists.get(),
        author=author,
        organization=place,
        status="submitted",
        begun_at=AT,
        saved_at=AT,
    )
    Submission.objects.create(examination=row, number=1, content={}, sha256="", submitted_at=AT)
    return row


def asked(world, sheets, act):
    return {
        (role, relation): policy.may(
            actor(world["people"][role].user),
            act,
            sheets["own"][role] if relation == "self" else sheets["others"][relation],
        )
        for role in ROLES
        for relation in RELATIONS
    }


@pytest.mark.parametrize("act", acts("examination"))
def test_every_cell_about_examinations(world, sheets, act):
    assert asked(world, sheets, act) == cells(act)


@pytest.mark.parametrize("role", ROLES)
def test_what_one_may_read_is_what_one_finds(world, sheets, role):
    who = world["people"][role]
    rows = [*sheets["others"].values(), *sheets["own"].values()]
    seen = set(Examination.objects.visible_to(who).values_list("pk", flat=True))
    own = sheets["own"][role].pk

    assert seen == {row.pk for row in rows if policy.may(who, "se.read", row)} | {own}
