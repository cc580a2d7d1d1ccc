"""Reference cases (通报案例): written without persons, published by somebody else, withdrawn."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns import policy
from campaigns.actions import drafts
from campaigns.models import Act, Campaign, CaseVersion, Kit, ReferenceCase
from campaigns.models.deidentified import names_in, numbers_in
from campaigns.models.reference_case import COLUMNS, MOST, SUMMARY, TEXTS, kept, label
from reform.actions import trail
from reform.errors import Forbidden, Refused, Stale
from reform.models import Actor, User

Status = ReferenceCase.Status
LATE = "这个案例在您打开页面之后有人改过，请核对后再提交。"
SHOWN = 5  # places that a refusal names
# What is searched for persons, in the words of the page.
SEARCHED = {name: label(name) for name in ("name", "document", *TEXTS)}


@transaction.atomic
def write(
    campaign: Campaign,
    *,
    facts: Mapping[str, Any],
    deidentified: bool = False,
    by: Actor,
    at: datetime,
) -> ReferenceCase:
    """Write a case; `facts` are COLUMNS. Nobody but who prepares sees it before it is published.

    Raises Refused, with the places, for a number of a person; for the name of somebody with an
    account in this part of the tree unless `deidentified` says that it is not he.
    """
    campaign = campaign.locked()
    policy.require_here(by, "cs.write", campaign.organization)
    _require_going_on(campaign)
    _check(campaign, facts, deidentified=deidentified, but=None, by=by)
    case = _add(campaign, facts)
    _keep(case, facts, deidentified=deidentified, by=by, at=at)
    trail.record(Act.CASE_WRITTEN, case, by=by, at=at)
    return case


@transaction.atomic
def amend(
    case: ReferenceCase,
    *,
    version: int,
    facts: Mapping[str, Any],
    deidentified: bool = False,
    by: Actor,
    at: datetime,
) -> ReferenceCase:
    """Change a case, or sum it up (一案一总结): whoever may not write it may touch SUMMARY alone.

    The texts before are kept. Of a published case readers go on reading what was published, until
    somebody else publishes the new text. Raises Stale for an old version.
    """
    case = case.locked()
    act = "cs.write" if policy.may_here(by, "cs.write", case.campaign.organization) else None
    policy.require_here(by, act or "cs.summarize", case.campaign.organization)
    _require_going_on(case.campaign)
    if case.status == Status.WITHDRAWN:
        raise Refused(f"“{case}”已撤下，不能再修改；需要的请另写一个。")
    now = case.newest()
    if version != case.version:
        raise Stale(LATE, now, case.version)
    if not act and (beyond := [name for name in facts if name not in SUMMARY]):
        words = "、".join(SEARCHED.get(name, name) for name in beyond)
        raise Forbidden(f"您可以填写漏洞、共性问题和教训，不能修改{words}。")
    becomes = now | dict(facts)
    if becomes == now:
        raise Refused("没有任何改动，无需保存。")
    _check(case.campaign, becomes, deidentified=deidentified, but=case, by=by)
    case.version += 1
    if case.status == Status.DRAFT:
        _set(case, becomes)
    case.save()
    _keep(case, becomes, deidentified=deidentified, by=by, at=at)
    trail.record(Act.CASE_AMENDED, case, by=by, at=at, say=f"{case}，第{case.version}版")
    return case


@transaction.atomic
def publish(case: ReferenceCase, *, version: int, by: Actor, at: datetime) -> ReferenceCase:
    """Let everybody who reads the campaign read the case, as it stands in `version`.

    Raises Forbidden for whoever wrote any of what is published now (SOD-01); Refused while the
    campaign is a draft, and for a text that names somebody nobody has looked at.
    """
    case = case.locked()
    campaign = case.campaign
    policy.require_here(by, "cs.publish", campaign.organization)
    if not campaign.is_open:
        raise Refused("活动不在进行中，案例不能发布；草案中的案例在活动发布后再发布。")
    if version != case.version:
        raise Refused("案例在您打开页面之后有人改过，请返回案例页，核对新的内容后再发布。")
    if case.is_published and not case.has_news:
        raise Refused(f"“{case}”已发布，没有新的修改。")
    _keep_out(case, by)
    newest = case.versions.get(number=case.version)
    texts = newest.facts()
    if not newest.deidentified and (named := names_in(_searched(texts), campaign, on=by.on)):
        raise Refused(f"案例{_named(named)}，请先修改，或由起草人核对后勾选“已去标识”。")
    if not case.is_published:
        case.move(Status.PUBLISHED)
    _set(case, texts)
    case.published_version, case.published_by, case.published_at = case.version, by.user, at
    case.save()
    trail.record(Act.CASE_PUBLISHED, case, by=by, at=at, say=f"{case}，第{case.version}版")
    return case


@transaction.atomic
def withdraw(case: ReferenceCase, *, reason: str, by: Actor, at: datetime) -> ReferenceCase:
    """Take a case down, or give up one that was never published. It is kept for those who prepare;
    problems that came of it keep the link."""
    case = case.locked()
    policy.require_here(by, "cs.withdraw", case.campaign.organization)
    if not reason:
        raise Refused("请写明撤下的原因。")
    case.move(Status.WITHDRAWN)
    case.withdrawn_for = reason
    case.save(update_fields=["status", "withdrawn_for"])
    trail.record(Act.CASE_WITHDRAWN, case, by=by, at=at, quote=reason, reason=reason)
    return case


@transaction.atomic
def begin_campaign(
    case: ReferenceCase, kit: Kit, *, code: str, by: Actor, at: datetime, **facts: Any
) -> Campaign:
    """Begin another campaign from a case (按此案例新建活动, domain E30), with the case in it.

    What is copied is what readers read; there it is published anew. The rest is `start_here`.
    """
    if not ReferenceCase.objects.visible_to(by).filter(pk=case.pk).exists():
        raise Forbidden("您看不到这个案例。")
    if case.status == Status.WITHDRAWN:
        raise Refused(f"“{case}”已撤下，不能带入新的活动。")
    campaign = drafts.start_here(kit, code=code, by=by, at=at, **facts)
    texts = case.facts()
    copy = _add(campaign, texts, copied_from=case)
    _keep(copy, texts, deidentified=False, by=by, at=at)
    say = f"{copy}，由“{case.campaign}”带入“{campaign}”"
    trail.record(Act.CASE_WRITTEN, copy, by=by, at=at, say=say)
    return campaign


# ---------------------------------------------------------------- inside


def authors(case: ReferenceCase) -> list[User]:
    """Return who wrote what is not published yet, and in whose place."""
    since = case.published_version or 0
    rows = case.versions.filter(number__gt=since).select_related("by", "behalf")
    people = [(row.by, row.behalf) for row in rows]
    return [user for pair in people for user in pair if user is not None]


def keeps_out(case: ReferenceCase, by: Actor) -> str:
    """Return why this person cannot publish the case, or nothing."""
    persons = {user.person_id for user in authors(case)}
    if by.persons & persons:
        return "案例由您起草或修改，请由其他人发布。"
    return ""


def _keep_out(case: ReferenceCase, by: Actor) -> None:
    if why := keeps_out(case, by):
        raise Forbidden(why)


def _require_going_on(campaign: Campaign) -> None:
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused("活动已结束，案例不能再写入或修改。")


def _check(
    campaign: Campaign,
    facts: Mapping[str, Any],
    *,
    deidentified: bool,
    but: ReferenceCase | None,
    by: Actor,
) -> None:
    _check_facts(facts, on=by.on)
    others = campaign.reference_cases.all()
    others = others.exclude(pk=but.pk) if but else others
    if others.filter(name=facts["name"]).exists():
        raise Refused(f"这项活动已有名为“{facts['name']}”的案例，请换一个简称。")
    if but is None and others.count() >= MOST:
        raise Refused(f"一项活动最多{MOST}个案例。")
    texts = _searched(facts)
    if found := numbers_in(texts):
        raise Refused(f"案例不能带个人信息：{_listed(found)}，请删去。")
    if not deidentified and (named := names_in(texts, campaign, on=by.on)):
        raise Refused(
            f"案例{_named(named)}。是同名或普通词语的，请核对后勾选“已去标识”；是本人的，请删去。"
        )


def _check_facts(facts: Mapping[str, Any], *, on: date) -> None:
    if not facts["name"] or not facts["summary"]:
        raise Refused("请填写案例简称和案情摘要。")
    if facts["document_on"] and facts["document_on"] > on:
        raise Refused("通报日期不能晚于今天。")
    if not facts["document"] and (facts["document_number"] or facts["document_on"]):
        raise Refused("填了文号或日期的，请填写通报文件的标题。")


def _searched(facts: Mapping[str, Any]) -> dict[str, str]:
    return {words: facts[name] for name, words in SEARCHED.items()}


def _listed(found: Iterable[Any]) -> str:
    every = [str(one) for one in found]
    more = f"等{len(every)}处" if len(every) > SHOWN else ""
    return "；".join(every[:SHOWN]) + more


def _named(named: list[tuple[str, str]]) -> str:
    said = [f"“{field}”中的“{name}”" for field, name in named]
    more = f"等{len(said)}处" if len(said) > SHOWN else ""
    return f"{'、'.join(said[:SHOWN])}{more}与在册人员同名"


def _add(
    campaign: Campaign, facts: Mapping[str, Any], copied_from: ReferenceCase | None = None
) -> ReferenceCase:
    last = campaign.reference_cases.aggregate(last=Max("position"))["last"] or 0
    case = ReferenceCase(campaign=campaign, position=last + 1, copied_from=copied_from)
    _set(case, facts)
    case.save()
    return case


def _set(case: ReferenceCase, facts: Mapping[str, Any]) -> None:
    for name in COLUMNS:
        setattr(case, name, facts[name])


def _keep(
    case: ReferenceCase, facts: Mapping[str, Any], *, deidentified: bool, by: Actor, at: datetime
) -> None:
    CaseVersion.objects.create(
        case=case,
        number=case.version,
        texts=kept(dict(facts)),
        deidentified=deidentified,
        by=by.user,
        behalf=by.behalf,
        at=at,
    )
