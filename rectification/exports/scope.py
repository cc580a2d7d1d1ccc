"""Which rows somebody may take out of the ledger (导出范围), and how papers say what was asked."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from django.db.models import Q

from rectification import policy
from rectification.models import Appointment, Problem, ProblemPerson, Progress, metric, owing
from rectification.models.ledger_filter import apply, asked, chip, chips
from rectification.models.problem_queryset import ProblemQuerySet
from reform.models import Actor, Organization
from reform.models.scope import RELATIONS, Reach
from reform.text import clean, key_of

ACT = "pb.export"
NOTHING = Q(pk__in=[])
Params = Mapping[str, Sequence[str]]

# Filter in the address → its word, and where the name of a chosen key stands.
NAMED: dict[str, tuple[str, str, str]] = {
    "campaign": ("活动", "campaign", "campaign__title"),
    "item": ("问题类别", "items", "items__name"),
    "source": ("问题来源", "source", "source__name"),
    "level": ("销号层级", "closing_level", "closing_level__name"),
    "task_force": ("工作专班", "task_force_links__body", "task_force_links__body__name"),
    "case": ("由案例", "case_links__case", "case_links__case__name"),
}
# Filter in the address → its word, and the words of its values.
CODED: dict[str, tuple[str, dict[str, str]]] = {
    "status": ("状态", dict(Problem.Status.choices)),
    "severity": ("程度", dict(Problem.Severity.choices)),
    "owner": ("问题归属", dict(Problem.OwnerKind.choices)),
    "progress": ("完成情况", dict(Progress.choices)),
}
TYPED = {"q": "关键词", "due_from": "时限自", "due_until": "时限至", "upload": "导入批次"}


def may_export(actor: Actor) -> bool:
    """Return whether one of the actor's duties takes anything out of the ledger."""
    return actor.holds(*policy.scopes(ACT))


def exportable(actor: Actor) -> ProblemQuerySet:
    """Return the rows `policy.may(actor, "pb.export", row)` allows; a test holds them together."""
    table = policy.scopes(ACT)
    relations = {role: RELATIONS[code] for role, code in table.items()}
    personal = {role: relations[role] & policy.PERSONAL.get(role, set()) for role in table}
    own = [duty.organization.path for duty in actor.duties if "own" in personal.get(duty.role, ())]
    reach = Reach.of(actor, table)
    unit = Q() if reach.whole else reach.condition() | _saying(actor, relations)
    return Problem.objects.visible_to(actor).filter(
        ~Q(owner_kind="personal") & unit
        | Q(owner_kind="personal") & (Q(path__in=own) | _saying(actor, personal))
    )


def _saying(actor: Actor, relations: Mapping[str, frozenset[str] | set[str]]) -> Q:
    """Return the rows that name the actor: his own, or assigned to him."""
    held: set[str] = set().union(*(relations.get(duty.role, ()) for duty in actor.duties))
    answering = ProblemPerson.objects.filter(user=actor.user, part="responsible")
    asked = Appointment.objects.filter(user=actor.user, until__gte=actor.on)
    rows = {
        "self": Q(drafted_by=actor.user) | Q(pk__in=answering.values("problem")),
        "asg": Q(pk__in=asked.values("step__application__problem")),
    }
    return reduce(or_, (rows[said] for said in rows if said in held), NOTHING)


def asked_for(actor: Actor, params: Params) -> ProblemQuerySet:
    """Return the rows the filters of a ledger page ask for, among those the actor may take out."""
    return apply(exportable(actor), params, actor.on)  # type: ignore[return-value]


def in_words(params: Params, problems: ProblemQuerySet) -> str:
    """Return what the filters asked for; names are looked up among `problems` only."""
    last = {name: str(values[-1]) for name, values in params.items() if values}
    words = [_word(name, clean(value, multiline=False), problems) for name, value in last.items()]
    if figure := asked(params).get("figure"):
        words.append(metric.in_words(figure))
    if owes := asked(params).get("owes"):
        words.append(owing.in_words(owes))
    return "；".join([chips()[chip(params)][0], *(word for word in words if word)])


def _word(name: str, value: str, problems: ProblemQuerySet) -> str:
    if not value:
        return ""
    if name in TYPED:
        return f"{TYPED[name]}“{value[:100]}”"
    if name in CODED:
        label, values = CODED[name]
        return f"{label}“{values[value]}”" if value in values else ""
    key = key_of(value)
    if name == "organization":
        place = Organization.objects.filter(pk=key).first()
        return f"{place}及所属" if place else ""
    if name in NAMED:
        label, field, path = NAMED[name]
        found = problems.filter(**{field: key}).order_by().values_list(path, flat=True).first()
        return f"{label}“{found}”" if found else ""
    return ""
