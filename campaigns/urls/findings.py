"""Addresses of portraits, talks, sweeps, pledges and reflections."""

from django.urls import path

from campaigns.views import (
    portrait_filings,
    portrait_merging,
    portrait_pages,
    portraits,
    reflections,
    showcases,
    sweep_acts,
    sweeps,
    talks,
)

urlpatterns = [
    # Portraits and talks: no address names an opinion, or of whom somebody speaks.
    path("portraits/", portraits.PortraitList.as_view(), name="portraits"),
    path("portraits/receipts/", portraits.ReceiptList.as_view(), name="portrait-receipts"),
    path("campaigns/<int:pk>/portraits/new/", portraits.Begin.as_view(), name="portraits-begin"),
    path("portraits/sessions/<int:pk>/", portraits.SessionPage.as_view(), name="portrait-session"),
    *(
        path(f"portraits/sessions/<int:pk>/{name}/", view.as_view(), name=f"portraits-{name}")
        for name, view in (
            ("speak", portraits.Speak),
            ("withdraw", portraits.Withdraw),
            ("answer", portraits.Answer),
            ("close", portraits.Close),
            ("seats", portraits.SeatAnew),
            ("lists", portrait_filings.Lists),
            ("file", portrait_filings.FileLists),
        )
    ),
    path("portraits/<int:pk>/", portrait_pages.PortraitPage.as_view(), name="portrait"),
    *(
        path(f"portraits/<int:pk>/{name}/", view.as_view(), name=f"portrait-{name}")
        for name, view in (
            ("merge", portrait_merging.Merge),
            ("note", portrait_merging.Note),
            ("show", portrait_pages.Show),
            ("take-back", portrait_pages.TakeBack),
            ("read", portrait_pages.Read),
            ("tell", portrait_pages.Tell),
            ("set-aside", portrait_pages.SetAside),
            ("talk", talks.CallTalk),
        )
    ),
    path("portraits/items/<int:pk>/", portrait_merging.ChangeItem.as_view(), name="portrait-item"),
    path("talks/", talks.TalkList.as_view(), name="talks"),
    path("talks/<int:pk>/", talks.TalkPage.as_view(), name="talk"),
    path("talks/<int:pk>/write/", talks.WriteTalk.as_view(), name="talk-write"),
    path("campaigns/<int:pk>/sweeps/", sweeps.SweepList.as_view(), name="sweeps"),
    path("campaigns/<int:pk>/sweeps/begin/", sweeps.BeginSweep.as_view(), name="sweep-begin"),
    path("campaigns/<int:pk>/sweeps/ask/", sweep_acts.AskForSweep.as_view(), name="sweep-ask"),
    path("sweeps/<int:pk>/", sweeps.SweepPage.as_view(), name="sweep"),
    path("sweeps/<int:pk>/excel/", sweeps.SweepPaper.as_view(kind="table"), name="sweep-excel"),
    path("sweeps/<int:pk>/word/", sweeps.SweepPaper.as_view(kind="word"), name="sweep-word"),
    *(
        path(f"sweeps/{road}/", view.as_view(), name=f"sweep-{name}")
        for name, road, view in (
            ("object-new", "<int:pk>/objects/new", sweep_acts.NewObject),
            ("object", "objects/<int:pk>", sweep_acts.ChangeObject),
            ("table", "<int:pk>/table", sweep_acts.FillFromTable),
            ("submit", "<int:pk>/submit", sweep_acts.SendSweep),
            ("review", "<int:pk>/review", sweep_acts.ReviewSweep),
        )
    ),
    # Reflections and their showcase.
    path(
        "campaigns/<int:pk>/reflections/", reflections.ReflectionList.as_view(), name="reflections"
    ),
    path(
        "campaigns/<int:pk>/reflections/begin/",
        reflections.Begin.as_view(),
        name="reflection-begin",
    ),
    path(
        "campaigns/<int:pk>/reflections/status/",
        reflections.StatusPage.as_view(),
        name="reflection-status",
    ),
    path("reflections/<int:pk>/", reflections.ReflectionPage.as_view(), name="reflection"),
    path("reflections/<int:pk>/write/", reflections.Write.as_view(), name="reflection-write"),
    path("reflections/<int:pk>/save/", reflections.Save.as_view(), name="reflection-save"),
    path("reflections/<int:pk>/submit/", reflections.Submit.as_view(), name="reflection-submit"),
    path("reflections/<int:pk>/delete/", reflections.Delete.as_view(), name="reflection-delete"),
    path("reflections/<int:pk>/show/", showcases.AgreeToShow.as_view(), name="reflection-show"),
    path("reflections/<int:pk>/hide/", showcases.WithdrawConsent.as_view(), name="reflection-hide"),
    path("campaigns/<int:pk>/showcase/", showcases.Showcase.as_view(), name="showcase"),
    path("campaigns/<int:pk>/showcase/choose/", showcases.Choose.as_view(), name="showcase-choose"),
    path("showcase/copies/<int:pk>/", showcases.ShowOne.as_view(), name="showcase-show"),
    path("showcase/<int:pk>/end/", showcases.TakeDown.as_view(), name="showing-end"),
]
