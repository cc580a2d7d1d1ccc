"""A change of the tree while others file: no row is left on a path that nobody stands on.

Each act runs in a thread of its own, on a real database (see test_races).
"""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.db import transaction

from rectification.actions import bulk, problems, registrations, reorganizations
from rectification.imports import ledger
from rectification.models import Problem
from reform.actions import duties, organizations, people
from reform.errors import Refused
from reform.models import Actor, Duty, Organization, Role
from tests.conftest import SIX
from tests.factories import AT, ON, OrganizationFactory, ProblemFactory, actor, person
from tests.rectification.test_import import GOOD, received, workbook
from tests.rectification.test_races import at_once, refused

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 6


def filing(bureau, number):
    def act():
        facts = {
            "description": f"第{number}条。",
            "source": bureau.campaign.sources.get(name="自己找"),
            "found_on": ON,
            **SIX,
        }
        by = Actor.of(bureau.users["liaison"], on=ON)
        return problems.draft(
            bureau.campaign, organization=by.duties[0].organization, facts=facts, by=by, at=AT
        )

    return act


def moving(bureau, under):
    return lambda: reorganizations.move(
        Organization.objects.get(pk=bureau.branch.pk), under=under, by=bureau.system, at=AT
    )


def strays():
    rows = Problem.objects.select_related("organization")
    return [row.pk for row in rows if row.path != row.organization.path]


def test_a_row_filed_during_a_move_gets_the_new_path(bureau):
    for number in range(TIMES):
        under = bureau.center if number % 2 else bureau.elsewhere
        made = at_once(
            filing(bureau, number),
            moving(bureau, Organization.objects.get(pk=under.pk)),
            filing(bureau, number + 100),
        )
        assert refused(made) == []

    assert Problem.objects.count() == 2 * TIMES
    assert strays() == []


def test_an_import_kept_during_a_move_gets_the_new_path(bureau):
    """Or is refused: who came with the duties of before may find himself outside."""
    source, late = bureau.campaign.sources.get(name="自己找"), 0
    for number in range(TIMES):
        under = bureau.center if number % 2 else bureau.elsewhere
        bureau.branch.refresh_from_db()
        by = Actor.of(bureau.users["liaison"], on=ON)
        upload = received(bureau, AT, workbook((1, f"问题{number}。", *GOOD[2:])), by=by)
        made = at_once(
            lambda upload=upload, by=by: ledger.keep(
                upload, source=source, found_on=ON, by=by, at=AT
            ),
            moving(bureau, Organization.objects.get(pk=under.pk)),
        )
        late += len(refused(made))

    assert Problem.objects.count() == TIMES - late
    assert strays() == []


def test_an_organization_founded_during_a_move_stands_below_the_new_path(bureau):
    for number in range(TIMES):
        under = bureau.center if number % 2 else bureau.elsewhere
        at_once(
            lambda number=number: organizations.create(
                name=f"第{number}党小组", code=f"XZ{number}", parent=bureau.branch
            ),
            moving(bureau, Organization.objects.get(pk=under.pk)),
        )

    rows = Organization.objects.exclude(parent=None).select_related("parent")
    assert [row for row in rows if row.path[:-4] != row.parent.path] == []
    assert [row for row in rows if row.sequence[:-4] != row.parent.sequence] == []


def test_a_row_registered_during_a_move_keeps_neither_the_old_path(bureau, draft):
    made = at_once(
        lambda: registrations.register(draft, by=bureau.secretary, at=AT),
        moving(bureau, bureau.elsewhere),
    )

    draft.refresh_from_db()
    assert strays() == []
    # Whoever came second finds himself, by the duties he came with, outside.
    assert len(refused(made)) == (draft.number is None)


def test_two_moves_into_each_other_leave_a_tree(bureau):
    one = OrganizationFactory(name="甲党委", parent=bureau.top)
    two = OrganizationFactory(name="乙党委", parent=bureau.top)

    made = at_once(
        lambda: reorganizations.move(
            Organization.objects.get(pk=one.pk), under=two, by=bureau.system, at=AT
        ),
        lambda: reorganizations.move(
            Organization.objects.get(pk=two.pk), under=one, by=bureau.system, at=AT
        ),
    )

    assert [type(result) for result in made].count(Refused) == 1
    paths = {row.pk: row.path for row in Organization.objects.all()}
    below = Organization.objects.exclude(parent=None)
    assert all(row.path[:-4] == paths[row.parent_id] for row in below)


def test_nobody_files_for_one_that_is_merged_meanwhile(bureau):
    made = at_once(
        filing(bureau, 1),
        lambda: reorganizations.merge(
            [Organization.objects.get(pk=bureau.branch.pk)],
            into=Organization.objects.get(pk=bureau.sibling.pk),
            on=ON,
            document="批复",
            by=bureau.system,
            at=AT,
        ),
        filing(bureau, 2),
    )

    left = Problem.objects.filter(organization=bureau.branch)
    assert list(left) == []
    assert Problem.objects.count() + len(refused(made)) == 2
    assert strays() == []


# ---------------------------------------------------------------- two changes that overlap


def merging(bureau, parts, into):
    return lambda: reorganizations.merge(
        list(Organization.objects.filter(pk__in=[part.pk for part in parts])),
        into=Organization.objects.get(pk=into.pk),
        on=ON,
        document="批复",
        by=bureau.system,
        at=AT,
    )


