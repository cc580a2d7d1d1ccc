"""The doors of the ground floor, and the two floors above it, mounted by name."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import TemplateView

from reform.forms.people import SignInForm
from reform.views import (
    delegations,
    duties,
    health,
    jobs,
    notices,
    organizations,
    people,
    people_imports,
    pickers,
    proposals,
    register,
    suggestions,
)

sign_in = auth.LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True)
signed_out = TemplateView.as_view(template_name="registration/logged_out.html")

urlpatterns = [
    path("login/", sign_in, name="login"),
    path("logout/", auth.LogoutView.as_view(next_page="logged-out"), name="logout"),
    path("logged-out/", login_not_required(signed_out), name="logged-out"),
    path("health/", health.health, name="health"),
    path("profile/", people.Profile.as_view(), name="profile"),
    path("profile/password/", people.OwnPassword.as_view(), name="password_change"),
    path("profile/delegations/", delegations.Delegations.as_view(), name="delegations"),
    path("profile/delegations/new/", delegations.GiveDelegation.as_view(), name="delegation-give"),
    path(
        "profile/delegations/<int:pk>/end/",
        delegations.EndDelegation.as_view(),
        name="delegation-end",
    ),
    path("organizations/", organizations.OrganizationTree.as_view(), name="organizations"),
    path("organizations/search/", pickers.organization_search, name="organization-search"),
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
    path("jobs/", jobs.Jobs.as_view(), name="jobs"),
    path("jobs/<int:pk>/", jobs.JobPage.as_view(), name="job"),
    path("jobs/<int:pk>/file/", jobs.job_file, name="job-file"),
    path("", include("campaigns.urls")),
    path("", include("rectification.urls")),
]
