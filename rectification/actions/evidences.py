"""Evidence (佐证材料) of a problem being rectified: files, papers kept elsewhere, notes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from rectification import policy
from rectification.actions import measures
from rectification.models import Act, Evidence, Problem
from reform.actions import attachments, trail
from reform.errors import Forbidden, Refused
from reform.models import Actor, Attachment

Status = Problem.Status


@transaction.atomic
def prove(
    problem: Problem,
    *,
    facts: Mapping[str, Any],
    attachment: Attachment | None = None,
    behalf: str = "",
    by: Actor,
    at: datetime,
) -> Evidence:
    """Add evidence: a file already kept, a paper kept elsewhere, or a note.

    `facts` holds kind, title, text, number, place, keeper and measure.
    """
    problem = measures.opened(problem, "ev.upload", {Status.RECTIFYING}, by=by)
    supplier, supplier_name = measures.named(problem, behalf, by=by)
    if facts.get("measure") and facts["measure"].problem_id != problem.pk:
        raise Refused("所选措施不属于这条问题，请重新选择。")
    evidence = Evidence.objects.create(
        problem=problem,
        attachment=attachment,
        supplier=supplier,
        supplier_name=supplier_name,
        entered_by=by.user,
        entered_at=at,
        **facts,
    )
    measures.touch(problem)
    trail.record(
        Act.EVIDENCE_ADDED, problem, by=by, at=at, behalf=supplier_name, quote=evidence.title
    )
    return evidence


@transaction.atomic
def prove_all(
    problem: Problem,
    *,
    facts: Mapping[str, Any],
    files: Sequence[Attachment],
    behalf: str = "",
    by: Actor,
    at: datetime,
) -> list[Evidence]:
    """Add a piece of evidence for each file, titled by its name where `facts` gives no title."""
    if not files:
        return [prove(problem, facts=facts, behalf=behalf, by=by, at=at)]
    return [
        prove(
            problem,
            facts={**facts, "title": facts["title"] or file.name},
            attachment=file,
            behalf=behalf,
            by=by,
            at=at,
        )
        for file in files
    ]


@transaction.atomic
def unprove(evidence: Evidence, *, by: Actor, at: datetime) -> None:
    """Take back one's own evidence before it went out with an application."""
    problem = evidence.problem.locked()
    if evidence.entered_by_id != by.user.pk:
        raise Forbidden("佐证材料只能由录入人本人删除。")
    policy.require(by, "ev.upload", problem)
    evidence = measures.still(problem.evidence, evidence)
    if evidence.submitted or problem.status != Status.RECTIFYING:
        raise Refused("这份佐证已随销号申请送审，不能删除或替换。")
    trail.record(Act.EVIDENCE_DROPPED, problem, by=by, at=at, quote=evidence.title)
    attachment = evidence.attachment
    evidence.delete()
    if attachment and not attachment.evidence.exists():
        transaction.on_commit(lambda: attachments.drop(attachment))
    measures.touch(problem)


@transaction.atomic
def read(evidence: Evidence, *, by: Actor, at: datetime) -> Attachment:
    """Hand out the file of a piece of evidence; the download is in the trail."""
    policy.require(by, "ev.download", evidence.problem)
    if evidence.attachment is None:
        raise Refused("这份佐证没有电子文件，请按所列存放地点查阅。")
    trail.record(
        Act.EVIDENCE_READ,
        evidence.problem,
        by=by,
        at=at,
        quote=evidence.title,
        sha256=evidence.attachment.sha256,
    )
    return evidence.attachment
