from django.urls import path

from rectification.views import (
    bulk,
    closures,
    desk,
    drafts,
    exports,
    imports,
    ledger,
    measures,
    problems,
    reorganizations,
)

urlpatterns = [
    path("", desk.Desk.as_view(), name="desk"),
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
]
