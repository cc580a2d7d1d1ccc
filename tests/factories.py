"""One plain factory per model: the least that is valid, by the same road as production."""

from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from campaigns.actions import campaigns
from campaigns.models import Campaign, Source
from rectification.actions import problems
from rectification.models import Evidence, Measure, Problem
from reform.actions import organizations, users
from reform.models import Actor, Duty, Notice, Organization, Role, User

AT = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
ON = date(2026, 6, 3)
LONG_AGO = date(2020, 1, 1)
PASSWORD = "Demo-2026-pass"  # noqa: S105 -- of nobody real


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"第{n}党支部")
    code = factory.Sequence(lambda n: f"ORG{n}")

    @classmethod
    def _create(cls, model_class, **kwargs):
        return organizations.create(**kwargs)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"干部{n}")

    @classmethod
    def _create(cls, model_class, **kwargs):
        return users.create(**kwargs)


class DutyFactory(DjangoModelFactory):
    class Meta:
        model = Duty

    user = factory.SubFactory(UserFactory)
    organization = factory.SubFactory(OrganizationFactory)
    role = Role.MEMBER
    since = LONG_AGO

    @classmethod
    def _create(cls, model_class, user, **kwargs):
        return users.give_duty(user, **kwargs)


def actor(user, on=ON):
    return Actor.of(user, on=on, address="127.0.0.1")


def person(name, organization, *roles, **kwargs):
    """Return somebody who holds `roles` at `organization`; a member unless roles say otherwise.

    `username=None` makes a name on the register, without an account.
    """
    user = UserFactory(name=name, **({"username": None} if "username" in kwargs else {}))
    kwargs.pop("username", None)
    for role in roles or (Role.MEMBER,):
        DutyFactory(user=user, organization=organization, role=role, **kwargs)
    return user


class CampaignFactory(DjangoModelFactory):
    """A published campaign: drafted by an office, published by a leader, as PERMISSIONS.md says."""

    class Meta:
        model = Campaign

    title = factory.Sequence(lambda n: f"以案促改专项工作{n}")
    code = factory.Sequence(lambda n: f"YACG{n}")
    organization = factory.SubFactory(OrganizationFactory)
    starts_on = date(2026, 3, 1)
    ends_on = date(2026, 12, 31)

    @classmethod
    def _create(cls, model_class, organization, **kwargs):
        office = person("方案起草人", organization, Role.OFFICE)
        leader = person("方案批准人", organization, Role.LEADER, principal=True)
        words = [(word, "") for word in "庸懒散慢虚粗"]
        campaign = campaigns.draft(
            organization=organization,
            items=words,
            participants=[organization],
            by=actor(office),
            at=AT,
            **kwargs,
        )
        published = campaigns.publish(campaign, by=actor(leader), at=AT)
        # They are there to make the campaign, not to hold seats that tests give to others.
        Duty.objects.filter(user__in=[office, leader]).update(until=date(2020, 1, 2))
        Notice.objects.filter(recipient__in=[office, leader]).delete()
        return published


class ProblemFactory(DjangoModelFactory):
    """A draft, made by the act with a liaison of its organization."""

    class Meta:
        model = Problem

    organization = factory.SubFactory(OrganizationFactory)
    description = factory.Sequence(lambda n: f"审批事项超时办结第{n}类。")

    @classmethod
    def _create(cls, model_class, organization, campaign=None, by=None, **facts):
        campaign = campaign or CampaignFactory(organization=organization)
        by = by or actor(person("联络员甲", organization, Role.LIAISON))
        facts.setdefault("source", Source.objects.get(campaign=campaign, name="自己找"))
        facts.setdefault("found_on", date(2026, 5, 20))
        return problems.draft(campaign, organization=organization, facts=facts, by=by, at=AT)


class MeasureFactory(DjangoModelFactory):
    class Meta:
        model = Measure

    problem = factory.SubFactory(ProblemFactory)
    position = factory.Sequence(lambda n: n + 1)
    text = "建立超时提醒"
    entered_by = factory.LazyAttribute(lambda row: row.problem.drafted_by)


class EvidenceFactory(DjangoModelFactory):
    class Meta:
        model = Evidence

    problem = factory.SubFactory(ProblemFactory)
    kind = Evidence.Kind.REFERENCE
    title = "整改通知"
    supplier_name = "经办人"
    entered_by = factory.LazyAttribute(lambda row: row.problem.drafted_by)
    entered_at = AT
