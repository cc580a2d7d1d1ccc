"""Addresses of a campaign and its plan: kits, drafts, changes, stages, tasks, cases, goals."""

from django.urls import path

from campaigns.views import (
    assignment_imports,
    assignments,
    bodies,
    campaigns,
    changes,
    checklists,
    clauses,
    drafts,
    goals,
    kits,
    reference_cases,
    responsible,
    sendings,
    stages,
    weekly_plans,
)

urlpatterns = [
    path("campaigns/", campaigns.CampaignList.as_view(), name="campaigns"),
    path("campaigns/<int:pk>/", campaigns.CampaignPage.as_view(), name="campaign"),
    path("campaigns/<int:pk>/weekly/", weekly_plans.Plan.as_view(), name="weekly-plan"),
    path(
        "campaigns/<int:pk>/weekly/organizations/",
        weekly_plans.Oblige.as_view(),
        name="weekly-oblige",
    ),
    path(
        "campaigns/<int:pk>/weekly/proposed/",
        weekly_plans.TakeProposed.as_view(),
        name="weekly-proposed",
    ),
    # From the kit to the published campaign, and changes afterwards.
    path("campaigns/new/", kits.NewCampaign.as_view(), name="campaign-new"),
    path("campaigns/import/", kits.ImportKit.as_view(), name="kit-import"),
    path("campaigns/<int:pk>/kit/", kits.ExportKit.as_view(), name="campaign-kit"),
    path(
        "campaigns/<int:pk>/differences/",
        drafts.Differences.as_view(),
        name="campaign-differences",
    ),
    path("campaigns/drafts/<int:pk>/", drafts.DraftPage.as_view(), name="draft"),
    path("campaigns/drafts/<int:pk>/basics/", drafts.Basics.as_view(), name="draft-basics"),
    path(
        "campaigns/drafts/<int:pk>/participants/",
        drafts.Participants.as_view(),
        name="draft-participants",
    ),
    path("campaigns/drafts/<int:pk>/stages/", drafts.Stages.as_view(), name="draft-stages"),
    path(
        "campaigns/drafts/<int:pk>/assignments/",
        drafts.Assignments.as_view(),
        name="draft-assignments",
    ),
    path("campaigns/drafts/<int:pk>/sources/", drafts.Sources.as_view(), name="draft-sources"),
    path("campaigns/drafts/<int:pk>/levels/", drafts.Levels.as_view(), name="draft-levels"),
    path("campaigns/drafts/<int:pk>/papers/", drafts.Papers.as_view(), name="draft-papers"),
    path("campaigns/drafts/<int:pk>/send/", sendings.SendDraft.as_view(), name="draft-send"),
    path("campaigns/drafts/<int:pk>/return/", sendings.ReturnDraft.as_view(), name="draft-return"),
    path("campaigns/drafts/<int:pk>/goals/", goals.DraftGoals.as_view(), name="draft-goals"),
    path("campaigns/drafts/<int:pk>/drop/", drafts.Drop.as_view(), name="draft-drop"),
    path(
        "campaigns/drafts/<int:pk>/checklists/new/",
        checklists.NewChecklist.as_view(),
        name="checklist-new",
    ),
    path("campaigns/checklists/<int:pk>/", checklists.EditChecklist.as_view(), name="checklist"),
    path(
        "campaigns/checklists/<int:pk>/drop/",
        checklists.DropChecklist.as_view(),
        name="checklist-drop",
    ),
    path("campaigns/<int:pk>/change/", changes.RequestChange.as_view(), name="change-request"),
    path(
        "campaigns/changes/<int:pk>/decide/", changes.DecideChange.as_view(), name="change-decide"
    ),
    path("campaigns/changes/<int:pk>/paper/", changes.RecordChange.as_view(), name="change-paper"),
    path(
        "campaigns/changes/<int:pk>/withdraw/",
        changes.WithdrawChange.as_view(),
        name="change-withdraw",
    ),
    path("campaigns/changes/<int:pk>/scan/", changes.ChangeScan.as_view(), name="change-scan"),
    path("campaigns/<int:pk>/scan/", changes.PublicationScan.as_view(), name="publication-scan"),
    path("campaigns/<int:pk>/stages/new/", stages.NewStage.as_view(), name="stage-new"),
    *(
        path(f"campaigns/stages/<int:pk>/{name}/", view.as_view(), name=f"stage-{name}")
        for name, view in (
            ("edit", stages.ChangeStage),
            ("drop", stages.DropStage),
            ("open", stages.OpenStage),
            ("summary", stages.Summarize),
            ("file", stages.StageFile),
            ("excuse", stages.ExcuseSomebody),
        )
    ),
    path("campaigns/excuses/<int:pk>/end/", stages.EndExcuse.as_view(), name="excuse-end"),
    path(
        "campaigns/<int:pk>/assignments/", assignments.AssignmentList.as_view(), name="assignments"
    ),
    path(
        "campaigns/<int:pk>/assignments/new/",
        assignments.NewAssignment.as_view(),
        name="assignment-new",
    ),
    path(
        "campaigns/<int:pk>/assignments/table/",
        assignments.ExportAssignments.as_view(),
        name="assignments-export",
    ),
    path(
        "campaigns/<int:pk>/assignments/import/",
        assignment_imports.UploadAssignments.as_view(),
        name="assignments-import",
    ),
    path(
        "campaigns/assignments/<int:pk>/", assignments.AssignmentPage.as_view(), name="assignment"
    ),
    *(
        path(f"campaigns/assignments/<int:pk>/{name}/", view.as_view(), name=f"assignment-{name}")
        for name, view in (
            ("edit", assignments.ChangeAssignment),
            ("drop", assignments.DropAssignment),
            ("progress", assignments.ProgressAssignment),
        )
    ),
    path(
        "campaigns/assignments/imports/<int:pk>/",
        assignment_imports.AssignmentImportPage.as_view(),
        name="assignment-import",
    ),
    path(
        "campaigns/assignments/imports/<int:pk>/keep/",
        assignment_imports.KeepAssignments.as_view(),
        name="assignment-import-keep",
    ),
    path(
        "campaigns/assignments/imports/<int:pk>/discard/",
        assignment_imports.DiscardAssignments.as_view(),
        name="assignment-import-discard",
    ),
    path("campaigns/<int:pk>/clauses/", clauses.ClauseList.as_view(), name="clauses"),
    path("campaigns/<int:pk>/clauses/new/", clauses.EnterClauses.as_view(), name="clauses-new"),
    path("campaigns/clauses/<int:pk>/drop/", clauses.DropClause.as_view(), name="clause-drop"),
    path("campaigns/<int:pk>/requests/", clauses.RequestList.as_view(), name="superior-requests"),
    path(
        "campaigns/<int:pk>/requests/new/",
        clauses.NewRequest.as_view(),
        name="superior-request-new",
    ),
    path("campaigns/requests/<int:pk>/", clauses.ChangeRequest.as_view(), name="superior-request"),
    path("campaigns/<int:pk>/bodies/", bodies.BodiesPage.as_view(), name="bodies"),
    path("campaigns/<int:pk>/bodies/word/", bodies.BodiesWord.as_view(), name="bodies-word"),
    path("campaigns/<int:pk>/bodies/new/", bodies.NewBody.as_view(), name="body-new"),
    *(
        path(f"campaigns/bodies/<int:pk>/{name}/", view.as_view(), name=f"body-{name}")
        for name, view in (
            ("edit", bodies.ChangeBody),
            ("members", bodies.AddMembers),
            ("leave", bodies.EndMembers),
            ("order", bodies.ArrangeMembers),
            ("dissolve", bodies.DissolveBody),
        )
    ),
    path(
        "campaigns/<int:pk>/responsible/", responsible.ResponsibleList.as_view(), name="responsible"
    ),
    path(
        "campaigns/<int:pk>/responsible/table/",
        responsible.ResponsibleTable.as_view(),
        name="responsible-table",
    ),
    path(
        "campaigns/<int:pk>/responsible/name/",
        responsible.NameResponsible.as_view(),
        name="responsible-name",
    ),
    path(
        "campaigns/responsible/<int:pk>/unname/",
        responsible.UnnameResponsible.as_view(),
        name="responsible-unname",
    ),
    path(
        "campaigns/<int:pk>/cases/new/",
        reference_cases.NewCase.as_view(),
        name="reference-case-new",
    ),
    *(
        path(f"campaigns/cases/<int:pk>/{name}/", view.as_view(), name=f"reference-case-{name}")
        for name, view in (
            ("edit", reference_cases.EditCase),
            ("publish", reference_cases.PublishCase),
            ("withdraw", reference_cases.WithdrawCase),
            ("word", reference_cases.CaseWord),
        )
    ),
]
