from rectification.models.act import Act
from rectification.models.activity_problem import ActivityProblem
from rectification.models.case_link import CaseLink
from rectification.models.closure import (
    Appointment,
    ClosureApplication,
    ClosureReview,
    Decision,
    Method,
    ReturnReason,
    ReviewStep,
    Standard,
)
from rectification.models.conversion import Conversion
from rectification.models.deadline_change import DeadlineChange
from rectification.models.earlier_deadline import EarlierDeadline
from rectification.models.evidence import Evidence
from rectification.models.instruction import Instruction, InstructionEntry
from rectification.models.measure import Measure, ProgressEntry
from rectification.models.people import ProblemDepartment, ProblemPerson
from rectification.models.pledge_link import PledgeLink
from rectification.models.problem import Problem, Progress
from rectification.models.problem_words import ProblemWords
from rectification.models.reminder import Reminder, ReminderPause, ReminderStep
from rectification.models.sweep_problem import SweepOrigin, SweepProblem
from rectification.models.task_force_problem import TaskForceProblem
from rectification.models.upload import Upload
from rectification.models.weekly_issue import Deferral, OwedReport, WeeklyIssue
from rectification.models.weekly_report import (
    Forwarding,
    WeeklyPart,
    WeeklyReceipt,
    WeeklyReport,
)
from rectification.models.weekly_template import WeeklyTemplate

__all__ = [
    "Act",
    "ActivityProblem",
    "Appointment",
    "CaseLink",
    "ClosureApplication",
    "ClosureReview",
    "Conversion",
    "DeadlineChange",
    "Decision",
    "Deferral",
    "EarlierDeadline",
    "Evidence",
    "Forwarding",
    "Instruction",
    "InstructionEntry",
    "Measure",
    "Method",
    "OwedReport",
    "PledgeLink",
    "Problem",
    "ProblemDepartment",
    "ProblemPerson",
    "ProblemWords",
    "Progress",
    "ProgressEntry",
    "Reminder",
    "ReminderPause",
    "ReminderStep",
    "ReturnReason",
    "ReviewStep",
    "Standard",
    "SweepOrigin",
    "SweepProblem",
    "TaskForceProblem",
    "Upload",
    "WeeklyIssue",
    "WeeklyPart",
    "WeeklyReceipt",
    "WeeklyReport",
    "WeeklyTemplate",
]
