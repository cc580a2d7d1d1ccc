"""What the demo has no row of, made by the acts: so that every page has something to show."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.utils import timezone

from campaigns.actions import (
    assignment_imports,
    assignments,
    campaigns,
    changes,
    drafts,
    examination_copies,
    examination_readers,
    examination_records,
    examination_reviews,
    examinations,
    excuses,
    given_texts,
    reference_cases,
    responsible,
    sendings,
    stage_turns,
    stages,
    superior_requests,
    sweeps,
)
from campaigns.actions.bodies import NewMember
from campaigns.imports import assignments as assignment_papers
from campaigns.imports import kits
from campaigns.models import (
    Campaign,
    Examination,
    Finding,
    GivenText,
    Pledge,
    ReferenceCase,
    Reflection,
    Showing,
    SweepRequest,
    Verdict,
)
from campaigns.models.sweep_roll import Sought
from rectification.actions import (
    activity_links,
    conversions,
    evidences,
    findings,
    instructions,
    measures,
    pauses,
    weekly_collations,
    weekly_reports,
    weekly_signings,
)
from rectification.exports import jobs
from rectification.imports import ledger
from rectification.management import demo_paper
from rectification.management.demo_people import SINCE
from rectification.models import (
    Conversion,
    EarlierDeadline,
    Instruction,
    Measure,
    Problem,
    ReviewStep,
    WeeklyIssue,
    WeeklyReport,
)
from reform.actions import (
    attachments,
    delegations,
    duties,
    notices,
    organizations,
    people,
    people_imports,
    relations,
    seals,
    second_steps,
    sign_ins,
    suggestions,
    trail,
    users,
)
from reform.imports import people as roll
from reform.models import (
    Act,
    Actor,
    Delivery,
    Duty,
    DutyField,
    HolidayNotice,
    Notice,
    Organization,
    Preference,
    Role,
    SignInFailure,
    TrailEntry,
    User,
)
from tests.campaigns import portrait_rows, sheets
from tests.rectification import cases, promises
from tests.rectification import stages as staged

LEDGERS = Path(__file__).resolve().parent.parent / "files" / "ledgers"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- of a telephone that is none
ROLL = """姓名,单位,职务,职责,是否开通账号
孙志远,第四党支部,后勤科副科长,党员干部,是
李明珠,第四党支部,窗口科科员,联络员,是
欧阳文静,市交通建设服务中心党委,纪检监察室主任,纪检,是
马超,机关党委,养护科科长,党员干部,否
"""
OTHERS = """姓名,单位,职务,职责,是否开通账号
诸葛明远,第三党支部,执法大队副大队长,党员干部,是
夏雨,市公路事业发展中心党委,办公室主任,活动办,是
马超,机关党委,养护科科长兼工会主席,党员干部,否
"""
FAULTY = """姓名,单位,职务,职责,是否开通账号
赵小川,第九党支部,工程科科员,党员干部,是
,第一党支部,综合科科员,党员干部,是
"""
FAULTY_LEDGER = """序号,存在问题,整改措施,责任人,整改时限
1,,补齐两个季度的考核,马朝,尽快
2,养护合同未按季度考核，考核结果没有与计量支付挂钩。,按季度考核,马超,2026年6月31日
3,节假日值班电话无人接听。,值班电话转接到值班员,马朝,立行立改
"""


class Rows(SimpleNamespace):
    """The rows that pages are about, by the names that the table of pages gives them."""

    def person(self, username: str) -> User:
        return User.objects.get(username=username)

    def by(self, username: str) -> dict[str, Any]:
        """Return who and when, as acts ask for them."""
        on = timezone.localdate()
        actor = Actor.of(self.person(username), on=on, address="10.12.3.45")
        return {"by": actor, "at": timezone.now()}

    def place(self, code: str) -> Organization:
        return Organization.objects.get(code=code)

    def problem(self, words: str) -> Problem:
        return Problem.objects.get(description__contains=words)

    def step(self, words: str) -> ReviewStep:
        return ReviewStep.objects.open().get(application__problem=self.problem(words))


def furnish() -> Rows:
    rows = Rows()
    _problems(rows)
    _steps(rows)
    _files(rows)
    _places(rows)
    _people(rows)
    _doors(rows)
    _told(rows)
    _weekly(rows)
    _instructions(rows)
    _examinations(rows)
    _stages(rows)
    _bodies(rows)
    _findings(rows)
    _portraits(rows)
    _sweeps(rows)
    _cases(rows)
    _promises(rows)
    return rows


def _sweeps(rows: Rows) -> None:
    """Of the demo's: one on the ledger, one that waits; and one that a branch is filling in."""
    request = SweepRequest.objects.earliest("pk")
    rows.swept = request.sweeps.get(status="accepted")
    rows.sweep_sent = request.sweeps.get(status="submitted")
    clerk = rows.by("panxue")
    sought, place = Sought(rows.campaign, request=request), rows.place("ZB3")
    rows.sweeping = sweeps.begin(sought, organization=place, **clerk)
    rows.swept_object = sweeps.add_object(
        rows.sweeping, kind="post", name="窗口收费岗", lines={"r": {"found": False}}, **clerk
    )


