"""The triggers that keep what was submitted, reviewed and found: self-examinations (自查剖析),
sweeps (风险排查), and the versions of a reference case (通报案例)."""

from reform.models.trigger import Trigger, append_only


def examinations() -> list[Trigger]:
    """What was submitted, who read it, what was decided and found, of sweeps too: SOD-18."""
    words = {
        "submission": "已提交的自查剖析不能修改或删除",
        "withdrawal": "自查剖析的撤回记录不能修改或删除",
        "reading": "自查剖析的阅看记录不能修改或删除",
        "verdict": "自查剖析的审阅记录不能修改或删除",
        "partverdict": "自查剖析的审阅记录不能修改或删除",
        "finding": "自查剖析中确认的问题不能修改或删除",
        "sweepsubmission": "已报送的风险排查表不能修改或删除",
        "sweepverdict": "风险排查表的审阅记录不能修改或删除",
        "sweepfinding": "风险排查确认的问题不能修改或删除",
        "sweeprequest": "已发起的对照排查不能修改或删除",
    }
    taken = "风险排查与问题的关联不能修改或删除"
    return [
        *append_only("rectification_sweepproblem", taken),
        *append_only("rectification_sweeporigin", taken),
        *(
            trigger
            for name, said in words.items()
            for trigger in append_only(f"campaigns_{name}", said)
        ),
    ]


def case_versions() -> list[Trigger]:
    """What was written of a published case stays; others go with a draft that is dropped."""
    table, message = "campaigns_caseversion", "案例的历次版本不能修改或删除"
    shown = "EXISTS (SELECT 1 FROM campaigns_referencecase c WHERE c.id = OLD.case_id"
    shown += " AND c.published_version IS NOT NULL)"
    return [
        Trigger(f"{table}_update_refused", table, "UPDATE", "", message),
        Trigger(f"{table}_delete_shown", table, "DELETE", shown, message),
    ]