def stands_well():
    """Every path continues that of the one above, and no row stands beside its organization."""
    paths = dict(Organization.objects.values_list("pk", "path"))
    below = Organization.objects.exclude(parent=None)
    return strays() == [] and all(row.path[:-4] == paths[row.parent_id] for row in below)


def test_a_subtree_is_moved_while_one_in_it_is_merged_away(bureau, rectifying):
    """Whoever comes second finds the tree as the first has left it, or refuses."""
    for number in range(TIMES):
        under = bureau.elsewhere if number % 2 == 0 else bureau.top
        part = OrganizationFactory(name=f"临时支部{number}", parent=bureau.center)
        row = ProblemFactory(organization=part, campaign=bureau.campaign)
        at_once(
            lambda under=under: reorganizations.move(
                Organization.objects.get(pk=bureau.center.pk),
                under=Organization.objects.get(pk=under.pk),
                by=bureau.system,
                at=AT,
            ),
            merging(bureau, [part], bureau.sibling),
        )

        assert stands_well()
        row.refresh_from_db()
        assert row.organization_id in {part.pk, bureau.sibling.pk}
        part.refresh_from_db()
        assert (part.retired_on is None) == (row.organization_id == part.pk)


def test_of_two_mergers_of_one_organization_one_is_refused(bureau, rectifying):
    results = at_once(
        merging(bureau, [bureau.branch], bureau.sibling),
        merging(bureau, [bureau.branch], bureau.elsewhere),
    )

    assert [str(one) for one in refused(results)] == ["“第一党支部”已撤销，请改选其他党组织。"]
    rectifying.refresh_from_db()
    bureau.branch.refresh_from_db()
    assert rectifying.organization_id == bureau.branch.succeeded_by_id
    assert stands_well()


def test_of_two_mergers_into_each_other_one_is_refused(bureau):
    results = at_once(
        merging(bureau, [bureau.branch], bureau.sibling),
        merging(bureau, [bureau.sibling], bureau.branch),
    )

    assert len(refused(results)) == 1
    assert Organization.objects.filter(retired_on=ON).count() == 1
    assert stands_well()


def test_many_rows_are_registered_while_their_organization_is_merged(bureau):
    """Those that came too late are refused, each by itself; the others have a number each."""
    rows = [
        ProblemFactory(
            campaign=bureau.campaign, organization=bureau.branch, by=bureau.liaison, **SIX
        )
        for _ in range(8)
    ]
    done, merged = at_once(
        lambda: bulk.do("register", rows[::-1], by=bureau.secretary, at=AT),
        merging(bureau, [bureau.branch], bureau.sibling),
    )

    assert not isinstance(merged, Refused)
    numbered = Problem.objects.exclude(number=None)
    assert numbered.count() == sum(not result.refused for result in done)
    assert set(Problem.objects.values_list("organization", flat=True)) == {bureau.sibling.pk}
    assert stands_well()


# ---------------------------------------------------------------- two that are founded


def founding(bureau, name, code):
    return lambda: organizations.establish(
        name=name,
        code=code,
        kind="branch",
        parent=bureau.center,
        by=bureau.system,
        at=AT,
    )


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (("新一支部", "XIN"), ("新二支部", "XIN"), "代码“XIN”已由“新"),
        (("新一支部", "XIN1"), ("新一支部", "XIN2"), "下面已有名为“新一支部”的党组织"),
    ],
)
def test_of_two_that_are_founded_alike_one_is_refused(bureau, one, other, said):
    results = at_once(founding(bureau, *one), founding(bureau, *other))

    assert [said in str(refusal) for refusal in refused(results)] == [True]
    assert Organization.objects.filter(name__startswith="新").count() == 1


# ---------------------------------------------------------------- people of one that ends


def test_nobody_gets_a_duty_where_a_merger_has_just_ended_all(bureau):
    """Whoever comes while it goes on waits, and then sees the organization as it is."""
    security = actor(person("安全员", bureau.top, Role.SECURITY))
    part = OrganizationFactory(name="临时支部", parent=bureau.center)
    somebody = person("某干部", bureau.sibling)
    proposal = duties.propose(
        bureau.users["colleague"],
        role=Role.SECRETARY,
        organization=part,
        since=ON,
        origin="import",
        by=bureau.system,
        at=AT,
    )
    acts = [
        lambda: duties.grant(
            somebody, role=Role.LIAISON, organization=part, since=ON, by=security, at=AT
        ),
        lambda: people.add(name="新人", organization=part, since=ON, by=bureau.system, at=AT),
        lambda: people.transfer(somebody, organization=part, since=ON, by=bureau.system, at=AT),
        lambda: duties.confirm(proposal, by=security, at=AT),
    ]
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            merging(bureau, [part], bureau.sibling)()
            others = pool.submit(at_once, *acts)
            sleep(0.5)
        *late, confirmed = others.result(timeout=60)

    assert [str(one) for one in late] == ["“临时支部”已于2026-06-03撤销。"] * 3
    assert confirmed.organization == bureau.sibling  # it went over, and is for there now
    assert not Duty.objects.filter(organization=part).in_force(ON).exists()
