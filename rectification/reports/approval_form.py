"""The closure approval form (销号审批表): one application, printed to be signed by hand.

Steps already decided are printed with opinion, name and day; the others have room for them, and the
boxes that whoever enters the paper (线下签批) has to tick.
"""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone

from campaigns.models import ClosingStep
from rectification.models import (
    ClosureApplication,
    ClosureReview,
    Decision,
    Evidence,
    Measure,
    Method,
    Problem,
    ReturnReason,
    ReviewStep,
    Standard,
)
from reform import word
from reform.word import LABEL, TEXT, Table, long_day

WIDTHS = (26.0, 61.0, 26.0, 59.0)  # millimetres: label, value, label, value
WHOLE = len(WIDTHS) - 1
ROOM = {False: 24, True: 16}  # millimetres for an opinion: to be written, already there
KEEP_SAFE = "内部资料，请妥善保管。签批后由联络员或活动办录入系统，并上传扫描件。"
BLANK_DAY = "　　　年　　月　　日"
BLANK_NAME = "　　　　　　"
Kind = ClosingStep.Kind


def closure_form(application: ClosureApplication, *, on: date) -> bytes:
    """Return the form of one application as .docx; `on` is the day it is filled in."""
    problem = application.problem
    paper = word.Paper(title=f"{problem} 销号审批表", numbers=word.FORM)
    paper.title(f"{problem.campaign}\n问题整改销号审批表")
    _write_header(paper, application, on)
    table = paper.table(WIDTHS)
    _write_facts(table, problem)
    _write_work(table, application)
    _write_applicant(table, application)
    for step in application.steps.select_related("holder", "review__recorded_by"):
        _write_step(table, step)
    paper.page_of_pages(before=f"{problem}　　", above=KEEP_SAFE)
    return paper.bytes()


# ---------------------------------------------------------------- what it is about


def _write_header(paper: word.Paper, application: ClosureApplication, on: date) -> None:
    """Write two lines: a whole number and a long name do not fit side by side."""
    problem = application.problem
    lines = paper.table((112, 60), ruled=False)
    lines.row(("", 1, TEXT), (f"编号：{problem}-{application.round}", 1, word.RIGHT))
    lines.row(
        (f"填报单位（盖章）：{problem.unit_name}", 1, TEXT),
        (f"填报时间：{long_day(on)}", 1, word.RIGHT),
    )


def _write_facts(table: Table, problem: Problem) -> None:
    superior = f"（上级编号：{problem.superior_number}）" if problem.superior_number else ""
    source = problem.source_text or (problem.source.name if problem.source else "")
    people = _names(problem)
    _pair(table, "问题来源", source, "问题编号", f"{problem}{superior}")
    _pair(table, "责任领导", people["leader"], "责任人", people["responsible"])
    _whole(table, "问题内容", problem.original_text or problem.description)
    effect = f"\n预期效果：{problem.effect_expected}" if problem.effect_expected else ""
    _whole(table, "整改标准", f"{problem.standard}{effect}")
    _pair(table, "整改时限", _deadline(problem), "实际完成\n时间", _finished(problem))


def _write_work(table: Table, application: ClosureApplication) -> None:
    problem = application.problem
    measures = _numbered(map(_measure, problem.measures.all()))
    work = "\n".join(text for text in (measures, application.statement) if text)
    evidence = problem.evidence.select_related("attachment")
    _whole(table, "整改措施\n及落实情况", work)
    _whole(table, "整改成效", problem.effect_achieved)
    _whole(table, "佐证材料\n目录", _numbered(map(_evidence, evidence)))


def _pair(table: Table, *texts: str) -> None:
    first, value, second, other = texts
    table.row((first, 1, LABEL), (value, 1, TEXT), (second, 1, LABEL), (other, 1, TEXT), height=8)


def _whole(table: Table, label: str, text: str) -> None:
    table.row((label, 1, LABEL), (text, WHOLE, TEXT), height=11)


def _names(problem: Problem) -> dict[str, str]:
    found: dict[str, list[str]] = {"leader": [], "responsible": []}
    for person in problem.people.all():
        found[person.part].append(person.name)
    return {part: "、".join(names) for part, names in found.items()}


def _deadline(problem: Problem) -> str:
    day = long_day(problem.due_on) if problem.due_on else problem.due_text
    if problem.due_kind in {Problem.DueKind.AT_ONCE, Problem.DueKind.STANDING}:
        day = f"{problem.get_due_kind_display()}（{day}）"
    if problem.then_standing:
        day += "，并长期坚持"
    if problem.first_due_on and problem.first_due_on != problem.due_on:
        day += f"\n（原{long_day(problem.first_due_on)}）"
    return day


def _finished(problem: Problem) -> str:
    """The last measure's day: what the organization says, not when it was closed."""
    days = [measure.done_on for measure in problem.measures.all() if measure.done_on]
    return long_day(max(days)) if days else ""


