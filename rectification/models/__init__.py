from rectification.models.act import Act
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
from rectification.models.deadline_change import DeadlineChange
from rectification.models.earlier_deadline import EarlierDeadline
from rectification.models.evidence import Evidence
from rectification.models.measure import Measure, ProgressEntry
from rectification.models.people import ProblemDepartment, ProblemPerson
from rectification.models.problem import Problem, Progress
from rectification.models.problem_words import ProblemWords
from rectification.models.reminder import Reminder, ReminderPause, ReminderStep
from rectification.models.upload import Upload

__all__ = [
    "Act",
    "Appointment",
    "ClosureApplication",
    "ClosureReview",
    "DeadlineChange",
    "Decision",
    "EarlierDeadline",
    "Evidence",
    "Measure",
    "Method",
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
    "Upload",
]
