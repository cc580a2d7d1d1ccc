"""The trail of all three floors: the ground floor's page with the words of every act."""

from rectification.forms.trail import WholeTrailFilter
from reform.views.trail import Trail


class WholeTrail(Trail):
    filter_class = WholeTrailFilter
