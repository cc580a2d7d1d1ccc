"""Every address of this floor."""

from campaigns.urls import campaigns, examinations, findings

urlpatterns = [
    *campaigns.urlpatterns,
    *examinations.urlpatterns,
    *findings.urlpatterns,
]
