"""The doors of the ground floor, and the two floors above it, mounted by name."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import TemplateView

from reform.views import (
    delegations,
    duties,
    health,
    holidays,
    jobs,
    notices,
    organizations,
    outbox,
    own,
    people,
    people_imports,
    pickers,
    preferences,
    proposals,
    register,
    security,
    suggestions,
    system,
    trail,
)
from reform.views import organization_acts as acts
from reform.views import sign_ins as door

signed_out = TemplateView.as_view(template_name="registration/logged_out.html")

handler400 = "reform.views.errors.bad_request"
handler403 = "reform.views.errors.forbidden"
handler404 = "reform.views.errors.not_found"
handler405 = "reform.views.errors.filled"  # asked for by our middleware, not by Django
handler500 = "reform.views.errors.server_error"

urlpatterns = [
    path("login/", door.SignIn.as_view(), name="login"),
    path("login/second/", door.SecondStep.as_view(), name="login-second"),
    path("login/code/", door.Code.as_view(), name="login-code"),
    path("logout/", door.SignOut.as_view(), name="logout"),
    path("logged-out/", login_not_required(signed_out), name="logged-out"),
    path("health/", health.health, name="health"),
    path("calendar/", holidays.CalendarPage.as_view(), name="calendar"),
    path("profile/", people.Profile.as_view(), name="profile"),
    path("profile/password/", own.OwnPassword.as_view(), name="password_change"),
    path("profile/second/", own.SecondStep.as_view(), name="second-step"),
    path("profile/second/codes/", own.RecoveryCodes.as_view(), name="recovery-codes"),
    path("profile/second/off/", own.SecondStepOff.as_view(), name="second-step-off"),
    path("profile/devices/", own.Devices.as_view(), name="devices"),
    path("profile/devices/end/", own.DevicesEnd.as_view(), name="devices-end"),
    path("profile/devices/<int:pk>/end/", own.DeviceEnd.as_view(), name="device-end"),
    path("profile/notices/", preferences.NoticeChoices.as_view(), name="notice-choices"),
    path("profile/notices/address/", preferences.NoticeAddress.as_view(), name="notice-address"),
    path("security/", security.Security.as_view(), name="security"),
    path("security/signed-in/", security.SignedIn.as_view(), name="signed-in"),
    path("security/lock-outs/", security.LockOuts.as_view(), name="lock-outs"),
    path("security/lock-outs/<int:pk>/", security.LockOutLift.as_view(), name="lock-out-lift"),
    path("security/second-steps/", security.SecondSteps.as_view(), name="second-steps"),
    path(
        "security/second-steps/<int:pk>/",
        security.SecondStepReset.as_view(),
        name="second-step-reset",
    ),
    path("security/witness/", security.Witness.as_view(), name="witness"),
    path("profile/delegations/", delegations.Delegations.as_view(), name="delegations"),
    path("profile/delegations/new/", delegations.GiveDelegation.as_view(), name="delegation-give"),
    path(
        "profile/delegations/<int:pk>/end/",
        delegations.EndDelegation.as_view(),
        name="delegation-end",
    ),
    path("organizations/", organizations.OrganizationTree.as_view(), name="organizations"),
    path("organizations/search/", pickers.organization_search, name="organization-search"),
    path("organizations/new/", acts.EstablishTop.as_view(), name="organization-new-top"),
    path(
        "organizations/<int:pk>/new/",
        acts.EstablishOrganization.as_view(),
        name="organization-new",
    ),
    path(
        "organizations/<int:pk>/rename/",
        acts.RenameOrganization.as_view(),
        name="organization-rename",
    ),
    path(
        "organizations/<int:pk>/edit/", acts.ChangeOrganization.as_view(), name="organization-edit"
    ),
    path(
        "organizations/<int:pk>/place/",
        acts.PlaceOrganization.as_view(),
        name="organization-place",
    ),
    path("organizations/<int:pk>/relate/", acts.AddRelation.as_view(), name="relation-new"),
    path("organizations/<int:pk>/", organizations.OrganizationPage.as_view(), name="organization"),
    path(
        "organizations/<int:pk>/children/",
        organizations.Branch.as_view(),
        name="organization-children",
    ),
    path("people/", people.People.as_view(), name="people"),
    path("people/search/", pickers.person_search, name="person-search"),
    path("people/imports/", people_imports.PeopleImports.as_view(), name="people-imports"),
    path("people/imports/new/", people_imports.UploadPeople.as_view(), name="people-import-new"),
    path(
        "people/imports/template/", people_imports.PeopleTemplate.as_view(), name="people-template"
    ),
    path(
        "people/imports/<int:pk>/", people_imports.PeopleImportPage.as_view(), name="people-import"
    ),
    path(
        "people/imports/<int:pk>/keep/",
        people_imports.KeepPeople.as_view(),
        name="people-import-keep",
    ),
    path(
        "people/imports/<int:pk>/discard/",
        people_imports.DiscardPeople.as_view(),
        name="people-import-discard",
    ),
    path(
        "people/imports/<int:pk>/undo/",
        people_imports.UndoPeople.as_view(),
        name="people-import-undo",
    ),
    path(
        "people/imports/<int:pk>/codes/",
        people_imports.ImportCodes.as_view(),
        name="people-import-codes",
    ),
    path("people/new/", register.AddPerson.as_view(), name="person-new"),
    path("people/<int:pk>/", people.PersonPage.as_view(), name="person"),
    path("people/<int:pk>/edit/", register.EditPerson.as_view(), name="person-edit"),
    path("people/<int:pk>/account/", register.OpenAccount.as_view(), name="person-account"),
    path("people/<int:pk>/code/", register.HandCode.as_view(), name="person-code"),
    path("people/<int:pk>/same/", register.MarkSame.as_view(), name="person-same"),
    path("people/<int:pk>/part/", register.Part.as_view(), name="person-part"),
    path("people/<int:pk>/transfer/", register.TransferPerson.as_view(), name="person-transfer"),
    path("people/<int:pk>/enable/", register.EnablePerson.as_view(), name="person-enable"),
    path("people/<int:pk>/duties/", duties.GrantDuty.as_view(), name="duty-grant"),
    path("duties/<int:pk>/end/", duties.EndDuty.as_view(), name="duty-end"),
    path("duties/<int:pk>/marks/", duties.ChangeMark.as_view(), name="duty-mark"),
    path("duties/<int:pk>/fields/", duties.GiveField.as_view(), name="field-give"),
    path("fields/<int:pk>/end/", duties.EndField.as_view(), name="field-end"),
    path("proposals/", proposals.Proposals.as_view(), name="proposals"),
    path("proposals/confirm/", proposals.ConfirmMany.as_view(), name="proposals-confirm"),
    path(
        "proposals/<int:pk>/confirm/", proposals.ConfirmProposal.as_view(), name="proposal-confirm"
    ),
    path(
        "proposals/<int:pk>/decline/", proposals.DeclineProposal.as_view(), name="proposal-decline"
    ),
    path("inbox/", notices.Inbox.as_view(), name="inbox"),
    path("inbox/read/", notices.read_all, name="inbox-read"),
    path("inbox/<int:pk>/", notices.open_notice, name="notice-open"),
    path("suggest/", suggestions.Suggest.as_view(), name="suggest"),
    path("suggestions/", suggestions.Suggestions.as_view(), name="suggestions"),
    path("system/", system.SystemStatus.as_view(), name="system"),
    path("system/outbox/", outbox.DeadLetters.as_view(), name="dead-letters"),
    path("system/outbox/retry/", outbox.RetryAll.as_view(), name="dead-letters-retry"),
    path("system/outbox/<int:pk>/retry/", outbox.RetryDelivery.as_view(), name="dead-letter-retry"),
    path("jobs/", jobs.Jobs.as_view(), name="jobs"),
    path("jobs/<int:pk>/", jobs.JobPage.as_view(), name="job"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job-file"),
    path("trail/<int:pk>/", trail.TrailEntryPage.as_view(), name="trail-entry"),
    path("trail/export/", trail.ExportTrail.as_view(), name="trail-export"),
    path("trail/seals/", trail.Seals.as_view(), name="trail-seals"),
    path("trail/check/", trail.CheckTrail.as_view(), name="trail-check"),
    path("", include("campaigns.urls")),
    path("", include("rectification.urls")),
]
