"""Turning somebody's own problem into his unit's (转为单位问题), in three acts."""

from typing import Any

from rectification.actions import conversions
from rectification.forms.conversions import TurnForm
from rectification.forms.problems import ConfirmForm
from rectification.models import Conversion, Problem
from rectification.views.problems import ProblemAct

READERS = (
    "转换后按{}问题管理：本单位人员和上级可以看到这条问题的全部内容，销号按单位问题的程序审核。"
)


def told(problem: Problem) -> Conversion | None:
    return Conversion.objects.select_related("proposed_by").filter(problem=problem).first()


class TellTurning(ProblemAct):
    form_class = TurnForm
    permit = "pb.turn"
    title = "转为单位问题：先告知本人"
    meaning = (
        "个人问题只有本人和书记能看。转为单位问题前，系统先把理由告诉本人；"
        "本人同意的，当时可以转换；没有表示的，下一个工作日起可以转换。本人标明“仅班子”的，须本人同意。"
    )
    done = "已告知本人。"

    def act(self, problem: Problem, *, by: Any, at: Any, **facts: Any) -> None:
        facts["becomes"] = Conversion.Becomes(facts["becomes"])
        conversions.tell(problem, **facts, by=by, at=at)


class AgreeToTurning(ProblemAct):
    form_class = ConfirmForm
    permit = "pb.turn_agree"
    title = "同意转为单位问题"
    done = "已记录您的同意。"

    @property
    def meaning(self) -> str:  # type: ignore[override]
        known = told(self.object)
        if known is None:
            return ""
        kind = known.get_becomes_display()
        said = f"{known.proposed_by.name}提出转为{kind}问题，理由：{known.reason}"
        return f"{said}　{READERS.format(kind)}"

    def act(self, problem: Problem, *, by: Any, at: Any, **_: Any) -> None:
        conversions.agree(problem, by=by, at=at)


class TurnProblem(ProblemAct):
    form_class = ConfirmForm
    permit = "pb.turn"
    title = "转为单位问题"
    done = "已转换，并告知本人。"

    @property
    def meaning(self) -> str:  # type: ignore[override]
        known = told(self.object)
        if known is None:
            return ""
        how = "本人已同意。" if known.agreed_at else "已告知本人。"
        how = known.obstacle(self.request.actor.on) or how
        return f"{how}{READERS.format(known.get_becomes_display())}转换后不能再转回个人问题。"

    def act(self, problem: Problem, *, by: Any, at: Any, **_: Any) -> Problem:
        return conversions.turn(problem, by=by, at=at)