def _problems(rows: Rows) -> None:
    rows.campaign = Campaign.objects.get(code="YACG")
    for name, words in {
        "draft": "周例会定的3项任务",
        "registered": "档案移交目录",
        "assigned": "支部两次组织生活会",
        "rectifying": "企业咨询转办后无人跟踪",
        "soon": "现场核验照片没有日期",
        "standing": "节前廉洁提醒",
        "returned": "财务报销单附件",
        "reviewed": "暗访发现窗口叫号",
        "closed": "夜间执法值守",
        "personal": "联系的4家企业",
    }.items():
        setattr(rows, name, rows.problem(words))
    since = rows.soon.due_on - timedelta(days=14)
    Problem.objects.filter(pk=rows.soon.pk).update(due_since=since, due_workdays=10)
    EarlierDeadline.objects.create(
        problem=rows.soon,
        notice=HolidayNotice.objects.get_or_create(year=2026)[0],
        was=rows.soon.due_on,
        becomes=rows.soon.due_on - timedelta(days=1),
        found_at=timezone.now(),
    )
    _campaigns(rows)
    rows.rule = rows.campaign.reminder_rules.get(cause="overdue", workdays=5)
    rows.pause = pauses.pause(
        rows.rectifying,
        until=timezone.localdate() + timedelta(days=3),
        reason="抽调参加汛期值守，3日后恢复",
        **rows.by("guming"),
    )
    clerk = rows.by("suye")
    plain = {"text": "逐卷核对移交目录，缺少的2卷在原经办科室查找并补录"}
    rows.early = measures.plan(rows.registered, facts=plain, behalf="韩松", **clerk)
    rows.measure = Measure.objects.get(problem=rows.rectifying, done_on=None)
    rows.finished = measures.plan(
        rows.rectifying, facts={"text": "转办单增加跟踪人一栏"}, behalf="白露", **clerk
    )
    day = timezone.localdate() - timedelta(days=1)
    measures.finish(rows.finished, done_on=day, note="新表自本月起使用", **clerk)
    rows.evidence = evidences.prove(
        rows.rectifying,
        facts={"kind": "file", "title": "转办件跟踪登记表（3月至5月，含逐件答复时间）"},
        attachment=demo_paper.keep("转办件跟踪登记表（3月至5月，含逐件答复时间）.pdf", **clerk),
        behalf="白露",
        **clerk,
    )


