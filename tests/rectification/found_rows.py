"""Findings for the tables of pages: one that waits, and personal rows on their way to the unit."""

from campaigns.actions import examination_reviews
from campaigns.models import Finding, Verdict
from rectification.actions import conversions, findings
from rectification.models import Conversion
from tests.campaigns.sheets import sent
from tests.factories import AT


def furnish(world):
    """In the campaign that the office leads itself, by a colleague of the branch."""
    secretary, colleague = world.by["secretary"], world.by["colleague"]
    row = sent(world.local, colleague, "庸", "懒", "散", "慢")
    accepted = Verdict.Decision.ACCEPTED
    examination_reviews.decide(row, number=1, decision=accepted, comment="", by=secretary, at=AT)
    world.finding, *others = Finding.objects.filter(submission__examination=row)
    results = findings.take_in(others, by=secretary, at=AT)
    world.own_row, world.turning, world.agreed = (result.problem for result in results)
    for problem in (world.turning, world.agreed):
        conversions.tell(
            problem,
            becomes=Conversion.Becomes.UNIT,
            reason="没有规定由谁回复。",
            by=secretary,
            at=AT,
        )
    conversions.agree(world.agreed, by=colleague, at=AT)
