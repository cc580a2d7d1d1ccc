"""What each act and each look leaves in the trail: exactly these entries, and by whom.

Every page of tests/test_access.py is walked once more. A page that is not listed here may leave
whatever it leaves, but if it changes a row it must leave something.
"""

import uuid

import pytest
from django.db import transaction

from campaigns.models.act import Act as CampaignAct
from rectification.models import Problem
from rectification.models.act import Act
from reform.models import TrailEntry
from tests.test_access import DATA, SENT, SHOWS, VISITORS, a_world, address, answered, browser

pytestmark = pytest.mark.dealt

# A campaign that is published gets the stages and assignments of its plan.
PUBLISHED = ["stage.set_up", "assignment.imported", "campaign.published"]
# (page, record) → the acts of the entries that a POST with everything it asks for leaves.
LEAVES = {
    ("problems-bulk", "registered"): ["problem.issued"],
    ("problems-fill", "bare"): ["problem.filled"],
    ("problems-export", "-"): ["job.asked", "ledger.exported"],
    ("trail-export", "-"): ["job.asked", "trail.exported"],
    ("trail-check", "-"): ["job.asked", "trail.verified"],
    ("suggest", "-"): ["suggestion.made"],
    ("notice-choices", "-"): ["notice.chosen", "address.asked"],
    ("notice-address", "-"): ["address.proved"],
    ("dead-letters-retry", "-"): ["delivery.retried"],
    ("dead-letter-retry", "dead"): ["delivery.retried"],
    ("calendar-enter", "-"): ["calendar.entered"],
    ("calendar-earlier", "-"): ["problem.deadline_kept"],
    ("password_change", "-"): ["user.password_changed"],
    ("problem-type", "place"): ["problem.drafted"],
    ("problem-edit", "draft"): ["problem.filled"],
    ("problem-edit", "rectifying"): ["problem.amended"],
    ("problem-edit", "personal"): ["problem.amended"],
    ("problem-delete", "draft"): ["problem.draft_deleted"],
    ("problem-register", "draft"): ["problem.registered"],
    ("problem-issue", "registered"): ["problem.issued"],
    ("problem-accept", "assigned"): ["problem.accepted"],
    ("problem-return", "assigned"): ["problem.assignment_returned"],
    ("problem-pause", "rectifying"): ["reminder.paused"],
    ("pause-end", "pause"): ["reminder.resumed"],
    ("campaign-new", "-"): ["campaign.drafted"],
    ("kit-import", "-"): ["campaign.drafted"],
    **{
        (f"draft-{part}", "sketch"): ["campaign.draft_changed"]
        for part in (
            *("basics", "participants", "stages", "assignments", "sources", "levels", "papers"),
            "goals",
        )
    },
    ("draft-send", "sketch"): ["campaign.publishing_asked"],
    ("draft-return", "offered"): ["campaign.publishing_returned"],
    ("draft-drop", "sketch"): ["campaign.draft_dropped"],
    ("checklist-new", "sketch"): ["campaign.checklist_changed"],
    ("checklist", "sheet"): ["campaign.checklist_changed"],
    ("checklist-drop", "sheet"): ["campaign.checklist_changed"],
    ("campaign-publish", "sketch"): PUBLISHED,
    ("campaign-publish-paper", "sketch"): PUBLISHED,
    ("campaign-close", "local"): ["campaign.closed"],
    ("change-request", "local"): ["campaign.change_requested"],
    ("change-decide", "wish"): ["campaign.change_approved"],
    ("change-paper", "wish"): ["campaign.change_approved"],
    ("change-withdraw", "wish"): ["campaign.change_withdrawn"],
    ("reminder-rule-new", "local"): ["campaign.reminder_rule_added"],
    ("reminder-rule", "rule"): ["campaign.reminder_rule_changed"],
    ("measure-plan", "rectifying"): ["measure.planned"],
    ("measure-edit", "measure"): ["measure.changed"],
    ("measure-finish", "measure"): ["measure.finished"],
    ("measure-unfinish", "finished"): ["measure.reopened"],
    ("measure-delete", "early"): ["measure.dropped"],
    ("progress-add", "rectifying"): ["progress.added"],
    ("progress-add", "joint"): ["progress.added"],
    ("evidence-add", "rectifying"): ["evidence.added", "evidence.added"],
    ("evidence-add", "joint"): ["evidence.added", "evidence.added"],
    ("evidence-delete", "evidence"): ["evidence.dropped"],
    ("closure-apply", "ready"): ["closure.applied", "closure.step_opened"],
    ("closure-apply", "joint"): ["closure.applied", "closure.step_opened"],
    ("review", "endorse"): ["closure.step_approved", "closure.step_opened"],
    ("review", "verify"): ["closure.step_approved", "closure.step_opened"],
    ("review", "recheck"): ["closure.step_approved", "closure.step_opened"],
    ("review", "approve"): ["closure.step_approved", "problem.closed"],
    ("review", "own"): ["closure.step_approved", "problem.closed"],
    ("review-paper", "endorse"): ["closure.step_approved", "closure.step_opened"],
    ("review-appoint", "verify"): ["closure.appointed"],
    ("weekly-plan", "theirs"): ["weekly.planned"],
    ("weekly-oblige", "theirs"): ["weekly.obliged"],
    ("weekly-proposed", "theirs"): ["weekly.obliged"],
    ("given-text-new", "local"): ["given_text.given"],
    ("given-text-take-back", "team_text"): ["given_text.taken_back"],
    ("given-text-take-back", "own_given"): ["given_text.taken_back"],
    ("word-lists", "theirs"): ["campaign.words_changed"],
    ("weekly-begin", "owed"): ["weekly.started"],
    ("weekly-zero", "owed"): ["weekly.started", "weekly.prepared"],
    ("weekly-zero", "overdue"): ["weekly.started", "weekly.prepared"],
    ("weekly-collate", "intake"): ["weekly.started", "weekly.collated"],
    ("weekly-receive-all", "intake"): ["weekly.received"],
    ("weekly-defer", "owed"): ["weekly.deferred"],
    ("weekly-defer", "intake"): ["weekly.deferred"],
    ("weekly-undefer", "put_off"): ["weekly.undeferred"],
    ("weekly-edit", "drafted"): ["weekly.written"],
    ("weekly-edit", "collating"): ["weekly.written"],
    ("weekly-redraft", "drafted"): ["weekly.written"],
    ("weekly-prepare", "drafted"): ["weekly.prepared"],
    ("weekly-confirm", "prepared"): ["weekly.filed"],
    ("weekly-send-back", "prepared"): ["weekly.sent_back"],
    ("weekly-send-back", "to_sign"): ["weekly.sent_back"],
    ("weekly-receive", "filed"): ["weekly.received"],
    ("weekly-return", "filed"): ["weekly.returned"],
    ("weekly-receive", "joined"): ["weekly.received"],
    ("weekly-return", "joined"): ["weekly.returned"],
    ("weekly-defer", "joined_owed"): ["weekly.deferred"],
    ("weekly-gather", "collating"): ["weekly.collated"],
    ("weekly-submit", "collating"): ["weekly.prepared"],
    ("weekly-review", "to_review"): ["weekly.reviewed"],
    ("weekly-sign", "to_sign"): ["weekly.filed"],
    ("weekly-paper", "to_sign"): ["weekly.filed"],
    ("weekly-forward", "sent_out"): ["weekly.forwarded"],
    ("weekly-returned", "sent_out"): [],
    ("weekly-template", "collating"): ["weekly.template"],
    ("weekly-part", "part"): ["weekly.written"],
    ("import-new", "-"): ["import.uploaded"],
    ("import-correct", "upload"): ["import.corrected"],
    ("import-keep", "upload"): ["problem.drafted", "import.kept"],
    ("import-discard", "upload"): ["import.discarded"],
    ("import-register", "kept"): ["problem.registered"],
    ("duty-mark", "leads"): ["duty.marked"],
    ("instruction-write", "campaign"): ["instruction.written"],
    ("instruction-record", "campaign"): ["instruction.written"],
    ("instruction-answer", "instruction"): ["instruction.answered"],
    ("instruction-again", "replied"): ["instruction.again"],
    ("instruction-end", "replied"): ["instruction.done"],
    ("problem-instruction", "rectifying"): ["instruction.written"],
    ("people-import-undo", "kept_roll"): ["user.taken_off", "people.import_undone"],
    ("examination-begin", "checklist"): ["examination.begun"],
    ("examination-record", "checklist"): ["examination.recorded"],
    ("examination-submit", "writing"): ["examination.submitted"],
    ("examination-delete", "writing"): ["examination.deleted"],
    ("examination-withdraw", "handed"): ["examination.withdrawn"],
    ("examination-tell", "unannounced"): ["examination.reader_told"],
    ("examination-review", "handed"): ["examination.read", "examination.accepted"],
    ("examination-assign", "lent"): ["examination.assigned"],
    ("examination-assignment-end", "lending"): ["examination.assignment_ended"],
    ("examination-copy-ask", "-"): ["examination.copy_asked"],
    ("examination-copy-decide", "asked_copy"): ["examination.copy_approved"],
    ("examination-copy-withdraw", "asked_copy"): ["examination.copy_withdrawn"],
    ("examination-sign", "on_top"): ["examination.returned"],
    ("body-new", "local"): ["body.created", "body.members_added"],
    ("body-new", "sketch"): ["body.created", "body.members_added", "campaign.draft_changed"],
    ("body-edit", "group"): ["body.changed"],
    ("body-members", "group"): ["body.members_added"],
    ("body-leave", "group"): ["body.members_ended"],
    ("body-order", "group"): ["body.members_arranged"],
    ("body-dissolve", "group"): ["body.dissolved"],
    ("responsible-name", "local"): ["responsible.named"],
    ("responsible-unname", "named"): ["responsible.unnamed"],
    ("task-force-link", "force"): ["task_force.linked"],
    ("task-force-unlink", "linked"): ["task_force.unlinked"],
    ("stage-new", "theirs"): ["stage.added"],
    ("stage-edit", "next_stage"): ["stage.changed"],
    ("stage-drop", "their_stage"): ["stage.dropped"],
    ("stage-open", "their_stage"): ["stage.opened"],
    ("stage-close", "begun_stage"): ["stage.closed", "stage.opened"],
    ("stage-summary", "begun_stage"): ["stage.summarized"],
    ("stage-excuse", "begun_stage"): ["stage.excused"],
    ("excuse-end", "excuse"): ["stage.excuse_ended"],
    ("assignment-new", "local"): ["assignment.added"],
    ("assignment-edit", "task"): ["assignment.changed"],
    ("assignment-drop", "idle_task"): ["assignment.dropped"],
    ("assignment-progress", "task"): ["assignment.progressed"],
    ("assignments-import", "local"): ["assignment.uploaded"],
    ("assignment-import-keep", "table"): ["assignment.imported"],
    ("assignment-import-discard", "table"): ["assignment.discarded"],
    ("clauses-new", "local"): ["clause.entered"],
    ("clause-drop", "clause"): ["clause.dropped"],
    ("superior-request-new", "local"): ["superior_request.entered"],
    ("superior-request", "demand"): ["superior_request.changed"],
    ("reference-case-new", "local"): ["reference_case.written"],
    ("reference-case-edit", "case"): ["reference_case.amended"],
    ("reference-case-publish", "fresh_case"): ["reference_case.published"],
    ("reference-case-withdraw", "case"): ["reference_case.withdrawn"],
    ("problem-cases", "rectifying"): ["problem.cases_chosen"],
    ("goal-figure", "local"): ["goal.figure_given"],
    ("activity-new", "local"): ["activity.entered"],
    ("activity-edit", "activity"): ["activity.changed"],
    ("activity-drop", "activity"): ["activity.dropped"],
    ("findings-take", "-"): ["finding.taken_in", "problem.registered"],
    ("sweep-begin", "local"): ["sweep.begun"],
    ("sweep-ask", "local"): ["sweep.asked"],
    ("sweep-object-new", "sweeping"): ["sweep.changed"],
    ("sweep-object", "swept_object"): ["sweep.changed"],
    ("sweep-table", "sweeping"): ["sweep.changed"],
    ("sweep-submit", "sweeping"): ["sweep.submitted"],
    ("sweep-review", "swept"): ["sweep.accepted"],
    ("sweep-findings-take", "-"): ["sweep.taken_in", "problem.registered"],
    ("problem-sweep", "registered"): ["sweep.asked", "problem.swept_from"],
    ("problem-turning", "own_row"): ["problem.turning_told"],
    ("problem-turning-agree", "turning"): ["problem.turning_agreed"],
    ("problem-turn", "agreed"): ["problem.turned"],
    ("portraits-begin", "local"): ["portrait.opened"],
    ("portraits-speak", "asked"): ["portrait.opinion_given"],
    ("portraits-withdraw", "asked"): ["portrait.opinion_withdrawn"],
    ("portraits-answer", "asked"): ["portrait.opinion_answered"],
    ("portraits-close", "asked"): ["portrait.opinions_closed"],
    ("portraits-seats", "gathered"): ["portrait.seated"],
    ("portraits-file", "gathered"): ["portrait.filed"],
    ("portrait-merge", "to_merge"): ["portrait.merged"],
    ("portrait-note", "to_merge"): ["portrait.opinion_noted"],
    ("portrait-item", "sentence"): ["portrait.reworded"],
    ("portrait-show", "to_show"): ["portrait.shown"],
    ("portrait-take-back", "given"): ["portrait.taken_back"],
    ("portrait-read", "given"): ["portrait.read"],
    ("portrait-tell", "told_one"): ["portrait.told"],
    ("portrait-set-aside", "to_merge"): ["portrait.set_aside"],
    ("portrait-talk", "given"): ["talk.called"],
    ("talk-write", "talk"): ["talk.written"],
    ("problem-from-portrait", "said_of_him"): ["problem.drafted"],
    ("pledge-new", "campaign"): ["pledge.signed"],
    ("pledge-link", "promise"): ["pledge.linked"],
    ("pledge-kept", "promise"): ["pledge.fulfilled"],
    ("reflection-begin", "campaign"): ["reflection.begun"],
    ("reflection-submit", "reflecting"): ["reflection.submitted"],
    ("reflection-delete", "reflecting"): ["reflection.deleted"],
    ("reflection-show", "reflection"): ["showcase.consented"],
    ("reflection-hide", "reflection"): ["showcase.consent_ended"],
    ("showcase-show", "copy"): ["showcase.chosen"],
    ("showing-end", "showing"): ["showcase.taken_down"],
}
# The same where it depends on who does it.
WAIVED = ["closure.applied", "closure.step_waived", "closure.step_opened"]
BY_VISITOR = {
    **{(page, "office"): ["problem.assigned"] for page in ("problem-issue", "problems-bulk")},
    **{(page, "leader"): ["problem.assigned"] for page in ("problem-issue", "problems-bulk")},
    # Signed in on a second device, which that ends.
    ("password_change", "member"): ["user.password_changed", "session.ended"],
    ("instruction-answer", "liaison"): ["instruction.drafted"],
    ("closure-apply", "secretary"): WAIVED,  # nobody else may sign there
    ("weekly-zero", "secretary"): ["weekly.started", "weekly.filed"],  # he confirms it himself
}
# What changes rows and is nobody's business: that one has read one's own messages.
SILENT = {
    *(("inbox-read", "-"), ("notice-open", "notice"), ("login", "-")),
    ("devices-end", "-"),  # who is signed in nowhere else ends nothing
    # A draft is its author's alone: that he writes is not noted either.
    *(("examination-write", "writing"), ("examination-save", "writing")),
    *(("reflection-write", "reflecting"), ("reflection-save", "reflecting")),
}
# Nobody loses his way for want of these; each is made by an act that other tests walk.
ELSEWHERE = {
    *("closure.returned", "campaign.change_refused", "sweep.returned"),
    *("closure.returned", "campaign.change_refused"),
    *("examination.reseated", "examination.consented", "examination.signed"),
    "examination.copy_refused",
    *("closure.step_seated_anew", "problem.unit_changed", "problem.handed_over"),
    "problem.deadline_moved",
    "stage.set_up",  # in the act that publishes the campaign
    # By other buttons of pages that are walked.
    *("portrait.opinion_asked", "portrait.opinion_refused", "portrait.taken_apart"),
}