def _campaigns(rows: Rows) -> None:
    """A draft from a kit with empty lists, and a change that waits."""
    kit, office = kits.shipped()[0], rows.by("caiwen")
    rows.sketch = drafts.start(
        kit,
        title="市交通运输局党组以案促改专项工作（第二轮）",
        code="YACG-2",
        organization=rows.place("JTJ"),
        starts_on=timezone.localdate() + timedelta(days=20),
        participants=[rows.place("FWZX"), rows.place("GLZX")],
        made_from=f"活动套件“{kit.name}”（第{kit.version}版）",
        **office,
    )
    rows.offered = drafts.start(
        kits.shipped()[1],
        title="市交通运输局党组庸懒散慢虚粗专项整治（待批准）",
        code="OFFERED",
        organization=rows.place("JTJ"),
        starts_on=timezone.localdate() + timedelta(days=20),
        participants=[rows.place("FWZX")],
        **office,
    )
    sendings.send(rows.offered, **office)
    rows.sheet = rows.sketch.checklists.get(title="四个查一查")
    rows.questions = rows.sketch.checklists.get(mode="questions")
    item = rows.campaign.checklists.get().pk
    facts = {"checklist": item, "name": "浮", "description": "不深入、不扎实，情况靠汇报"}
    why = "市委督察组反馈意见中要求一并整治“浮”的问题。"
    rows.wish = changes.request(rows.campaign, kind="item", facts=facts, reason=why, **office)


def _steps(rows: Rows) -> None:
    rows.endorse = rows.step("办公用品申领")
    rows.verify = rows.step("季度学习体会")
    rows.recheck = rows.step("固定资产盘点")
    rows.approve = rows.step("暗访发现窗口叫号")


def _files(rows: Rows) -> None:
    clerk, office, system = rows.by("zhoumin"), rows.by("xuqing"), rows.by("sysadmin")
    facts = {"campaign": rows.campaign, "organization": rows.place("JGDW"), **clerk}
    rows.upload = ledger.receive(**_ledger("01"), **facts)
    rows.kept = ledger.receive(**_ledger("04"), **facts)
    source = rows.campaign.sources.get(name="自己找")
    day = timezone.localdate() - timedelta(days=20)
    ledger.keep(rows.kept, good_rows=True, source=source, found_on=day, **clerk)
    rows.faulty = ledger.receive(FAULTY_LEDGER.encode(), name="补报问题.csv", **facts)
    rows.job = jobs.ask("printed", params={}, **office)
    jobs.run(rows.job.pk, at=timezone.now())
    rows.waiting = jobs.ask("data", params={"view": ["overdue"]}, **office)
    rows.roll, rows.kept_roll, rows.faulty_roll = (
        people_imports.receive(_roll(text, system), **system) for text in (OTHERS, ROLL, FAULTY)
    )
    roll.keep(rows.kept_roll, **system)


def _ledger(number: str) -> dict[str, Any]:
    path = next(path for path in LEDGERS.glob(f"{number}-*") if path.suffix != ".json")
    return {"data": path.read_bytes(), "name": path.name}


def _roll(text: str, by: dict[str, Any]) -> Any:
    return attachments.keep(BytesIO(text.encode()), name="人员名册.csv", kind="text/csv", **by)


def _bodies(rows: Rows) -> None:
    """The demo has its bodies; somebody is named first responsible."""
    rows.force = rows.campaign.bodies.get(kind="task_force")
    rows.linked = rows.force.problem_links.first()
    person = NewMember("", "韩松", "综合科科长", rows.person("hansong"))
    rows.named = responsible.name(
        rows.campaign,
        organization=rows.place("ZB1"),
        person=person,
        since=timezone.localdate(),
        **rows.by("caiwen"),
    )


def _findings(rows: Rows) -> None:
    """Findings that wait, and two on the ledger: of one its author was told that it turns."""
    names = [item.name for item in rows.checklist.items.all()]
    by, secretary = rows.by("hejing"), rows.by("wugang")
    row = sheets.begun(rows.campaign, by["by"], *names[:4], at=by["at"])
    promise = sheets.promise(row, timezone.localdate())
    examinations.submit(row, version=row.version, promise=promise, **by)
    examination_reviews.decide(
        row, number=1, decision=Verdict.Decision.ACCEPTED, comment="", **secretary
    )
    found = list(Finding.objects.filter(submission__examination=row))
    results = findings.take_in(found[:2], **secretary)
    rows.own_row, rows.turning = (one.problem for one in results)
    conversions.tell(
        rows.turning,
        becomes=Conversion.Becomes.UNIT,
        reason="转办后由谁回复没有规定，是制度问题，不是个人作风问题。",
        **secretary,
    )


