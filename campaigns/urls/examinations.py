"""Addresses of self-examinations (自查剖析) and what is compared with them."""

from django.urls import path

from campaigns.views import (
    examination_copies,
    examination_lists,
    examination_pages,
    examination_readers,
    examination_status,
    examinations,
    given_texts,
    word_lists,
)

urlpatterns = [
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
    path("campaigns/<int:pk>/words/", word_lists.WordLists.as_view(), name="word-lists"),
]
