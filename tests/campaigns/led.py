"""What tests of who leads a campaign share: bodies with members, somebody named."""

from campaigns.actions import bodies, responsible
from campaigns.actions.bodies import NewMember
from rectification.actions import task_forces
from tests.factories import AT, ON


def facts(name="领导小组", **more):
    return {"name": name, "host": None, "purpose": "", "plan": ""} | more


def set_up(campaign, *members, by, kind="leading_group", name="领导小组", **more):
    """Set up a body with members; each is (title, name), with an account as a third."""
    return bodies.create(
        campaign,
        kind=kind,
        facts=facts(name, **more),
        members=[NewMember(title, called, "", *account) for title, called, *account in members],
        since=ON,
        by=by,
        at=AT,
    )


def a_force(campaign, *members, by, name="窗口整改专班"):
    plan = "逐单位核对，列出共性原因。"
    return set_up(campaign, *members, by=by, kind="task_force", name=name, plan=plan)


def named(campaign, organization, called, *, by, user=None):
    person = NewMember("", called, "", user)
    return responsible.name(
        campaign, organization=organization, person=person, since=ON, by=by, at=AT
    )


def furnish(world, *, planner):
    """A leading group and a named person of the office's own campaign; a task force above it, that
    works on one row of the branch."""
    office, member = world.by["office"], world.users["member"]
    people = [("组长", "罗海", world.users["leader"]), ("成员", "马超", member), ("成员", "杨柳")]
    world.group = set_up(world.local, *people, by=office)
    world.named = named(world.local, world.branch, "林芳", by=office, user=world.users["colleague"])
    world.force = a_force(world.campaign, ("组长", "罗海", world.users["leader"]), by=planner)
    world.linked = task_forces.link(world.force, problems=[world.rectifying], by=office, at=AT)[0]