def _portraits(rows: Rows) -> None:
    """The same as in the tables of pages, in the demo's committee."""
    people = {
        "colleague": "linfang",
        "member": "machao",
        "liaison": "zhoumin",
        "secretary": "wugang",
    }
    nobody = users.create(username=None, name="老郑", post="退休党员")
    committee = rows.place("JGDW")
    users.give_duty(nobody, role=Role.MEMBER, organization=committee, since=SINCE)
    portrait_rows.furnish(
        rows,
        by={name: rows.by(username)["by"] for name, username in people.items()},
        users={name: rows.person(username) for name, username in people.items()},
        branch=committee,
        writer=rows.person("sunwei"),
        nameless=nobody,
        on=timezone.localdate(),
        at=timezone.now(),
    )


def _weekly(rows: Rows) -> None:
    issue = WeeklyIssue.objects.filter(since__lte=timezone.now()).latest("number")

    def of(code: str) -> SimpleNamespace:
        return SimpleNamespace(args=[issue.pk, rows.place(code).pk])

    rows.intake, rows.top_intake = of("FWZX"), of("JTJ")
    rows.owed, rows.unfiled = of("JGDW"), of("ZB4")
    filed = WeeklyReport.objects.filed()
    rows.filed_report = filed.filter(organization__code="ZB1").latest("pk")
    rows.collated = filed.filter(collated=True).latest("pk")
    weekly_signings.forward(
        rows.collated,
        to="市委以案促改工作领导小组办公室",
        sent_at=timezone.now(),
        way="exchange",
        receipt="收文号2026-118",
        **rows.by("xuqing"),
    )
    rows.drafted_report = weekly_reports.begin(issue, rows.place("JGDW"), **rows.by("zhoumin"))
    rows.collating = weekly_collations.collate(issue, rows.place("FWZX"), **rows.by("xuqing"))
    rows.part = rows.collating.parts.first()


def _instructions(rows: Rows) -> None:
    told = Instruction.objects.order_by("pk")
    rows.replied, rows.instruction = told.get(status="answered"), told.get(status="open")
    facts = {"organization": rows.place("JGDW"), "answer_by": None}
    clerk, at = rows.by("xuqing"), timezone.localdate()
    rows.on_paper = instructions.record(
        rows.campaign,
        text="机关党委要带头，把逾期问题逐条说清原因和办结时间，下周一前报我。",
        signer=rows.person("guming"),
        signer_name="",
        signed_on=at,
        scan=demo_paper.keep("批示件扫描.pdf", **clerk),
        **facts,
        **clerk,
    )
    instructions.prepare(
        rows.on_paper, text="机关党委现有逾期问题2条，均已约谈责任人。", **rows.by("zhoumin")
    )


def _examinations(rows: Rows) -> None:
    """Drafts, one that waits for its reader, one returned and sent again, one from handwriting."""
    campaign = rows.campaign
    rows.checklist = campaign.checklists.get()

    def written(username: str, *names: str, **texts: str) -> Any:
        by = rows.by(username)
        return sheets.begun(campaign, by["by"], *names, at=by["at"], **texts)

    def sent(username: str, *names: str, **texts: str) -> Any:
        row, by = written(username, *names, **texts), rows.by(username)
        promise = sheets.promise(row, timezone.localdate())
        examinations.submit(row, version=row.version, promise=promise, **by)
        return Examination.objects.get(pk=row.pk)

    names = [item.name for item in rows.checklist.items.all()]
    rows.writing = written("machao", names[0], names[2])
    rows.handed = sent("linfang", names[1])
    rows.top_sheet = sent("songyan", names[3])
    rows.unannounced = sent("zhoumin", names[0])
    rows.unannounced.readers.all().delete()
    rows.returned_sheet = sent("sunwei", names[4])
    secretary = rows.by("wugang")
    examination_reviews.decide(
        rows.returned_sheet,
        number=1,
        decision=Verdict.Decision.RETURNED,
        comment="典型案例请写清楚时间和后果，措施写到人、到日。",
        **secretary,
    )
    rows.again = Examination.objects.get(pk=rows.returned_sheet.pk)
    again = sheets.written(rows.checklist, names[4], case_result="延误9天，已向企业当面致歉。")
    by = rows.by("sunwei")
    row = examinations.save(rows.again, content=again, version=rows.again.version, **by)
    promise = sheets.promise(row, timezone.localdate())
    examinations.submit(row, version=row.version, promise=promise, **by)
    examination_reviews.decide(
        row,
        number=2,
        decision=Verdict.Decision.ACCEPTED,
        comment="事例具体，措施可查，请按期落实。",
        ticks=["above", "self", "post"],
        **secretary,
    )
    rows.dictated = examination_records.record(
        rows.checklist,
        author=rows.person("hansong"),
        content=sheets.written(rows.checklist, names[5]),
        scan=demo_paper.keep("韩松手写自查剖析.pdf", **rows.by("suye")),
        **rows.by("suye"),
    )
    rows.lent = sent("zhengjie", names[2])
    rows.lending = examination_readers.assign(
        rows.lent,
        person=rows.person("fengzheng"),
        reason="核实信访反映",
        until=timezone.localdate() + timedelta(days=14),
        **rows.by("guming"),
    )
    rows.asked_copy, rows.given_copy = (
        examination_copies.ask([rows.lent], reason=words, **rows.by("fengzheng"))
        for words in ("核实信访反映，附卷后按规定保管。", "向上级纪检组汇报。")
    )
    examination_copies.decide(rows.given_copy, approved=True, words="同意。", **rows.by("guming"))


