from django.urls import path

from rectification.views import (
    briefs,
    bulk,
    calendars,
    closures,
    desk,
    drafts,
    exports,
    handovers,
    imports,
    instructions,
    ledger,
    measures,
    problems,
    reminders,
    reorganizations,
    trail,
    weekly,
    weekly_collations,
    weekly_issues,
    weekly_reports,
)

urlpatterns = [
    path("", desk.Desk.as_view(), name="desk"),
    path("calendar/new/", calendars.ReadNotice.as_view(), name="calendar-new"),
    path("calendar/enter/", calendars.EnterNotice.as_view(), name="calendar-enter"),
    path("calendar/template/", calendars.Template.as_view(), name="calendar-template"),
    path("calendar/earlier/", calendars.EarlierDeadlines.as_view(), name="calendar-earlier"),
    path("weekly/", weekly.Weekly.as_view(), name="weekly"),
    path(
        "weekly/<int:issue>/<int:organization>/",
        weekly_issues.Intake.as_view(),
        name="weekly-intake",
    ),
    *(
        path(
            f"weekly/<int:issue>/<int:organization>/{name}/", view.as_view(), name=f"weekly-{name}"
        )
        for name, view in (
            ("begin", weekly_issues.BeginReport),
            ("zero", weekly_issues.ZeroReport),
            ("collate", weekly_issues.Collate),
            ("receive-all", weekly_issues.ReceiveAll),
            ("defer", weekly_issues.Defer),
            ("undefer", weekly_issues.Undefer),
            ("reminder", weekly_issues.Reminder),
        )
    ),
    path("weekly/reports/<int:pk>/", weekly_reports.ReportPage.as_view(), name="weekly-report"),
    *(
        path(f"weekly/reports/<int:pk>/{name}/", view.as_view(), name=f"weekly-{name}")
        for name, view in (
            ("edit", weekly_reports.EditReport),
            ("redraft", weekly_reports.Redraft),
            ("prepare", weekly_reports.PrepareReport),
            ("confirm", weekly_reports.ConfirmReport),
            ("send-back", weekly_reports.SendBack),
            ("receive", weekly_reports.ReceiveReport),
            ("return", weekly_reports.ReturnReport),
            ("gather", weekly_collations.GatherAnew),
            ("submit", weekly_collations.SubmitReport),
            ("review", weekly_collations.ReviewReport),
            ("sign", weekly_collations.SignReport),
            ("paper", weekly_collations.RecordSignature),
            ("forward", weekly_collations.ForwardReport),
            ("returned", weekly_collations.ReturnedFromOutside),
            ("word", weekly_collations.ReportWord),
            ("excel", weekly_collations.ReportExcel),
            ("template", weekly_collations.KeepTemplate),
            ("filled", weekly_collations.FilledTemplate),
            ("scan", weekly_collations.ReportScan),
        )
    ),
    path("weekly/parts/<int:pk>/", weekly_collations.EditPart.as_view(), name="weekly-part"),
    path("campaigns/<int:pk>/reminders/", reminders.Rules.as_view(), name="reminder-rules"),
    path(
        "campaigns/<int:pk>/reminders/new/", reminders.NewRule.as_view(), name="reminder-rule-new"
    ),
    path("reminders/<int:pk>/", reminders.ChangeRule.as_view(), name="reminder-rule"),
    path("problems/<int:pk>/pause/", reminders.PauseProblem.as_view(), name="problem-pause"),
    path("pauses/<int:pk>/end/", reminders.EndPause.as_view(), name="pause-end"),
    path("brief/", briefs.BriefPage.as_view(), name="brief"),
    path("brief/word/", briefs.BriefWord.as_view(), name="brief-word"),
    path("instructions/", instructions.InstructionList.as_view(), name="instructions"),
    path("instructions/<int:pk>/", instructions.InstructionPage.as_view(), name="instruction"),
    *(
        path(f"instructions/{road}/", view.as_view(), name=f"instruction-{name}")
        for name, road, view in (
            ("write", "new/<int:pk>", instructions.WriteInstruction),
            ("record", "record/<int:pk>", instructions.RecordInstruction),
            ("answer", "<int:pk>/answer", instructions.AnswerInstruction),
            ("again", "<int:pk>/again", instructions.AskAgain),
            ("end", "<int:pk>/end", instructions.EndInstruction),
            ("scan", "<int:pk>/scan", instructions.InstructionScan),
        )
    ),
    path(
        "problems/<int:pk>/instruction/",
        instructions.InstructOnProblem.as_view(),
        name="problem-instruction",
    ),
    path("trail/", trail.WholeTrail.as_view(), name="trail"),
    path("problems/", ledger.Ledger.as_view(), name="problems"),
    path("problems/bulk/", bulk.BulkAct.as_view(), name="problems-bulk"),
    path("problems/fill/", bulk.BulkFill.as_view(), name="problems-fill"),
    path("problems/export/", exports.ExportLedger.as_view(), name="problems-export"),
    path("problems/new/", drafts.NewProblem.as_view(), name="problem-new"),
    path(
        "problems/new/<int:campaign>/<int:organization>/",
        drafts.TypeProblem.as_view(),
        name="problem-type",
    ),
    path("problems/<int:pk>/", problems.ProblemPage.as_view(), name="problem"),
    path("problems/<int:pk>/edit/", problems.EditProblem.as_view(), name="problem-edit"),
    path("problems/<int:pk>/delete/", problems.DeleteDraft.as_view(), name="problem-delete"),
    path(
        "problems/<int:pk>/register/", problems.RegisterProblem.as_view(), name="problem-register"
    ),
    path("problems/<int:pk>/issue/", problems.IssueProblem.as_view(), name="problem-issue"),
    path("problems/<int:pk>/accept/", problems.AcceptProblem.as_view(), name="problem-accept"),
    path("problems/<int:pk>/return/", problems.ReturnAssignment.as_view(), name="problem-return"),
    path("problems/<int:pk>/measures/new/", measures.PlanMeasure.as_view(), name="measure-plan"),
    path("problems/<int:pk>/progress/", measures.AddProgress.as_view(), name="progress-add"),
    path("problems/<int:pk>/evidence/new/", measures.AddEvidence.as_view(), name="evidence-add"),
    path("problems/<int:pk>/apply/", closures.ApplyClosure.as_view(), name="closure-apply"),
    path("measures/<int:pk>/edit/", measures.ChangeMeasure.as_view(), name="measure-edit"),
    path("measures/<int:pk>/finish/", measures.FinishMeasure.as_view(), name="measure-finish"),
    path(
        "measures/<int:pk>/unfinish/", measures.UnfinishMeasure.as_view(), name="measure-unfinish"
    ),
    path("measures/<int:pk>/delete/", measures.DropMeasure.as_view(), name="measure-delete"),
    path("evidence/<int:pk>/file/", measures.EvidenceFile.as_view(), name="evidence-file"),
    path("evidence/<int:pk>/delete/", measures.DropEvidence.as_view(), name="evidence-delete"),
    path("reviews/<int:pk>/", closures.Review.as_view(), name="review"),
    path("reviews/<int:pk>/paper/", closures.RecordPaper.as_view(), name="review-paper"),
    path("reviews/<int:pk>/form/", closures.ApprovalForm.as_view(), name="review-form"),
    path("reviews/<int:pk>/appoint/", closures.AppointReviewer.as_view(), name="review-appoint"),
    path("reviews/<int:pk>/scan/", closures.ReviewScan.as_view(), name="review-scan"),
    path(
        "organizations/<int:pk>/move/",
        reorganizations.MoveOrganization.as_view(),
        name="organization-move",
    ),
    path(
        "organizations/<int:pk>/retire/",
        reorganizations.RetireOrganization.as_view(),
        name="organization-retire",
    ),
    path(
        "organizations/<int:pk>/merge/",
        reorganizations.MergeOrganization.as_view(),
        name="organization-merge",
    ),
    path(
        "organizations/<int:pk>/split/",
        reorganizations.SplitOrganization.as_view(),
        name="organization-split",
    ),
    path("relations/<int:pk>/end/", reorganizations.EndRelation.as_view(), name="relation-end"),
    path("imports/", imports.ImportList.as_view(), name="imports"),
    path("imports/new/", imports.UploadLedger.as_view(), name="import-new"),
    path("imports/<int:pk>/", imports.ImportPage.as_view(), name="import"),
    path("imports/<int:pk>/correct/", imports.CorrectImport.as_view(), name="import-correct"),
    path("imports/<int:pk>/keep/", imports.KeepImport.as_view(), name="import-keep"),
    path("imports/<int:pk>/discard/", imports.DiscardImport.as_view(), name="import-discard"),
    path("imports/<int:pk>/register/", imports.RegisterImport.as_view(), name="import-register"),
    path("imports/<int:pk>/file/", imports.ImportFile.as_view(), name="import-file"),
    path("people/<int:pk>/hand-over/", handovers.HandOver.as_view(), name="person-hand-over"),
    path("people/<int:pk>/disable/", handovers.DisablePerson.as_view(), name="person-disable"),
]
