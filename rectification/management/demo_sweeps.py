"""The demo's risk sweep (演示风险排查): asked from one question, answered, and on the ledger."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from campaigns.actions import sweep_requests, sweep_reviews, sweep_submissions, sweeps
from campaigns.actions.sweeps import Entry
from campaigns.models import Sweep, SweepFinding, SweepVerdict
from campaigns.models.sweep_roll import Sought
from campaigns.models.sweep_sheet import REQUEST
from rectification.actions import sweep_findings

if TYPE_CHECKING:
    from rectification.management.demo import Stage

QUESTION = "公务用车加油卡是否专车专用，加油登记与里程是否对得上"
ASKED = ("ZB1", "ZB2", "ZB3", "ZB4")
FOUND: dict[str, Any] = {
    "found": True,
    "severity": "ordinary",
    "what": "3月至5月有11笔加油没有登记里程，登记簿由司机自己保管，无人核对。",
    "cause": "登记制度只规定了领卡，没有规定每月核对。",
    "measure": "登记簿改由综合科保管，每月末与加油账单核对一次并签字。",
    "who": "韩松",
    "due": "立行立改",
}


def tell(stage: "Stage") -> None:
    """One branch answers and its finding goes onto the ledger, one is waiting, two are missing."""
    request = sweep_requests.ask(
        stage.campaign,
        question=QUESTION,
        explanation="由一起公车私用通报引出，请各支部对照本单位情况逐项排查。",
        due_on=stage.today + timedelta(days=7),
        organizations=[stage.places[code] for code in ASKED],
        by=stage.actor("许晴", 13),
        at=stage.moment(13),
    )
    sought = Sought(stage.campaign, request=request)
    first = _sheet(stage, sought, "ZB1", "苏叶", {"公务用车管理": FOUND, "公务接待": None})
    _sheet(stage, sought, "ZB2", "黄蕾", {"许可窗口用车": None})
    _send(stage, first, "方圆")
    sweep_reviews.decide(
        first,
        number=1,
        decision=SweepVerdict.Decision.ACCEPTED,
        comment="问题找得准，措施可行。",
        by=stage.actor("许晴", 8),
        at=stage.moment(8, 55),
    )
    found = list(SweepFinding.objects.filter(submission__sweep=first))
    sweep_findings.take_in(found, by=stage.actor("苏叶", 6), at=stage.moment(6, 75))
    second = Sweep.objects.get(request=request, organization=stage.places["ZB2"])
    _send(stage, second, "高远")


def _sheet(
    stage: "Stage", sought: Sought, code: str, name: str, objects: dict[str, dict | None]
) -> Sweep:
    by, at = stage.actor(name, 10), stage.moment(10)
    row = sweeps.begin(sought, organization=stage.places[code], by=by, at=at)
    entries = [
        Entry("business", swept, {REQUEST: found or {"found": False}})
        for swept, found in objects.items()
    ]
    sweeps.add_table(row, entries, by=by, at=at)
    return row


def _send(stage: "Stage", sweep: Sweep, name: str) -> None:
    sweep.refresh_from_db()
    sweep_submissions.submit(
        sweep, version=sweep.version, by=stage.actor(name, 9), at=stage.moment(9, 40)
    )