def _promises(rows: Rows) -> None:
    """The demo's pledges and the copy that it shows; a draft, and a copy that waits."""
    pledges = Pledge.objects.filter(campaign=rows.campaign)
    rows.pledge = pledges.get(signed_name="韩松")
    rows.team_pledge = pledges.get(person=None)
    rows.promise = rows.pledge.items.get(position=2)
    rows.reflection = Reflection.objects.get(author=rows.person("hejing"))
    rows.showing = Showing.objects.get(consent__reflection=rows.reflection)
    machao, linfang = rows.by("machao"), rows.by("linfang")
    rows.reflecting = promises.begun(rows.campaign, machao["by"], at=machao["at"])
    row = promises.handed(rows.campaign, linfang["by"], at=linfang["at"])
    rows.copy = promises.agreed(row, linfang["by"], at=linfang["at"])


TASKS = """序号,工作任务,具体措施,类别,牵头领导,牵头单位,配合单位,责任人,完成时限,进展（形象进度）
1,开展庸懒散慢虚粗集中查摆,对照清单逐项查摆，支部逐人审阅，共性问题由专班汇总,规定动作,顾明,市交通建设服务中心党委,各党支部,许晴,12月20日前,已下发查摆清单
2,开好专题组织生活会,会前征求意见，会上逐一对照检查,规定动作,吴刚,机关党委,,马超,11月底前,
3,窗口服务提质行动,推行首问负责和延时服务,自选动作,,第四党支部,第一党支部,白露,长期坚持,
"""
GIVEN = {"title": "班子对照检查材料", "year": 2026, "text": "班子对难点摸得不透。"}
CLAUSES = [
    ("（一）", "深入开展警示教育，以案说法、以案明纪。"),
    ("（二）", "对照问题清单全面查摆，一项都不遗漏。"),
    ("（三）", "健全完善制度，堵塞管理漏洞，推动逢案必改。"),
]


