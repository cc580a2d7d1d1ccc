"""The demo's instructions (批示): one answered, one waiting, for the leader's page (呈阅件)."""

from datetime import timedelta
from typing import Any

from rectification.actions import instructions
from rectification.management.demo_people import holders
from rectification.models import Problem

SECRETARY = holders("secretary")
LATE = "企业咨询转办后无人跟踪"


def tell(stage: Any) -> None:
    """Tell what the leader of the centre wrote in the last weeks."""
    leader = {"by": stage.actor("顾明", 9), "at": stage.moment(9, 95)}
    row = Problem.objects.get(campaign=stage.campaign, description__contains=LATE)
    asked = instructions.write(
        stage.campaign,
        organization=row.organization,
        problem=row,
        text="企业反映的事项要件件有着落。请支部逐件核对转办单，说明责任人和办结时间。",
        answer_by=stage.day(4),
        **leader,
    )
    answered = {"by": stage.actor(SECRETARY[row.organization.code], 6), "at": stage.moment(6, 40)}
    instructions.answer(
        asked,
        text="已逐件核对，11件中9件已答复企业，其余2件明确了责任人，本周内办结并回访。",
        **answered,
    )
    instructions.write(
        stage.campaign,
        organization=stage.places["ZB4"],
        text="第四党支部连续三周未报周报，请说明原因，今后由书记负责按时报送。",
        answer_by=stage.today + timedelta(days=3),
        by=stage.actor("顾明", 3),
        at=stage.moment(3, 130),
    )
