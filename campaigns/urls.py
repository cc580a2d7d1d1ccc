from django.urls import path

from campaigns.views import campaigns, weekly_plans, word_lists

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
    path("campaigns/<int:pk>/words/", word_lists.WordLists.as_view(), name="word-lists"),
]