def _stages(rows: Rows) -> None:
    """Stages of the plan, the second open; a table of tasks; meetings; what a superior asks."""
    office, top, today = rows.by("caiwen"), rows.campaign, timezone.localdate()
    past, rows.stage, rows.next_stage, _ = top.stages.all()
    stage_turns.open_next(past, invited=True, **office)
    paper = demo_paper.keep("学习教育阶段总结.pdf", **office)
    summary = "集中学习12次，警示教育3场，参加率96%。存在个别支部学用脱节的问题，转入查摆阶段解决。"
    staged.shut(
        past, summary=summary, attachment=paper, invited=True, by=office["by"], at=office["at"]
    )
    rows.stage.refresh_from_db()
    rows.excuse = excuses.excuse(
        rows.stage, person=rows.person("machao"), reason="seconded", words="借调市委办", **office
    )
    excuses.excuse(
        rows.stage, organization=rows.place("ZB4"), reason="other", words="整体抽调防汛", **office
    )
    assignments.enter_clauses(top, source="市委方案", lines=CLAUSES, **office)
    clause = top.clauses.first()
    facts = staged.task(rows.place("JGDW"), stage=rows.stage, clause=clause, due_text="已过的期限")
    facts |= {"due_on": today - timedelta(days=3), "content": "通报典型案例，撰写心得体会"}
    facts |= {"person": rows.person("machao"), "person_name": "马超", "leader_name": "吴刚"}
    rows.task = assignments.add(top, facts=facts, cooperating=[rows.place("ZB1")], **office)
    assignments.progress(
        rows.task, text="已组织3次，余下2次", status="under_way", on=today, **rows.by("machao")
    )
    assignment_papers.keep(_tasks(rows, TASKS), **office)
    rows.table = _tasks(rows, TASKS.replace("集中查摆", "集中再查摆"))
    rows.faulty_table = _tasks(
        rows, TASKS.replace("11月底前", "2月30日").replace("机关党委", "某党委")
    )
    rows.idle_task = top.assignments.get(task="开好专题组织生活会")
    rows.clause = top.clauses.last()
    rows.team_text = given_texts.give(
        top, kind=GivenText.Kind.TEAM, organization=top.organization, **GIVEN, **office
    )
    rows.demand = superior_requests.enter(
        top, facts=staged.demand(on=today - timedelta(days=9)), **office
    )
    done = {"answered_on": today, "answered_by": "蔡文", "answer": "已按要求报送，附工作台账。"}
    superior_requests.enter(
        top, facts=staged.demand(on=today - timedelta(days=30)) | done, **office
    )
    for kind, words in (
        ("meeting", "专题研究查摆问题"),
        ("survey", "到窗口一线调研"),
        ("meeting", "研究整改方案"),
    ):
        facts = staged.meeting(rows.place("JGDW"), kind=kind, topic=words, on=today)
        rows.activity = activity_links.enter(
            top, facts=facts, problems=[rows.rectifying], **rows.by("caiwen")
        )
    rows.plan = campaigns.draft(
        title="下一轮专项活动",
        code="NEXT",
        organization=rows.place("JTJ"),
        starts_on=today,
        ends_on=today + timedelta(days=200),
        items=[("庸", "")],
        participants=[rows.place("JTJ")],
        **office,
    )
    campaigns.publish(rows.plan, **rows.by("songyan"))
    rows.plan_stage = stages.add(
        rows.plan,
        facts={
            "title": "动员部署",
            "starts_on": today,
            "ends_on": today + timedelta(days=20),
            "goal": "",
            "conditions": [],
        },
        **office,
    )


def _cases(rows: Rows) -> None:
    """A case of the demo, one that waits to be published, and one that was changed since."""
    office = rows.by("caiwen")
    rows.case, rows.renewed_case = ReferenceCase.objects.filter(campaign=rows.campaign)
    texts = cases.facts(lessons="引以为戒")
    rows.fresh_case = reference_cases.write(rows.campaign, facts=texts, **office)
    reference_cases.amend(
        rows.renewed_case, version=1, facts={"lessons": "公私分明，账实相符。"}, **office
    )


def _tasks(rows: Rows, text: str) -> Any:
    office = rows.by("caiwen")
    kept = attachments.keep(
        BytesIO(text.encode()), name="任务分解表.csv", kind="text/csv", **office
    )
    return assignment_imports.receive(rows.campaign, attachment=kept, **office)


def _places(rows: Rows) -> None:
    rows.branch, rows.center = rows.place("ZB4"), rows.place("FWZX")
    rows.stationed = organizations.create(
        name="市纪委监委派驻市交通运输局纪检监察组", code="PZJJ", kind="discipline"
    )
    rows.relation = relations.add(
        rows.stationed,
        kind="guides",
        other=rows.center,
        since=timezone.localdate() - timedelta(days=200),
        note="市委办〔2026〕3号",
        **rows.by("sysadmin"),
    )