# (page, record) → what looking leaves, and who of those who may look leaves it.
READS = {
    ("evidence-file", "evidence"): ("evidence.read", "everybody"),
    ("review-form", "verify"): ("closure.form_printed", "everybody"),
    ("brief-word", "-"): ("brief.exported", "everybody"),
    ("owing-letter", "-"): ("owing.urged", "everybody"),
    ("owing-table", "-"): ("owing.exported", "everybody"),
    ("campaign-kit", "sketch"): ("campaign.kit_exported", "everybody"),
    ("campaign-kit", "local"): ("campaign.kit_exported", "everybody"),
    ("change-scan", "granted"): ("campaign.scan_read", "everybody"),
    ("publication-scan", "local"): ("campaign.scan_read", "everybody"),
    ("overview-table", "campaign"): ("overview.exported", "everybody"),
    ("reference-case-word", "case"): ("reference_case.exported", "everybody"),
    # The form shows somebody's own problem, to his secretary.
    ("problem-turning", "own_row"): ("problem.personal_read", "everybody"),
    ("problem-turn", "agreed"): ("problem.personal_read", "everybody"),
    ("instruction-scan", "noted"): ("closure.scan_read", "everybody"),
    ("review-scan", "scan"): ("closure.scan_read", "everybody"),
    ("weekly-reminder", "intake"): ("weekly.urged", "everybody"),
    ("weekly-word", "drafted"): ("weekly.exported", "everybody"),
    ("weekly-word", "filed"): ("weekly.exported", "everybody"),
    ("weekly-word", "joined"): ("weekly.exported", "everybody"),
    ("weekly-excel", "collating"): ("weekly.exported", "everybody"),
    ("weekly-filled", "collating"): ("weekly.exported", "everybody"),
    ("weekly-scan", "on_paper"): ("closure.scan_read", "everybody"),
    ("import-file", "upload"): ("import.read", "everybody"),
    ("bodies-word", "local"): ("body.exported", "everybody"),
    ("responsible-table", "local"): ("responsible.exported", "everybody"),
    ("stage-draft", "begun_stage"): ("stage.drafted", "everybody"),
    ("stage-file", "past_stage"): ("stage.file_read", "everybody"),
    ("assignments-export", "local"): ("assignment.exported", "everybody"),
    ("sweep-excel", "swept"): ("sweep.exported", "everybody"),
    ("sweep-word", "swept"): ("sweep.exported", "everybody"),
    ("job-file", "job"): ("job.result_read", "everybody"),
    ("trail", "-"): ("trail.searched", "everybody"),
    # One's own row is read without a word; it is member's.
    ("problem", "personal"): ("problem.personal_read", "secretary"),
    ("problem-edit", "personal"): ("problem.personal_read", "secretary"),
    ("review", "own"): ("problem.personal_read", "secretary"),
    ("examination", "handed"): ("examination.read", "secretary"),
    ("examination-review", "handed"): ("examination.read", "secretary"),
    ("examination-word", "handed"): ("examination.exported", "everybody"),
    ("examination-word", "writing"): ("examination.exported", "everybody"),
    ("examination-copy-file", "given_copy"): ("examination.exported", "everybody"),
    ("examination-scan", "dictated"): ("examination.scan_read", "everybody"),
    ("portraits-lists", "gathered"): ("portrait.printed", "everybody"),
    ("pledge-word", "pledge"): ("pledge.printed", "everybody"),
    ("pledges-table", "campaign"): ("pledge.exported", "everybody"),
    ("reflection", "reflection"): ("reflection.read", "secretary"),
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        yield world


def since(key):
    return list(TrailEntry.objects.filter(pk__gt=key).order_by("pk"))


def newest():
    return TrailEntry.objects.latest("pk").pk


@pytest.mark.parametrize("line", [line for line in SENT if line not in SILENT], ids=" ".join)
def test_what_is_done_leaves_exactly_its_entries(world, line):
    page, record = line
    row, url = getattr(world, record, None), address(world, *line)
    for visitor in [name for name in VISITORS if SENT[line][name] == "did"]:
        user, before = world.users.get(visitor), newest()
        with transaction.atomic():
            data = DATA[page](world, row, user) | {"token": uuid.uuid4()}
            answered(browser(world, visitor).post(url, data))
            made = since(before)
            transaction.set_rollback(True)

        acts = [entry.act for entry in made]
        expected = BY_VISITOR.get((page, visitor)) or LEAVES.get(line, acts)
        assert acts == expected != [], visitor
        if user and page not in {"login", "login-code"}:  # nobody is signed in there
            assert {entry.by_id for entry in made} == {user.pk}
            assert {entry.address for entry in made} <= {"127.0.0.1", "后台任务"}


@pytest.mark.parametrize("line", SHOWS, ids=" ".join)
def test_looking_leaves_an_entry_where_it_must_and_none_elsewhere(world, line):
    act, who = READS.get(line, ("", ""))
    for visitor in [name for name in VISITORS if SHOWS[line][name] == "200"]:
        before = newest()
        with transaction.atomic():
            answered(browser(world, visitor).get(address(world, *line)))
            made = since(before)
            transaction.set_rollback(True)

        expected = [act] if who in {"everybody", visitor} else []
        assert [entry.act for entry in made] == expected, visitor
        assert {entry.by for entry in made} <= {world.users.get(visitor)}


def test_every_act_of_the_business_floors_is_walked_somewhere():
    walked = {act for acts in (*LEAVES.values(), *BY_VISITOR.values()) for act in acts}
    walked |= {act for act, _ in READS.values()}

    assert {*Act.values, *CampaignAct.values} == {
        act for act in walked | ELSEWHERE if act in {*Act.values, *CampaignAct.values}
    }


def test_what_is_written_of_a_row_stands_in_no_sentence(world):
    """What an auditor reads of business rows: numbers, names, days; no text of theirs."""
    rows = Problem.objects.all()
    texts = {text for row in rows for text in (row.description, row.cause) if text}
    texts |= {text for row in rows for text in row.measures.values_list("text", flat=True)}
    texts |= {text for row in rows for text in row.evidence.values_list("title", flat=True)}
    texts = {text for text in texts if len(text) > 2}
    found = [
        (entry.sentence, entry.subject, text)
        for entry in TrailEntry.objects.all()
        for text in texts
        if text in entry.sentence or text in entry.subject
    ]

    assert len(texts) > 5
    assert found == []
