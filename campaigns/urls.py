from django.urls import path

from campaigns.views import (
    assignment_imports,
    assignments,
    campaigns,
    clauses,
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
]