def _numbered(texts: Iterator[str]) -> str:
    found = list(texts)
    if len(found) == 1:
        return found[0]
    return "\n".join(f"{place}. {text}" for place, text in enumerate(found, start=1))


def _measure(measure: Measure) -> str:
    done = f"{long_day(measure.done_on)}完成" if measure.done_on else "未完成"
    return f"{measure.text}（{'：'.join(word for word in (done, measure.done_note) if word)}）"


def _evidence(piece: Evidence) -> str:
    """What a reviewer needs to find it: a file, or number, place and keeper."""
    if piece.attachment:
        about = [f"文件：{piece.attachment.name}"]
    else:
        facts = (("文号", piece.number), ("存放", piece.place), ("保管", piece.keeper))
        about = [f"{name}：{value}" for name, value in facts if value] + [piece.text] * bool(
            piece.text
        )
    return f"{piece.title}（{'，'.join(about)}）" if about else piece.title


# ---------------------------------------------------------------- who says what


def _write_applicant(table: Table, application: ClosureApplication) -> None:
    typed_by = application.entered_by.name
    filled = f"（{typed_by}代填）" if typed_by != application.applicant_name else ""
    day = long_day(timezone.localtime(application.applied_at).date())
    text = (
        f"申请人：{application.applicant_name}{filled}，{day}提出第{application.round}次销号申请。"
    )
    table.signed("责任人意见", text, f"签字：{BLANK_NAME}{BLANK_DAY}", room=ROOM[True])


def _write_step(table: Table, step: ReviewStep) -> None:
    review = getattr(step, "review", None)
    lines = _said(review) if review else _boxes(step)
    signature = _signed(review) if review else f"{_signs(step)}：{BLANK_NAME}{BLANK_DAY}"
    table.signed(_label(step), "\n".join(lines), signature, room=ROOM[review is not None])


def _is_personal(step: ReviewStep) -> bool:
    return step.application.problem.is_personal


def _label(step: ReviewStep) -> str:
    office = step.application.problem.campaign.office_name
    labels = {
        Kind.ENDORSE: "支部书记\n意见" if _is_personal(step) else "责任单位\n主要负责人\n意见",
        Kind.VERIFY: f"{office}\n核查意见",
        Kind.RECHECK: "纪检机构\n复核意见",
        Kind.APPROVE: "领导审定\n意见",
    }
    return labels[Kind(step.kind)]


def _signs(step: ReviewStep) -> str:
    signs = {Kind.ENDORSE: "签字（盖章）", Kind.VERIFY: "核查人（2人）签字"}
    return signs.get(Kind(step.kind), "签字")


def _boxes(step: ReviewStep) -> list[str]:
    """What is to be ticked by hand: the same things that the page asks for."""
    lines = ["□同意销号　　□退回整改，补改期限：　　　年　　月　　日"]
    if step.kind != Kind.ENDORSE or _is_personal(step):
        must = "（须实地查看或访谈）" if step.must_visit else ""
        lines.append(f"核查方式：{_open_boxes(Method.labels)}{must}")
    if step.kind == Kind.VERIFY:
        lines.append(f"对照标准：{_open_boxes(Standard.labels)}")
    return lines


def _open_boxes(labels: list[str]) -> str:
    return "　".join(f"□{label}" for label in labels)


def _said(review: ClosureReview) -> list[str]:
    """The decision as it was taken, in its own words."""
    lines = [_decision(review)]
    if review.methods:
        lines.append(f"核查方式：{_labels(Method, review.methods)}")
    if review.standards:
        lines.append(f"对照标准：{_labels(Standard, review.standards)}")
    return lines


def _decision(review: ClosureReview) -> str:
    if review.decision == Decision.RETURNED:
        reason = ReturnReason(review.reason).label
        new = f"，补改期限{long_day(review.new_due_on)}" if review.new_due_on else ""
        return f"退回整改（{reason}{new}）：{review.opinion}"
    return f"{review.get_decision_display()}。{review.opinion}".rstrip("。") + "。"


def _labels(choices: type[Method] | type[Standard], codes: list[str]) -> str:
    return "、".join(str(choices(code).label) for code in codes if code in choices.values)


def _signed(review: ClosureReview) -> str:
    """Who signed, and the day: on paper the day on the paper, “王某某签批（李某代录）”."""
    if review.signed_on:
        return f"{review.signed}　{long_day(review.signed_on)}"
    if review.decision == Decision.WAIVED:
        return _local(review.decided_at)
    post, place = review.reviewer_post, review.organization_name
    words = ("" if post.startswith(place) else place, post, review.signed)
    return f"{' '.join(word for word in words if word)}　{_local(review.decided_at)}"


def _local(moment: datetime) -> str:
    return long_day(timezone.localtime(moment).date())
