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
    examination_copies,
    examination_lists,
    examination_pages,
    examination_readers,
    examination_status,
    examinations,
    given_texts,
    goals,
    kits,
    portrait_filings,
    portrait_merging,
    portrait_pages,
    portraits,
    reference_cases,
    reflections,
    responsible,
    sendings,
    showcases,
    stages,
    sweep_acts,
    sweeps,
    talks,
    weekly_plans,
    word_lists,
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
    path("examinations/copies/", examination_copies.CopyList.as_view(), name="examination-copies"),
    path(
        "examinations/copies/ask/",
        examination_copies.AskCopy.as_view(),
        name="examination-copy-ask",
    ),
    path(
        "examinations/copies/<int:pk>/",
        examination_copies.CopyPage.as_view(),
        name="examination-copy",
    ),
    path(
        "examinations/copies/<int:pk>/decide/",
        examination_copies.DecideCopy.as_view(),
        name="examination-copy-decide",
    ),
    path(
        "examinations/copies/<int:pk>/withdraw/",
        examination_copies.WithdrawCopy.as_view(),
        name="examination-copy-withdraw",
    ),
    path(
        "examinations/copies/<int:pk>/file/",
        examination_copies.CopyFile.as_view(),
        name="examination-copy-file",
    ),
    path(
        "examinations/<int:pk>/assign/",
        examination_readers.Assign.as_view(),
        name="examination-assign",
    ),
    path(
        "examinations/assignments/<int:pk>/end/",
        examination_readers.EndAssignment.as_view(),
        name="examination-assignment-end",
    ),
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
    path("campaigns/<int:pk>/compared/", given_texts.GivenTexts.as_view(), name="given-texts"),
    path("campaigns/<int:pk>/compared/new/", given_texts.GiveText.as_view(), name="given-text-new"),
    path(
        "campaigns/compared/<int:pk>/take-back/",
        given_texts.TakeTextBack.as_view(),
        name="given-text-take-back",
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
    path("campaigns/<int:pk>/words/", word_lists.WordLists.as_view(), name="word-lists"),
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
