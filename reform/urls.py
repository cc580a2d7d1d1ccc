"""The doors of the ground floor, and the two floors above it, mounted by name."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import TemplateView

from reform.forms.people import SignInForm
from reform.views import health, jobs, notices, organizations, people, pickers, suggestions

sign_in = auth.LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True)
signed_out = TemplateView.as_view(template_name="registration/logged_out.html")

handler400 = "reform.views.errors.bad_request"
handler403 = "reform.views.errors.forbidden"
handler404 = "reform.views.errors.not_found"
handler405 = "reform.views.errors.filled"  # asked for by our middleware, not by Django
handler500 = "reform.views.errors.server_error"

urlpatterns = [
    path("login/", sign_in, name="login"),
    path("logout/", auth.LogoutView.as_view(next_page="logged-out"), name="logout"),
    path("logged-out/", login_not_required(signed_out), name="logged-out"),
    path("health/", health.health, name="health"),
    path("profile/", people.Profile.as_view(), name="profile"),
    path("profile/password/", people.OwnPassword.as_view(), name="password_change"),
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
    path("people/<int:pk>/", people.PersonPage.as_view(), name="person"),
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
