from django.urls import path

from campaigns.views import (
    campaigns,
    examination_lists,
    examination_pages,
    examination_status,
    examinations,
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
    path("examinations/", examination_lists.ExaminationList.as_view(), name="examinations"),
    path("examinations/<int:pk>/", examination_pages.ExaminationPage.as_view(), name="examination"),
    path("examinations/<int:pk>/write/", examinations.Write.as_view(), name="examination-write"),
    path("examinations/<int:pk>/save/", examinations.Save.as_view(), name="examination-save"),
    path("examinations/<int:pk>/submit/", examinations.Submit.as_view(), name="examination-submit"),
    path(
        "examinations/<int:pk>/withdraw/",
        examinations.Withdraw.as_view(),
        name="examination-withdraw",
    ),
    path("examinations/<int:pk>/delete/", examinations.Delete.as_view(), name="examination-delete"),
    path("examinations/<int:pk>/tell/", examination_pages.Tell.as_view(), name="examination-tell"),
    path(
        "examinations/<int:pk>/review/",
        examination_pages.Review.as_view(),
        name="examination-review",
    ),
    path(
        "examinations/<int:pk>/word/",
        examination_pages.SheetWord.as_view(),
        name="examination-word",
    ),
    path(
        "examinations/<int:pk>/scan/",
        examination_pages.SheetScan.as_view(),
        name="examination-scan",
    ),
    path("examinations/<int:pk>/sign/", examination_status.Sign.as_view(), name="examination-sign"),
    path(
        "checklists/<int:pk>/examinations/begin/",
        examination_lists.Begin.as_view(),
        name="examination-begin",
    ),
    path(
        "checklists/<int:pk>/examinations/record/",
        examination_status.Record.as_view(),
        name="examination-record",
    ),
    path(
        "campaigns/<int:pk>/examinations/",
        examination_status.StatusPage.as_view(),
        name="examination-status",
    ),
]