def _people(rows: Rows) -> None:
    system, security, today = rows.by("sysadmin"), rows.by("secadmin"), timezone.localdate()
    home = {"organization": rows.place("JGDW"), "since": today - timedelta(days=90)}
    rows.account = rows.person("machao")
    rows.busy = rows.person("bailu")
    rows.nameless = people.add(name="陈晓", post="办公室科员", **home, **system)
    rows.gone = people.add(
        name="郭建国", username="guojianguo", post="原工会主席", **home, **system
    )
    people.disable(rows.gone, reason="已退休", **system)
    rows.second = users.create(
        username="machao2", name="马超", password="Yacg-Demo-2026", post="挂职副主任"
    )
    people.mark_same(rows.second, other=rows.account, **system)
    rows.duty = Duty.objects.get(user__username="gaoyuan", role=Role.SECRETARY)
    rows.leads = Duty.objects.get(user__username="chenli", role=Role.LEADER)
    rows.leads_user = rows.leads.user
    rows.field = DutyField.objects.filter(duty=rows.leads).first()
    rows.proposal = duties.grant(
        rows.person("hansong"),
        role=Role.INSPECTOR,
        organization=rows.place("FWZX"),
        since=today,
        **security,
    )
    rows.delegation = delegations.give(
        Duty.objects.get(user__username="wugang", role=Role.SECRETARY),
        delegate=rows.person("hejing"),
        since=today + timedelta(days=3),
        until=today + timedelta(days=9),
        reason="参加市委党校培训",
        **rows.by("wugang"),
    )


def _doors(rows: Rows) -> None:
    """Another device of a member, a one-time password of another, an account shut by mistakes."""
    browser, now = Client(), timezone.now()
    browser.force_login(rows.account, backend="django.contrib.auth.backends.ModelBackend")
    rows.device = sign_ins.begin(
        rows.account,
        open_session=lambda: browser.session.session_key,
        door=sign_ins.Door("machao", "10.12.3.77"),
        agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/109.0.0.0 Safari/537.36",
        at=now,
    )
    rows.guarded = rows.person("zhengjie")
    second_steps.turn_on(rows.guarded, secret=SECRET, code=number(), **rows.by("zhengjie"))
    for _ in range(5):
        sign_ins.failed(sign_ins.Door("linfang", "10.12.3.99"), at=now, what="密码不正确")
    rows.mistake = SignInFailure.objects.latest("pk")


def number() -> str:
    """What the telephone shows now."""
    counter = list(yield_hotp_counters_from_time())[1]
    return format_hotp_value(hotp_value(SECRET, counter))


def _told(rows: Rows) -> None:
    text = "导入时希望能记住上次选的列，不用每次更正。"
    suggestions.make(text=text, page="/imports/new/", **rows.by("machao"))
    rows.entry = TrailEntry.objects.of(rows.closed).last()
    rows.dead = _dead(rows.account)
    looked = rows.by("auditadmin")
    rows.audit_entry = trail.record(Act.TRAIL_SEARCHED, rows.person("auditadmin"), **looked)
    seals.seal_all(at=timezone.now())


def _dead(user: User) -> Delivery:
    """A message that a mail server would not take; what it tells is late."""
    now, news = timezone.now(), {"event": "overdue", "late": True, "url": "/problems/"}
    row = Preference.objects.create(user=user, email="machao@jtj.example.cn")
    row.asked_email, row.proof, row.proof_sent_at = "ma.chao@jtj.example.cn", "-", now
    row.save()
    letter = notices.Letter([user], "问题YACG-2026-0001已逾期3个工作日", "overdue:1:3", **news)
    notices.post_each([letter], at=now, by=None)
    told = Notice.objects.get(recipient=user, key=letter.key)
    dead = Delivery.objects.create(
        recipient=user,
        channel="mail",
        timing="digest",
        day=timezone.localdate(),
        state="dead",
        attempts=1,
        error="邮件服务器不接受这个收件地址（550）。",
        next_at=now,
        made_at=now,
        ended_at=now,
    )
    dead.parts.create(notice=told, channel="mail")
    return dead
