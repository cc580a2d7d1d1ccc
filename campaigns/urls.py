from django.urls import path

from campaigns.views import campaigns, changes, checklists, drafts, kits, weekly_plans

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
]
