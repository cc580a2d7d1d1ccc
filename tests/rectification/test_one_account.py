"""A bureau runs with one account: its liaison types, everybody else is a name on the register."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from rectification.models import ClosureReview, Measure, Problem, ReviewStep, Upload
from reform.models import Notice, Role, TrailEntry, User
from tests.factories import AT, CampaignFactory, OrganizationFactory, person
from tests.rectification.test_import import workbook

HEADINGS = (
    *("序号", "存在问题", "整改措施", "责任领导", "责任部门", "责任人", "整改时限"),
    *("整改标准", "预期效果", "严重程度"),
)
ROW = (
    *(1, "窗口无人值守。", "建立值班表", "罗海", "窗口科", "马超", "2026年6月30日"),
    *("窗口有人", "群众满意", ""),
)
STEPS = {"endorse": "郑洁", "verify": "何静", "recheck": "高远", "approve": "罗刚"}


@pytest.fixture
def bureau():
    """Three floors, and nobody but the liaison can sign in."""
    top = OrganizationFactory(name="市交通局党组", kind="committee")
    center = OrganizationFactory(name="服务中心党委", kind="committee", parent=top)
    branch = OrganizationFactory(name="第一党支部", parent=center)
    people = (
        *((name, branch, (Role.MEMBER,)) for name in ("马超", "林芳")),
        ("郑洁", branch, (Role.SECRETARY, Role.MEMBER)),
        *(("何静", center, (Role.OFFICE,)), ("高远", center, (Role.INSPECTOR,))),
        ("罗海", center, (Role.LEADER,)),
    )
    for name, place, roles in people:
        person(name, place, *roles, username=None)
    person("罗刚", top, Role.LEADER, username=None, principal=True)
    campaign = CampaignFactory(organization=top, code="YACG")
    User.objects.filter(name__startswith="方案").update(is_active=False)
    liaison = person("周敏", branch, Role.LIAISON, Role.MEMBER)
    return campaign, branch, liaison


def send(client, url, **data):
    """Send a form; whatever was refused is shown with the failure."""
    answer = client.post(url, data)
    context = answer.context or {}
    form = context.get("form")
    assert answer.status_code == 302, (url, form.errors if form else answer.content[:300])
    return answer.url


@pytest.mark.parametrize("severity", ["ordinary", "key"])
@time_machine.travel(AT, tick=False)
def test_a_problem_goes_from_the_workbook_to_its_end(bureau, signed_in, severity):
    campaign, branch, liaison = bureau
    client = signed_in(liaison)

    # ---- the branch's own workbook, onto the ledger
    file = SimpleUploadedFile("台账.xlsx", workbook(ROW, headings=HEADINGS))
    url = send(client, "/imports/new/", campaign=campaign.pk, organization=branch.pk, file=file)
    source = campaign.sources.get(name="自己找").pk
    send(client, f"{url}keep/", source=source, found_on="2026-05-20")
    Problem.objects.update(severity=severity)
    send(client, f"{url}register/")
    assert Upload.objects.get().state == "kept"
    problem = Problem.objects.get()
    at = f"/problems/{problem.pk}"
    assert {row.name: row.user for row in problem.people.all()} == {
        "罗海": User.objects.get(name="罗海"),
        "马超": User.objects.get(name="马超"),
    }

    # ---- issued, rectified and applied for by the liaison, in the name of who answers (代填)
    send(client, f"{at}/issue/")
    measure = Measure.objects.get()
    send(client, f"/measures/{measure.pk}/finish/", done_on="2026-06-02", behalf="马超")
    facts = {"kind": "note", "title": "值班表", "text": "见公告栏"}
    send(client, f"{at}/evidence/new/", behalf="马超", **facts)
    send(client, f"{at}/apply/", statement="已按周排班。", effect="窗口不断人", behalf="马超")

    # ---- every step signed on paper by somebody without an account
    kinds = ["endorse", "verify"] if severity == "ordinary" else list(STEPS)
    for kind in kinds:
        step = ReviewStep.objects.get(state="open")
        assert (step.kind, client.get(f"/reviews/{step.pk}/form/").status_code) == (kind, 200)
        page = client.get(f"/reviews/{step.pk}/paper/").content.decode()
        assert STEPS[kind] in page
        send(
            client,
            f"/reviews/{step.pk}/paper/",
            signer=User.objects.get(name=STEPS[kind]).pk,
            signed_on="2026-06-03",
            scan=SimpleUploadedFile("审批表.pdf", b"%PDF-1.4 scan"),
            decision="approved",
            opinion="同意",
            methods=["site"],
            standards=["measures", "handled", "result"],
        )

    problem.refresh_from_db()
    assert problem.status == "closed"
    assert [review.signed for review in ClosureReview.objects.order_by("pk")] == [
        f"{STEPS[kind]}签批（周敏代录）" for kind in kinds
    ]
    applied = TrailEntry.objects.of(problem).get(act="closure.applied")
    assert (applied.by_name, applied.behalf_name) == ("周敏", "马超")
    assert "何静签批（周敏代录）" in client.get(f"{at}/").content.decode()
    assert not Notice.objects.exclude(recipient=liaison).exists()


@time_machine.travel(AT, tick=False)
def test_who_applies_himself_does_not_enter_the_signature(bureau, signed_in):
    """The recorder is never the applicant (DESIGN §3): then he applies in another's name."""
    campaign, branch, liaison = bureau
    client = signed_in(liaison)
    file = SimpleUploadedFile("台账.xlsx", workbook(ROW, headings=HEADINGS))
    url = send(client, "/imports/new/", campaign=campaign.pk, organization=branch.pk, file=file)
    source = campaign.sources.get(name="自己找").pk
    send(client, f"{url}keep/", source=source, found_on="2026-05-20")
    send(client, f"{url}register/")
    problem = Problem.objects.get()
    send(client, f"/problems/{problem.pk}/issue/")
    send(client, f"/measures/{Measure.objects.get().pk}/finish/", done_on="2026-06-02")
    facts = {"kind": "note", "title": "值班表", "text": "见公告栏"}
    send(client, f"/problems/{problem.pk}/evidence/new/", **facts)
    facts = {"statement": "已按周排班。", "effect": "窗口不断人", "behalf": "周敏"}
    send(client, f"/problems/{problem.pk}/apply/", **facts)

    page = client.get(f"/problems/{problem.pk}/").content.decode()

    assert "申请人不能录入线下签批" in page
