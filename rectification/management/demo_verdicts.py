"""What reviewers of the demo say (审核意见)."""

from rectification.actions.verdicts import Verdict
from rectification.models import Decision

AGREED = Verdict(decision=Decision.APPROVED, opinion="同意申请销号。", methods=["interview"])
VERIFIED = Verdict(
    decision=Decision.APPROVED,
    opinion="资料与现场一致，同意。",
    methods=["papers", "site"],
    standards=["measures", "handled", "result", "alike"],
)
RECHECKED = Verdict(
    decision=Decision.APPROVED, opinion="复核属实，同意。", methods=["papers", "interview"]
)
DECIDED = Verdict(decision=Decision.APPROVED, opinion="同意销号，巩固成果。", methods=["papers"])
