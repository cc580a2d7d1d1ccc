"""Who gets in where: every page of the site, and what each kind of visitor meets there.

Written out, not taken from the code: two clerks who copy the same page. A page that is in no table
fails the first test, so nobody forgets to decide. What is refused leaves the database as it was,
and what a refused GET must not even leave behind is a line in the trail. SQLite meets the whole
table, PostgreSQL a seeded tenth: who may what is asked of it by tests/test_permissions.py.
"""

import uuid
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from types import SimpleNamespace

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import get_resolver, reverse

from campaigns.actions import campaigns, changes, drafts, sendings
from campaigns.actions.portrait_items import mark_of
from campaigns.actions.signatures import Paper
from campaigns.exports.kits import toml
from campaigns.imports import kits
from campaigns.models import Campaign, CampaignPlan, Portrait, Publication
from rectification import policy
from rectification.actions import (
    chain_checks,
    closures,
    conclusions,
    evidences,
    instructions,
    measures,
    pauses,
    problems,
    registrations,
    reviews,
    stage_closings,
)
from rectification.actions.verdicts import Verdict
from rectification.exports import jobs
from rectification.imports import ledger
from rectification.models import (
    Decision,
    EarlierDeadline,
    Evidence,
    Instruction,
    Problem,
    ReviewStep,
    Upload,
)
from reform.actions import (
    access_codes,
    addresses,
    attachments,
    delegations,
    duties,
    fields,
    notices,
    people_imports,
    second_steps,
    sign_ins,
    trail,
)
from reform.forms.pickers import wire
from reform.imports import people
from reform.models import (
    AccessCode,
    Act,
    Delivery,
    Duty,
    HolidayNotice,
    Notice,
    OrganizationRelation,
    Preference,
    Role,
    SignInFailure,
    TrailEntry,
    User,
)
from tests.campaigns import led, portrait_rows, sheets, sweeping
from tests.conftest import SIX, a_tenth
from tests.factories import (
    AT,
    LONG_AGO,
    ON,
    CampaignFactory,
    OrganizationFactory,
    ProblemFactory,
    UserFactory,
    actor,
    person,
)
from tests.rectification import cases, found_rows, promises, weekly
from tests.rectification import stages as staged
from tests.rectification.test_import import GOOD, workbook

# A column each: colleague = a member of the unit; member = the responsible person; office,
# inspector and leader = those of the unit above; neighbour = the secretary beside it; stranger =
# office and leader of another tree; disabled = once the unit's secretary, the account is closed.
VISITORS = (
    *("colleague", "member", "liaison", "secretary", "office", "inspector", "leader"),
    *("neighbour", "stranger", "system", "security", "audit", "anonymous", "disabled"),
)
IN, SIGN_IN = "in", "/login/"  # on to the sign-in page
FLOORS = ("reform_", "campaigns_", "rectification_")

# The leader who answers for the rows is none of those who review them.
CLARITIES = SIX | {"leaders": ["顾明"]}

# Name of the page, the record it shows (- for none), and what a GET answers.
PAGES = """
#                                 COL MEM LIA SEC OFF INS LEA NEI STR SYS SCY AUD ANO DIS
login                 -           302 302 302 302 302 302 302 302 302 302 302 302 200 200
login-second          -           302 302 302 302 302 302 302 302 302 302 302 302 302 302
login-code            -           200 200 200 200 200 200 200 200 200 200 200 200 200 200
logged-out            -           200 200 200 200 200 200 200 200 200 200 200 200 200 200
health                -           200 200 200 200 200 200 200 200 200 200 200 200 200 200
logout                -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
desk                  -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
profile               -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
password_change       -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
second-step           -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
recovery-codes        -           403 200 403 403 403 403 403 403 403 403 403 403  in  in
second-step-off       -           403 200 403 403 403 403 403 403 403 403 403 403  in  in
devices               -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
devices-end           -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
device-end            device      404 200 404 404 404 404 404 404 404 404 200 404  in  in
notice-choices        -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
notice-address        -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
security              -           403 403 403 403 403 403 403 403 403 403 200 403  in  in
signed-in             -           403 403 403 403 403 403 403 403 403 403 200 403  in  in
lock-outs             -           403 403 403 403 403 403 403 403 403 403 200 403  in  in
lock-out-lift         mistake     403 403 403 403 403 403 403 403 403 403 200 403  in  in
second-steps          -           403 403 403 403 403 403 403 403 403 403 200 403  in  in
second-step-reset     account     403 403 403 403 403 403 403 403 403 403 200 403  in  in
witness               -           403 403 403 403 403 403 403 403 403 200 200 200  in  in
organizations         -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
organization-search   -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
organization          branch      200 200 200 200 200 200 200 200 200 200 200 200  in  in
organization-children center      200 200 200 200 200 200 200 200 200 200 200 200  in  in
organization-new-top  -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-new      branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-rename   branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-edit     branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-place    branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-move     branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-retire   branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-merge    branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
organization-split    branch      403 403 403 403 403 403 403 403 403 200 403 403  in  in
relation-new          stationed   403 403 403 403 403 403 403 403 403 200 403 403  in  in
relation-end          relation    403 403 403 403 403 403 403 403 403 200 403 403  in  in
people                -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
person-search         -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
person                account     200 200 200 200 200 200 200 200 200 200 200 200  in  in
person-new            -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
person-edit           account     403 403 403 403 403 403 403 403 403 200 403 403  in  in
person-account        nameless    403 403 403 403 403 403 403 403 403 200 403 403  in  in
person-code           account     403 403 403 403 403 403 403 403 403 200 403 403  in  in
person-same           nameless    403 403 403 403 403 403 403 403 403 200 403 403  in  in
person-part           second      403 403 403 403 403 403 403 403 403 200 403 403  in  in
person-transfer       account     403 403 403 403 403 403 403 403 403 200 403 403  in  in
person-enable         gone        403 403 403 403 403 403 403 403 403 200 200 403  in  in
person-disable        account     403 403 403 403 403 403 403 403 403 200 200 403  in  in
person-hand-over      account     403 403 403 200 200 403 403 200 200 403 403 403  in  in
people-imports        -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
people-import-new     -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
people-template       -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
people-import         roll        404 404 404 404 404 404 404 404 404 200 404 404  in  in
people-import-keep    roll        405 405 405 405 405 405 405 405 405 405 405 405  in  in
people-import-discard roll        405 405 405 405 405 405 405 405 405 405 405 405  in  in
people-import-undo    kept_roll   404 404 404 404 404 404 404 404 404 200 404 404  in  in
people-import-codes   kept_roll   405 405 405 405 405 405 405 405 405 405 405 405  in  in
duty-grant            account     403 403 403 403 403 403 403 403 403 200 200 403  in  in
duty-end              duty        403 403 403 403 403 403 403 403 403 403 200 403  in  in
duty-mark             leads       403 403 403 403 403 403 403 403 403 403 200 403  in  in
field-give            leads       403 403 403 403 403 403 403 403 403 403 200 403  in  in
field-end             field       403 403 403 403 403 403 403 403 403 403 200 403  in  in
proposals             -           403 403 403 403 403 403 403 403 403 200 200 403  in  in
proposals-confirm     -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
proposal-confirm      proposal    403 403 403 403 403 403 403 403 403 200 403 403  in  in
proposal-decline      proposal    403 403 403 403 403 403 403 403 403 200 403 403  in  in
delegations           -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
delegation-give       -           403 403 403 200 200 200 200 200 200 403 403 403  in  in
delegation-end        delegation  200 404 404 200 404 404 404 404 404 404 404 404  in  in
calendar              -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
calendar-new          -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
calendar-enter        -           403 403 403 403 403 403 403 403 403 405 403 403  in  in
calendar-earlier      -           403 403 403 403 403 403 200 403 200 403 403 403  in  in
calendar-template     -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
inbox                 -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
inbox-read            -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
notice-open           notice      405 405 405 405 405 405 405 405 405 405 405 405  in  in
suggest               -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
suggestions           -           403 403 403 403 200 403 403 403 200 403 403 403  in  in
system                -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
dead-letters          -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
dead-letters-retry    -           403 403 403 403 403 403 403 403 403 200 403 403  in  in
dead-letter-retry     dead        403 403 403 403 403 403 403 403 403 200 403 403  in  in
jobs                  -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
job                   job         404 404 404 200 404 404 404 404 404 404 404 404  in  in
job-file              job         404 404 404 200 404 404 404 404 404 404 404 404  in  in
trail                 -           403 403 403 403 403 403 403 403 403 403 200 200  in  in
trail-entry           entry       404 404 404 404 404 404 404 404 404 404 404 200  in  in
trail-entry           audit_entry 404 404 404 404 404 404 404 404 404 404 200 404  in  in
trail-export          -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
trail-seals           -           403 403 403 403 403 403 403 403 403 403 403 200  in  in
trail-check           -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
campaigns             -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
campaign              campaign    200 200 200 200 200 200 200 200 404 404 404 404  in  in
campaign              plan        404 404 404 404 404 404 404 404 404 404 404 404  in  in
campaign-new          -           403 403 403 403 200 403 403 403 200 403 403 403  in  in
kit-import            -           403 403 403 403 200 403 403 403 200 403 403 403  in  in
campaign-kit          sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
campaign-kit          local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
campaign-differences  sketch      404 404 404 404 200 404 200 404 404 404 404 404  in  in
draft                 sketch      404 404 404 404 200 404 200 404 404 404 404 404  in  in
draft-basics          sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-participants    sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-stages          sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-assignments     sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-sources         sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-levels          sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-papers          sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-send            sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-return          offered     404 404 404 404 403 404 200 404 404 404 404 404  in  in
draft-goals           sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
draft-drop            sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
checklist-new         sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
checklist             sheet       404 404 404 404 200 404 403 404 404 404 404 404  in  in
checklist-drop        sheet       404 404 404 404 200 404 403 404 404 404 404 404  in  in
campaign-publish      sketch      404 404 404 404 403 404 200 404 404 404 404 404  in  in
campaign-publish-paper sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
chain-check           sketch      404 404 404 404 200 404 200 404 404 404 404 404  in  in
chain-check           local       403 403 403 403 200 403 200 403 403 404 404 404  in  in
campaign-close        local       403 403 403 403 403 403 200 403 403 404 404 404  in  in
change-request        local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
change-decide         wish        403 403 403 403 403 403 200 403 403 404 404 404  in  in
change-paper          wish        403 403 403 403 200 403 403 403 403 404 404 404  in  in
change-withdraw       wish        403 403 403 403 200 403 403 403 403 404 404 404  in  in
change-scan           granted     403 403 403 403 200 403 200 403 403 404 404 404  in  in
publication-scan      local       403 403 403 403 200 403 200 403 403 404 404 404  in  in
reminder-rules        sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
reminder-rule-new     sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
reminder-rules        local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
reminder-rule-new     local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
reminder-rule         rule        403 403 403 403 200 403 403 403 403 404 404 404  in  in
brief                 -           403 403 403 403 403 403 200 403 200 403 403 403  in  in
brief-word            -           403 403 403 403 403 403 200 403 200 403 403 403  in  in
instructions          -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
instruction           instruction 404 404 200 200 200 404 200 404 404 404 404 404  in  in
instruction           replied     404 404 200 200 200 404 200 404 404 404 404 404  in  in
instruction-write     campaign    403 403 403 403 403 403 200 403 404 404 404 404  in  in
instruction-record    campaign    403 403 403 403 200 403 403 403 404 404 404 404  in  in
instruction-answer    instruction 404 404 200 200 403 404 403 404 404 404 404 404  in  in
instruction-again     replied     404 404 403 403 403 404 200 404 404 404 404 404  in  in
instruction-end       replied     404 404 403 403 403 404 200 404 404 404 404 404  in  in
instruction-scan      noted       404 404 200 200 200 404 200 404 404 404 404 404  in  in
problem-instruction   rectifying  403 403 403 403 403 403 200 404 404 404 404 404  in  in
problems              -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
owing                 -           403 403 200 200 200 200 200 200 200 403 403 403  in  in
owing-letter          -           403 403 403 403 200 403 403 403 404 403 403 403  in  in
owing-table           -           403 403 200 200 200 200 200 200 200 403 403 403  in  in
problems-bulk         -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
problems-export       -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
problems-fill         bare        200 200 200 200 200 200 200 404 404 404 404 404  in  in
problem-new           -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
problem-type          place       200 200 200 200 200 200 403 403 404 404 404 404  in  in
problem               draft       200 200 200 200 200 200 200 404 404 404 404 404  in  in
problem               rectifying  200 200 200 200 200 200 200 404 404 404 404 404  in  in
problem               closed      200 200 200 200 200 200 200 404 404 404 404 404  in  in
problem               personal    404 200 404 200 404 404 404 404 404 404 404 404  in  in
problem               joint       200 200 200 200 200 200 200 200 404 404 404 404  in  in
problem               foreign     404 404 404 404 404 404 404 404 200 404 404 404  in  in
problem-edit          draft       403 200 200 200 200 403 403 404 404 404 404 404  in  in
problem-edit          rectifying  403 403 200 200 200 403 403 404 404 404 404 404  in  in
problem-edit          personal    404 403 404 200 404 404 404 404 404 404 404 404  in  in
problem-delete        draft       403 200 200 403 403 403 403 404 404 404 404 404  in  in
problem-register      draft       403 403 200 200 200 200 403 404 404 404 404 404  in  in
problem-issue         registered  403 403 200 200 200 403 200 404 404 404 404 404  in  in
problem-accept        assigned    403 403 200 200 403 403 403 404 404 404 404 404  in  in
problem-return        assigned    403 403 403 200 403 403 403 404 404 404 404 404  in  in
problem-pause         rectifying  403 403 403 403 403 403 200 404 404 404 404 404  in  in
pause-end             pause       403 403 403 403 403 403 200 404 404 404 404 404  in  in
measure-plan          rectifying  403 200 200 200 200 403 403 404 404 404 404 404  in  in
measure-edit          measure     403 200 200 200 200 403 403 404 404 404 404 404  in  in
measure-finish        measure     403 200 200 200 200 403 403 404 404 404 404 404  in  in
measure-unfinish      finished    403 200 200 200 200 403 403 404 404 404 404 404  in  in
measure-delete        early       403 200 200 200 200 403 403 404 404 404 404 404  in  in
progress-add          rectifying  403 200 200 200 200 403 403 404 404 404 404 404  in  in
progress-add          joint       403 200 200 200 200 403 403 200 404 404 404 404  in  in
evidence-add          rectifying  403 200 200 200 200 200 403 404 404 404 404 404  in  in
evidence-add          joint       403 200 200 200 200 200 403 200 404 404 404 404  in  in
evidence-file         evidence    200 200 200 200 200 200 200 404 404 404 404 404  in  in
evidence-delete       evidence    403 403 200 403 403 403 403 404 404 404 404 404  in  in
closure-apply         ready       403 200 200 200 200 403 403 404 404 404 404 404  in  in
closure-apply         joint       403 200 200 200 200 403 403 403 404 404 404 404  in  in
review                endorse     403 403 403 200 403 403 403 404 404 404 404 404  in  in
review                verify      403 403 403 403 200 403 403 404 404 404 404 404  in  in
review                recheck     403 403 403 403 403 200 403 404 404 404 404 404  in  in
review                approve     403 403 403 403 403 403 200 404 404 404 404 404  in  in
review                own         404 403 404 200 404 404 404 404 404 404 404 404  in  in
review-paper          endorse     403 403 200 403 200 403 403 404 404 404 404 404  in  in
review-form           verify      200 200 200 200 200 200 200 404 404 404 404 404  in  in
review-appoint        verify      403 403 403 403 200 200 200 404 404 404 404 404  in  in
review-scan           scan        200 200 200 200 200 200 200 404 404 404 404 404  in  in
weekly                -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
weekly-plan           campaign    403 403 403 403 403 403 403 403 404 404 404 404  in  in
weekly-plan           theirs      404 404 404 404 404 404 404 404 200 404 404 404  in  in
weekly-oblige         campaign    403 403 403 403 403 403 403 403 404 404 404 404  in  in
weekly-oblige         theirs      404 404 404 404 404 404 404 404 200 404 404 404  in  in
weekly-proposed       theirs      404 404 404 404 404 404 404 404 200 404 404 404  in  in
given-texts           local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
given-text-new        local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
given-text-take-back  team_text   404 404 200 200 200 404 404 404 404 404 404 404  in  in
given-text-take-back  own_given   404 200 404 404 404 404 404 404 404 404 404 404  in  in
word-lists            campaign    403 403 403 403 403 403 403 403 404 404 404 404  in  in
word-lists            theirs      404 404 404 404 404 404 404 404 200 404 404 404  in  in
weekly-intake         intake      404 404 404 404 200 404 200 404 404 404 404 404  in  in
weekly-intake         owed        404 404 200 200 200 200 200 404 404 404 404 404  in  in
weekly-begin          owed        404 404 200 200 403 403 403 404 404 404 404 404  in  in
weekly-zero           owed        404 404 200 200 403 403 403 404 404 404 404 404  in  in
weekly-zero           overdue     404 404 200 200 403 403 403 404 404 404 404 404  in  in
weekly-collate        intake      404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-receive-all    intake      404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-defer          owed        404 404 403 403 200 403 403 404 404 404 404 404  in  in
weekly-defer          intake      404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-defer          joined_owed 404 404 404 404 200 404 404 404 200 404 404 404  in  in
weekly-undefer        put_off     404 404 403 403 200 403 403 404 404 404 404 404  in  in
weekly-reminder       intake      404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-report         drafted     404 404 200 200 404 404 404 404 404 404 404 404  in  in
weekly-report         filed       404 404 200 200 200 200 200 404 404 404 404 404  in  in
weekly-report         joined      404 404 404 404 200 404 200 404 200 404 404 404  in  in
weekly-report         collating   404 404 404 404 200 404 200 404 404 404 404 404  in  in
weekly-report         sent_out    404 404 404 404 200 404 200 404 404 404 404 404  in  in
weekly-edit           drafted     404 404 200 200 404 404 404 404 404 404 404 404  in  in
weekly-edit           collating   404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-edit           filed       404 404 200 200 403 403 403 404 404 404 404 404  in  in
weekly-redraft        drafted     404 404 200 200 404 404 404 404 404 404 404 404  in  in
weekly-prepare        drafted     404 404 200 200 404 404 404 404 404 404 404 404  in  in
weekly-confirm        prepared    404 404 403 200 404 404 404 404 404 404 404 404  in  in
weekly-send-back      prepared    404 404 403 200 404 404 404 404 404 404 404 404  in  in
weekly-send-back      to_sign     404 404 404 404 403 404 200 404 404 404 404 404  in  in
weekly-receive        filed       404 404 403 403 200 403 403 404 404 404 404 404  in  in
weekly-return         filed       404 404 403 403 200 403 403 404 404 404 404 404  in  in
weekly-receive        joined      404 404 404 404 200 404 403 404 403 404 404 404  in  in
weekly-return         joined      404 404 404 404 200 404 403 404 403 404 404 404  in  in
weekly-gather         collating   404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-submit         collating   404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-review         to_review   404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-sign           to_sign     404 404 404 404 403 404 200 404 404 404 404 404  in  in
weekly-paper          to_sign     404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-forward        sent_out    404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-returned       sent_out    404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-part           part        404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-word           drafted     404 404 200 200 404 404 404 404 404 404 404 404  in  in
weekly-word           filed       404 404 200 200 200 200 200 404 404 404 404 404  in  in
weekly-word           joined      404 404 404 404 200 404 200 404 200 404 404 404  in  in
weekly-excel          collating   404 404 404 404 200 404 200 404 404 404 404 404  in  in
weekly-template       collating   404 404 404 404 200 404 403 404 404 404 404 404  in  in
weekly-filled         collating   404 404 404 404 200 404 200 404 404 404 404 404  in  in
weekly-scan           on_paper    404 404 404 404 200 404 200 404 404 404 404 404  in  in
imports               -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
import-new            -           403 403 200 200 200 403 403 200 200 403 403 403  in  in
import                upload      404 404 200 404 404 404 404 404 404 404 404 404  in  in
import-file           upload      404 404 200 404 404 404 404 404 404 404 404 404  in  in
import-correct        upload      405 405 405 405 405 405 405 405 405 405 405 405  in  in
import-keep           upload      405 405 405 405 405 405 405 405 405 405 405 405  in  in
import-discard        upload      405 405 405 405 405 405 405 405 405 405 405 405  in  in
import-register       kept        405 405 405 405 405 405 405 405 405 405 405 405  in  in
examinations          -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
examination-begin     checklist   405 405 405 405 405 405 405 405 405 405 405 405  in  in
examination-record    checklist   403 403 200 200 200 403 403 200 404 404 404 404  in  in
examination-status    campaign    403 403 403 200 200 200 200 200 404 404 404 404  in  in
examination           handed      404 404 200 200 404 404 404 404 404 404 404 404  in  in
examination           unannounced 404 404 404 200 404 404 404 404 404 404 404 404  in  in
examination-write     writing     404 200 404 404 404 404 404 404 404 404 404 404  in  in
examination-save      writing     405 405 405 405 405 405 405 405 405 405 405 405  in  in
examination-submit    writing     404 200 404 404 404 404 404 404 404 404 404 404  in  in
examination-delete    writing     404 200 404 404 404 404 404 404 404 404 404 404  in  in
examination-word      writing     404 200 404 404 404 404 404 404 404 404 404 404  in  in
examination-withdraw  handed      404 404 200 404 404 404 404 404 404 404 404 404  in  in
examination-word      handed      404 404 200 403 404 404 404 404 404 404 404 404  in  in
examination-review    handed      404 404 404 200 404 404 404 404 404 404 404 404  in  in
examination-tell      unannounced 404 404 404 200 404 404 404 404 404 404 404 404  in  in
examination-scan      dictated    200 404 404 404 404 404 404 404 404 404 404 404  in  in
examination-assign    lent        404 404 404 404 404 404 200 404 404 404 404 404  in  in
examination-assignment-end lending 404 404 404 404 404 404 200 404 404 404 404 404  in  in
examination-copies    -           403 403 403 403 403 200 200 403 200 403 403 403  in  in
examination-copy-ask  -           403 403 403 403 403 200 403 403 403 403 403 403  in  in
examination-copy      asked_copy  404 404 404 404 404 200 200 404 404 404 404 404  in  in
examination-copy-decide asked_copy 404 404 404 404 404 403 200 404 404 404 404 404  in  in
examination-copy-withdraw asked_copy 404 404 404 404 404 200 403 404 404 404 404 404  in  in
examination-copy-file given_copy  404 404 404 404 404 200 403 404 404 404 404 404  in  in
examination-sign      on_top      404 404 404 404 200 404 404 404 404 404 404 404  in  in
bodies                local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
bodies                sketch      404 404 404 404 200 404 200 404 404 404 404 404  in  in
bodies-word           local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
body-new              local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
body-new              sketch      404 404 404 404 200 404 403 404 404 404 404 404  in  in
body-edit             group       403 403 403 403 200 403 403 403 403 404 404 404  in  in
body-members          group       403 403 403 403 200 403 403 403 403 404 404 404  in  in
body-leave            group       403 403 403 403 200 403 403 403 403 404 404 404  in  in
body-order            group       403 403 403 403 200 403 403 403 403 404 404 404  in  in
body-dissolve         group       403 403 403 403 200 403 403 403 403 404 404 404  in  in
responsible           local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
responsible-table     local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
responsible-name      local       403 403 403 403 200 403 403 403 200 404 404 404  in  in
responsible-unname    named       403 403 403 403 200 403 403 403 403 404 404 404  in  in
task-force            force       200 200 200 200 200 200 200 200 404 404 404 404  in  in
task-force-link       force       403 403 403 403 200 403 403 403 404 404 404 404  in  in
task-force-unlink     linked      403 403 403 403 200 403 403 404 404 404 404 404  in  in
stages                local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
stage-new             theirs      404 404 404 404 404 404 404 404 200 404 404 404  in  in
stage-edit            next_stage  403 403 403 403 200 403 403 403 403 404 404 404  in  in
stage-drop            their_stage 404 404 404 404 404 404 404 404 200 404 404 404  in  in
stage-open            their_stage 404 404 404 404 404 404 404 404 200 404 404 404  in  in
stage-draft           begun_stage 403 403 403 403 200 403 403 403 403 404 404 404  in  in
stage-close           begun_stage 403 403 403 403 200 403 403 403 403 404 404 404  in  in
stage-summary         begun_stage 403 403 403 403 200 403 403 403 403 404 404 404  in  in
stage-file            past_stage  200 200 200 200 200 200 200 200 200 404 404 404  in  in
stage-excuse          begun_stage 403 403 403 403 200 403 403 403 200 404 404 404  in  in
excuse-end            excuse      404 403 404 403 200 403 403 404 404 404 404 404  in  in
assignments           local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
assignment            task        200 200 200 200 200 200 200 200 200 404 404 404  in  in
assignment-new        local       403 403 403 200 200 403 403 200 200 404 404 404  in  in
assignment-edit       task        403 403 403 200 200 403 403 403 403 404 404 404  in  in
assignment-drop       idle_task   403 403 403 200 200 403 403 403 403 404 404 404  in  in
assignment-progress   task        403 200 200 200 200 403 403 403 403 404 404 404  in  in
assignments-export    local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
assignments-import    local       403 403 403 200 200 403 403 200 200 404 404 404  in  in
assignment-import     table       404 404 404 404 200 404 404 404 404 404 404 404  in  in
assignment-import-keep table       405 405 405 405 405 405 405 405 405 405 405 405  in  in
assignment-import-discard table       405 405 405 405 405 405 405 405 405 405 405 405  in  in
clauses               local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
clauses-new           local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
clause-drop           clause      403 403 403 403 200 403 403 403 403 404 404 404  in  in
superior-requests     local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
superior-request-new  local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
superior-request      demand      403 403 403 403 200 403 403 403 403 404 404 404  in  in
reference-cases       local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
reference-case-new    local       403 403 403 403 200 403 403 403 403 404 404 404  in  in
reference-case        case        200 200 200 200 200 200 200 200 200 404 404 404  in  in
reference-case        fresh_case  404 404 404 404 200 404 200 404 404 404 404 404  in  in
reference-case-edit   case        403 403 403 403 200 403 403 403 403 404 404 404  in  in
reference-case-publish fresh_case  404 404 404 404 200 404 200 404 404 404 404 404  in  in
reference-case-withdraw case       403 403 403 403 200 403 200 403 403 404 404 404  in  in
reference-case-word   case        200 200 200 200 200 200 200 200 200 404 404 404  in  in
problem-cases         rectifying  403 403 200 200 200 403 403 404 404 404 404 404  in  in
goals                 campaign    403 403 403 200 200 200 200 200 404 404 404 404  in  in
goal-figure           local       403 403 403 403 403 200 403 403 403 404 404 404  in  in
activities            local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
activity-new          local       403 403 200 200 200 403 403 200 200 404 404 404  in  in
activity-edit         activity    403 403 200 200 200 403 403 404 404 404 404 404  in  in
activity-drop         activity    403 403 200 200 200 403 403 404 404 404 404 404  in  in
findings              -           403 403 403 200 403 403 403 200 403 403 403 403  in  in
findings-take         -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
findings-mine         -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
problem-turning       own_row     403 404 404 200 404 404 404 404 404 404 404 404  in  in
problem-turning-agree turning     200 404 404 403 404 404 404 404 404 404 404 404  in  in
problem-turn          agreed      403 404 404 200 404 404 404 404 404 404 404 404  in  in
portraits             -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
portrait-receipts     -           403 403 403 200 403 200 403 200 403 403 403 403  in  in
portraits-begin       local       403 403 403 200 403 403 403 200 403 404 404 404  in  in
portrait-session      asked       200 200 200 200 404 404 200 404 404 404 404 404  in  in
portraits-speak       asked       200 200 200 200 404 404 403 404 404 404 404 404  in  in
portraits-withdraw    asked       200 200 200 200 404 404 403 404 404 404 404 404  in  in
portraits-answer      asked       200 200 200 200 404 404 403 404 404 404 404 404  in  in
portraits-close       asked       403 403 403 200 404 404 403 404 404 404 404 404  in  in
portraits-seats       gathered    403 403 403 200 404 404 403 404 404 404 404 404  in  in
portraits-lists       gathered    403 403 403 200 404 404 403 404 404 404 404 404  in  in
portraits-file        gathered    403 403 403 200 404 404 200 404 404 404 404 404  in  in
portrait              given       404 200 404 200 404 404 404 404 404 404 404 404  in  in
portrait-merge        to_merge    404 404 404 200 404 404 404 404 404 404 404 404  in  in
portrait-note         to_merge    404 404 404 200 404 404 404 404 404 404 404 404  in  in
portrait-item         sentence    404 404 404 200 404 404 404 404 404 404 404 404  in  in
portrait-show         to_show     404 404 404 200 404 404 404 404 404 404 404 404  in  in
portrait-take-back    given       404 403 404 200 404 404 404 404 404 404 404 404  in  in
portrait-read         given       404 200 404 403 404 404 404 404 404 404 404 404  in  in
portrait-tell         told_one    404 404 404 200 404 404 404 404 404 404 404 404  in  in
portrait-set-aside    to_merge    404 404 404 200 404 404 404 404 404 404 404 404  in  in
portrait-talk         given       404 403 404 200 404 404 404 404 404 404 404 404  in  in
talks                 -           200 200 200 200 200 200 200 200 200 200 200 200  in  in
talk                  talk        404 200 404 200 404 404 404 404 404 404 404 404  in  in
talk-write            talk        404 403 404 200 404 404 404 404 404 404 404 404  in  in
problem-from-portrait said_of_him 404 200 404 404 404 404 404 404 404 404 404 404  in  in
overview              campaign    403 403 403 200 200 200 200 200 404 404 404 404  in  in
overview-table        campaign    403 403 403 200 200 200 200 200 404 404 404 404  in  in
overview-people       campaign    403 403 403 200 200 200 200 200 404 404 404 404  in  in
unreported            campaign    403 403 403 403 403 200 403 403 404 404 404 404  in  in
sweeps                local       200 200 200 200 200 200 200 200 200 404 404 404  in  in
sweep-begin           local       405 405 405 405 405 405 405 405 405 405 405 405  in  in
sweep-ask             local       403 403 403 403 200 403 403 403 200 404 404 404  in  in
sweep                 sweeping    404 404 200 200 404 404 404 404 404 404 404 404  in  in
sweep                 swept       200 200 200 200 200 200 200 404 404 404 404 404  in  in
sweep-excel           swept       200 200 200 200 200 200 200 404 404 404 404 404  in  in
sweep-word            swept       200 200 200 200 200 200 200 404 404 404 404 404  in  in
sweep-object-new      sweeping    404 404 200 200 404 404 404 404 404 404 404 404  in  in
sweep-object          swept_object 404 404 200 200 404 404 404 404 404 404 404 404 in  in
sweep-table           sweeping    404 404 200 200 404 404 404 404 404 404 404 404  in  in
sweep-submit          sweeping    404 404 403 200 404 404 404 404 404 404 404 404  in  in
sweep-review          swept       403 403 403 403 200 403 403 404 404 404 404 404  in  in
sweep-findings        -           403 403 200 200 403 403 403 200 403 403 403 403  in  in
sweep-findings-take   -           405 405 405 405 405 405 405 405 405 405 405 405  in  in
problem-sweep         registered  403 403 403 403 200 403 403 404 404 404 404 404  in  in
pledges               campaign    200 200 200 200 200 200 200 200 404 404 404 404  in  in
pledge-new            campaign    200 200 200 200 200 200 200 200 404 404 404 404  in  in
pledges-table         campaign    403 403 403 403 200 403 403 403 404 404 404 404  in  in
pledge                pledge      200 200 200 200 200 200 200 404 404 404 404 404  in  in
pledge                team_pledge 404 404 404 200 200 404 200 404 404 404 404 404  in  in
pledge-word           pledge      200 200 200 200 200 200 200 404 404 404 404 404  in  in
pledge-link           promise     403 200 403 403 403 403 403 404 404 404 404 404  in  in
pledge-kept           promise     403 200 403 403 403 403 403 404 404 404 404 404  in  in
reflections           campaign    200 200 200 200 200 200 200 200 404 404 404 404  in  in
reflection-begin      campaign    405 405 405 405 405 405 405 405 405 405 405 405  in  in
reflection-status     campaign    403 403 403 200 200 200 200 200 404 404 404 404  in  in
reflection            reflection  404 404 200 200 404 404 404 404 404 404 404 404  in  in
reflection-write      reflecting  404 200 404 404 404 404 404 404 404 404 404 404  in  in
reflection-save       reflecting  405 405 405 405 405 405 405 405 405 405 405 405  in  in
reflection-submit     reflecting  404 200 404 404 404 404 404 404 404 404 404 404  in  in
reflection-delete     reflecting  404 200 404 404 404 404 404 404 404 404 404 404  in  in
reflection-show       reflection  404 404 200 404 404 404 404 404 404 404 404 404  in  in
reflection-hide       reflection  404 404 200 404 404 404 404 404 404 404 404 404  in  in
showcase              campaign    200 200 200 200 200 200 200 200 404 404 404 404  in  in
showcase-choose       campaign    403 403 403 200 200 403 403 200 404 404 404 404  in  in
showcase-show         copy        404 404 404 200 200 404 404 404 404 404 404 404  in  in
showing-end           showing     404 404 404 200 200 404 404 404 404 404 404 404  in  in
"""

# What a POST with everything it asks for becomes: `did` (rows changed), `idle` (answered, and
# nothing changed), or a refusal. Pages whose form one may open are not repeated here: whoever got
# 200 above gets `did`, and every refusal stays the same.
POSTS = """
#                                 COL  MEM  LIA  SEC  OFF  INS  LEA  NEI  STR  SYS  SCY  AUD  ANO  DIS
login                 -           idle idle idle idle idle idle idle idle idle idle idle idle did  did
login-second          -           idle idle idle idle idle idle idle idle idle idle idle idle idle idle
second-step           -            did idle  did  did  did  did  did  did  did  did  did  did   in   in
logout                -           idle idle idle idle idle idle idle idle idle idle idle idle in   in
calendar-new          -           403  403  403  403  403  403  403  403  403  idle 403  403  in   in
calendar-earlier      -           403  403  403  403  403  403  did  403  idle 403  403  403  in   in
calendar-enter        -           403  403  403  403  403  403  403  403  403  did  403  403  in   in
inbox-read            -           did  did  did  did  did  did  did  did  did  did  did  did  in   in
notice-open           notice      404  404  404  did  404  404  404  404  404  404  404  404  in   in
person-hand-over      account     403  403  403  did  did  403  403  idle idle 403  403  403  in   in
people-import-keep    roll        404  404  404  404  404  404  404  404  404  did  404  404  in   in
people-import-discard roll        404  404  404  404  404  404  404  404  404  did  404  404  in   in
people-import-codes   kept_roll   404  404  404  404  404  404  404  404  404  did  404  404  in   in
proposals-confirm     -           403  403  403  403  403  403  403  403  403  did  idle 403  in   in
problems-bulk         registered  idle idle did  did  did  idle did  idle idle idle idle idle in   in
problems-fill         bare        idle idle did  did  did  idle idle 404  404  404  404  404  in   in
problems-export       -           403  403  did  did  did  did  did  did  did  403  403  403  in   in
trail-export          -           403  403  403  403  403  403  403  403  403  403  403  did  in   in
trail-check           -           403  403  403  403  403  403  403  403  403  403  403  did  in   in
weekly-returned       sent_out    404  404  404  404  idle 404  403  404  404  404  404  404  in   in
weekly-edit           filed       404  404  idle idle 403  403  403  404  404  404  404  404  in   in
import-new            -           403  403  did  did  did  403  403  idle idle 403  403  403  in   in
import-correct        upload      404  404  did  404  404  404  404  404  404  404  404  404  in   in
import-keep           upload      404  404  did  404  404  404  404  404  404  404  404  404  in   in
import-discard        upload      404  404  did  404  404  404  404  404  404  404  404  404  in   in
import-register       kept        404  404  did  404  404  404  404  404  404  404  404  404  in   in
examination-begin     checklist   idle idle idle did  did  did  idle did  404  404  404  404  in   in
examination-record    checklist   403  403  did  did  did  403  403  403  404  404  404  404  in   in
examination-save      writing     404  did  404  404  404  404  404  404  404  404  404  404  in   in
assignment-import-keep table     404  404  404  404  did  404  404  404  404  404  404  404  in   in
assignment-import-discard table  404  404  404  404  did  404  404  404  404  404  404  404  in   in
findings-take         -           403  403  403  did  403  403  403  idle 403  403  403  403  in   in
portraits-withdraw    asked       did  did  did  did  404  404  403  404  404  404  404  404  in   in
portraits-answer      asked       did  idle idle idle 404  404  403  404  404  404  404  404  in   in
portraits-file        gathered    403  403  403  did  404  404  idle 404  404  404  404  404  in   in
sweep-begin           local       403  403  did  did  403  403  403  404  404  404  404  404  in   in
sweep-findings-take   -           403  403  did  did  403  403  403  idle 403  403  403  403  in   in
reflection-begin      campaign    did  idle did  did  did  did  did  did  404  404  404  404  in   in
reflection-save       reflecting  404  did  404  404  404  404  404  404  404  404  404  404  in   in
"""  # noqa: E501 -- a table
REFUSED = {"403", "404", "405", IN}


def lines(table):
    """Return {(page, record): {visitor: cell}}."""
    rows = [line.split() for line in table.strip().splitlines() if not line.startswith("#")]
    return {
        (page, record): dict(zip(VISITORS, cells, strict=True)) for page, record, *cells in rows
    }


SHOWS = lines(PAGES)


# ---------------------------------------------------------------- the world


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    with a_world(django_db_blocker, tmp_path_factory) as world:
        yield world


@contextmanager
def a_world(blocker, folders):
    """One bureau with a record in every state, and everybody signed in, on the day of the tests.

    Built once for a module; each test undoes what it did.
    """
    with (
        blocker.unblock(),
        time_machine.travel(AT, tick=False),
        override_settings(
            MEDIA_ROOT=str(folders.mktemp("media")),
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ),
        transaction.atomic(),
    ):
        yield furnish()
        transaction.set_rollback(True)


def furnish():
    world = people_and_places()
    register(world)
    rows(world)
    steps(world)
    papers(world)
    told(world)
    weekly.furnish(world)
    sheets.furnish(world, scan=a_pdf(world.by["liaison"]))
    staged.furnish(world)
    found_rows.furnish(world)
    led.furnish(world, planner=actor(world.planner))
    person("万里", world.sibling)  # two people make a branch that can speak of one another
    portrait_rows.furnish(
        world,
        by=world.by,
        users=world.users,
        branch=world.branch,
        writer=world.writer,
        nameless=world.nameless,
    )
    sweeping.furnish(world)
    cases.furnish(world)
    promises.furnish(world)
    world.browsers = {name: signed_in(world.users.get(name)) for name in VISITORS}
    doors(world)
    world.client, world.rows = Client(), everything()
    return world


def people_and_places():
    top = OrganizationFactory(name="市交通局党组", kind="committee")
    center = OrganizationFactory(name="服务中心党委", kind="committee", parent=top)
    branch = OrganizationFactory(name="第一党支部", parent=center)
    sibling = OrganizationFactory(name="第二党支部", parent=center)
    elsewhere = OrganizationFactory(name="市水利局党组", kind="committee")
    users = {
        "colleague": person("林芳", branch),
        "member": person("马超", branch),
        "liaison": person("周敏", branch, Role.LIAISON, Role.MEMBER),
        "secretary": person("郑洁", branch, Role.SECRETARY, Role.MEMBER),
        "office": person("何静", center, Role.OFFICE),
        "inspector": person("高远", center, Role.INSPECTOR),
        "leader": person("罗海", center, Role.LEADER, principal=True),
        "neighbour": person("黄蕾", sibling, Role.SECRETARY, Role.MEMBER),
        "stranger": person("潘雪", elsewhere, Role.OFFICE, Role.LEADER, principal=True),
        "system": person("系统员", top, Role.SYSTEM),
        "security": person("安全员", top, Role.SECURITY),
        "audit": person("审计员", top, Role.AUDIT),
        "disabled": person("旧书记", branch, Role.SECRETARY, Role.MEMBER),
    }
    # Enough of a crowd for each kind of page: what is hidden exists.
    world = SimpleNamespace(
        users=users,
        by={name: actor(user) for name, user in users.items()},
        campaign=CampaignFactory(organization=top, code="YACG"),
        top=top,
        branch=branch,
        center=center,
        sibling=sibling,
        elsewhere=elsewhere,
        place=branch,
        account=users["member"],
    )
    # One that the office itself leads: its rules are set there.
    world.local = CampaignFactory(organization=center, code="LOCAL")
    world.rule = world.local.reminder_rules.get(cause="overdue", workdays=3)
    world.planner = planner = person("拟稿人", top, Role.OFFICE)
    world.stationed = OrganizationFactory(name="派驻纪检组", kind="discipline")
    world.relation = OrganizationRelation.objects.create(
        kind="guides", organization=world.stationed, other=center, since=LONG_AGO
    )
    world.plan = campaigns.draft(
        title="下一轮方案",
        code="PLAN",
        organization=top,
        starts_on=date(2027, 1, 1),
        ends_on=date(2027, 12, 31),
        items=[("庸", "")],
        participants=[top],
        by=actor(planner),
        at=AT,
    )
    a_draft_and_changes(world)
    world.outside = person("严冬", center, Role.OFFICE)
    for user in (*users.values(), world.outside):
        user.set_password(f"{user.username}-Demo-2026")
    User.objects.bulk_update([*users.values(), world.outside], ["password"])
    User.objects.filter(pk=users["disabled"].pk).update(is_active=False)
    return world


def a_draft_and_changes(world):
    """A draft from a kit, ready to be published, and changes of a campaign: one waits, one was
    approved on paper."""
    planner, office, leader = actor(world.planner), world.by["office"], world.users["leader"]
    kit = next(kit for kit in kits.shipped() if kit.code == "yong-lan-san-man-xu-cu")
    world.sketch = drafts.start(
        kit,
        title="庸懒散慢虚粗专项整治",
        code="SKETCH",
        organization=world.center,
        starts_on=ON,
        participants=[world.center],
        made_from="活动套件“庸懒散慢虚粗专项整治”（第1版）",
        by=planner,
        at=AT,
    )
    world.sheet = world.sketch.checklists.first()
    world.offered = drafts.start(
        kit,
        title="庸懒散慢虚粗专项整治（第二批）",
        code="OFFERED",
        organization=world.center,
        starts_on=ON,
        participants=[world.center],
        by=planner,
        at=AT,
    )
    sendings.send(world.offered, by=office, at=AT)
    asked = {"reason": "上级来文调整", "by": planner, "at": AT}
    guest = {"organization": world.sibling.pk}
    world.wish = changes.request(world.local, kind="participant", facts=guest, **asked)
    named = changes.request(world.local, kind="office_name", facts={"name": "专项办"}, **asked)
    paper = Paper(leader, "", "", ON, "同意。", a_pdf(office))
    world.granted = changes.approve(named, paper=paper, by=office, at=AT)
    Publication.objects.filter(campaign=world.local).update(scan=a_pdf(office))


def register(world):
    """What administrators keep: a name without account, a second account, proposals, imports."""
    system, security = world.by["system"], world.by["security"]
    world.nameless = person("无号", world.branch, username=None)
    world.second = UserFactory(name="马超")
    User.objects.filter(pk=world.second.pk).update(same_as=world.users["member"])
    world.gone = world.users["disabled"]
    world.duty = Duty.objects.get(user=world.users["neighbour"], role=Role.SECRETARY)
    world.leads = Duty.objects.get(user=world.users["leader"], role=Role.LEADER)
    world.field = fields.give(
        world.leads, organization=world.branch, kind="contact", since=ON, by=security, at=AT
    )
    world.proposal = duties.grant(
        *(world.users["neighbour"],),
        role=Role.INSPECTOR,
        organization=world.top,
        since=ON,
        by=security,
        at=AT,
    )
    world.aide = person("助手", world.elsewhere)
    world.delegation = delegations.give(
        Duty.objects.get(user=world.users["secretary"], role=Role.SECRETARY),
        delegate=world.users["colleague"],
        since=ON + timedelta(days=10),
        until=ON + timedelta(days=12),
        reason="年休假",
        by=world.by["secretary"],
        at=AT,
    )
    world.roll = a_roll(system, "赵一")
    world.kept_roll = people.keep(a_roll(system, "钱二"), by=system, at=AT)


def a_roll(system, name):
    data = f"姓名,单位,是否开通账号\n{name},第二党支部,是\n".encode()
    kept = attachments.keep(BytesIO(data), name="人员.csv", by=system, at=AT, kind="text/csv")
    return people_imports.receive(kept, by=system, at=AT)


def rows(world):
    liaison, secretary, member = (world.by[name] for name in ("liaison", "secretary", "member"))
    world.draft = typed(world, "服务窗口有人离岗。")
    world.bare = registrations.register(
        ProblemFactory(
            campaign=world.campaign, organization=world.branch, by=liaison, description="没有台账。"
        ),
        by=secretary,
        at=AT,
    )
    world.registered = registrations.register(typed(world, "回访不及时。"), by=secretary, at=AT)
    world.early = measures.plan(
        world.registered, facts={"text": "先行措施"}, behalf="马超", by=liaison, at=AT
    )
    world.assigned = registrations.issue(
        registrations.register(typed(world, "印章管理不严。"), by=secretary, at=AT),
        by=world.by["office"],
        at=AT,
    )
    world.rectifying = issued(world, "会议记录不全。")
    notice, _ = HolidayNotice.objects.get_or_create(year=2026)
    Problem.objects.filter(pk=world.rectifying.pk).update(due_since=ON, due_workdays=10)
    was = world.rectifying.due_on
    world.earlier = EarlierDeadline.objects.create(
        problem=world.rectifying,
        notice=notice,
        was=was,
        becomes=was - timedelta(days=1),
        found_at=AT,
    )
    world.pause = pauses.pause(
        world.rectifying, until=ON, reason="防汛抢险", by=world.by["leader"], at=AT
    )
    world.measure = measures.plan(world.rectifying, facts={"text": "补齐"}, by=member, at=AT)
    world.finished = measures.plan(world.rectifying, facts={"text": "公示"}, by=member, at=AT)
    measures.finish(world.finished, done_on=ON, note="", by=member, at=AT)
    world.evidence = evidences.prove(
        world.rectifying,
        facts={"kind": "file", "title": "照片"},
        attachment=a_pdf(liaison),
        behalf="马超",
        by=liaison,
        at=AT,
    )
    world.ready = made_ready(world, issued(world, "投诉未登记。"))
    world.joint = made_ready(world, issued(world, "道路积水。", cooperating=["第二党支部"]))
    world.personal = issued(world, "个人学习不够。", owner_kind="personal", by=member)
    world.foreign = ProblemFactory(organization=world.elsewhere, description="别处的问题。")


def typed(world, description, by=None, **facts):
    by = by or world.by["liaison"]
    dated = {} if by is world.by["member"] else CLARITIES
    row = ProblemFactory(
        campaign=world.campaign,
        organization=world.branch,
        by=by,
        description=description,
        **(dated | facts),
    )
    if dated:
        return row
    # A member sets no deadline: the secretary fills it in.
    return problems.fill(row, version=1, facts=CLARITIES, by=world.by["secretary"], at=AT)


def issued(world, description, **facts):
    secretary = world.by["secretary"]
    row = registrations.register(typed(world, description, **facts), by=secretary, at=AT)
    return registrations.issue(row, by=secretary, at=AT)


def made_ready(world, row, by=None):
    by = by or world.by["member"]
    measure = measures.plan(row, facts={"text": "整改到位"}, by=by, at=AT)
    measures.finish(measure, done_on=ON - timedelta(days=1), note="", by=by, at=AT)
    evidences.prove(row, facts={"kind": "note", "title": "说明", "text": "可查"}, by=by, at=AT)
    return row


def a_pdf(by):
    return attachments.keep(BytesIO(b"%PDF-1.4 paper"), name="照片.pdf", by=by, at=AT)


APPROVE = Verdict(decision=Decision.APPROVED, opinion="同意")
REVIEWED = Verdict(
    decision=Decision.APPROVED,
    opinion="属实",
    methods=["site"],
    standards=["measures", "handled", "result"],
)


def steps(world):
    """A row waiting at each step of the chain, and one closed with a paper signature."""
    ways = (("endorse", "secretary"), ("verify", "office"), ("recheck", "inspector"))
    for place, kind in enumerate(["endorse", "verify", "recheck", "approve"]):
        row = applied(world, f"等待第{place + 1}步。", severity="key")
        for earlier, who in ways[:place]:
            verdict = APPROVE if earlier == "endorse" else REVIEWED
            reviews.decide(open_step(row), verdict=verdict, by=world.by[who], at=AT)
        setattr(world, kind, open_step(row))
        assert getattr(world, kind).kind == kind
    world.own = open_step(
        applied(world, "个人作风。", owner_kind="personal", by=world.by["member"])
    )
    world.closed = applied(world, "已整改。")
    world.scan = reviews.record(
        open_step(world.closed),
        verdict=APPROVE,
        signer=world.users["secretary"],
        signer_name="",
        signed_on=ON,
        scan=a_pdf(world.by["liaison"]),
        by=world.by["liaison"],
        at=AT,
    )
    reviews.decide(open_step(world.closed), verdict=REVIEWED, by=world.by["office"], at=AT)
    beside = made_ready(world, at_the_neighbours(world), by=world.by["neighbour"])
    closures.apply(beside, statement="已经整改。", effect="好转", by=world.by["neighbour"], at=AT)


def at_the_neighbours(world):
    neighbour = world.by["neighbour"]
    row = ProblemFactory(
        campaign=world.campaign, organization=world.sibling, by=neighbour, **CLARITIES
    )
    row = registrations.register(row, by=neighbour, at=AT)
    return registrations.issue(row, by=neighbour, at=AT)


def applied(world, description, **facts):
    row = made_ready(world, issued(world, description, **facts))
    closures.apply(row, statement="已经全部整改。", effect="好转", by=world.by["member"], at=AT)
    return row


def open_step(row):
    return ReviewStep.objects.get(application__problem=row, state="open")


def papers(world):
    liaison, secretary = world.by["liaison"], world.by["secretary"]
    world.upload = received(world, GOOD)
    world.kept = received(world, (1, "另一个问题。", "改", "马超", "2026年6月30日"))
    ledger.keep(
        world.kept,
        source=world.campaign.sources.get(name="自己找"),
        found_on=date(2026, 5, 1),
        by=liaison,
        at=AT,
    )
    world.job = jobs.ask("data", params={}, by=secretary, at=AT)
    jobs.run(world.job.pk, at=AT)
    notices.post(
        world.users.values(),
        subject="例会通知",
        key="meeting",
        event="system",
        at=AT,
        by=actor(world.outside),
    )
    world.entry = TrailEntry.objects.of(world.kept).last()
    world.audit_entry = trail.record(
        Act.TRAIL_SEARCHED, world.users["audit"], by=world.by["audit"], at=AT
    )
    world.notice = Notice.objects.get(recipient=world.users["secretary"], key="meeting")
    world.dead = Delivery.objects.create(
        recipient=world.users["secretary"],
        channel="mail",
        timing="digest",
        day=ON,
        state="dead",
        error="邮件服务器不接受这个收件地址（550）。",
        next_at=AT,
        made_at=AT,
        ended_at=AT,
    )


def told(world):
    """What leaders wrote to the branch: waiting, answered, on paper, and overdue."""
    facts = {"organization": world.branch, "text": "请说明责任人。", "answer_by": None, "at": AT}
    leader, office = world.by["leader"], world.by["office"]
    world.instruction = instructions.write(world.campaign, **facts, by=leader)
    world.replied = instructions.answer(
        instructions.write(world.campaign, **facts, by=leader),
        text="责任人是马超。",
        by=world.by["secretary"],
        at=AT,
    )
    world.noted = instructions.record(
        world.campaign,
        **facts,
        signer=world.users["leader"],
        signer_name="",
        signed_on=ON,
        scan=a_pdf(office),
        by=office,
    )
    # One whose answer is overdue, of the campaign that the list of who owes opens with.
    pressed = instructions.write(world.local, **facts, by=leader)
    Instruction.objects.filter(pk=pressed.pk).update(answer_by=ON - timedelta(days=1))


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- of a telephone that is none


def doors(world):
    """A device and a one-time password of the member, an account shut by mistakes, a code; and
    for everybody an address that waits for its proof."""
    for user in world.users.values():
        row = Preference(user=user)
        addresses.ask(row, "danwei@example.cn", by=actor(user), at=AT - timedelta(minutes=5))
        row.proof = addresses.proof_of(row, "246810")
        row.save()
    member = world.users["member"]
    world.number = number(SECRET)
    second_steps.turn_on(member, secret=SECRET, code=world.number, by=world.by["member"], at=AT)
    world.device = sign_ins.begin(
        member,
        open_session=lambda: signed_in(member).cookies["sessionid"].value,
        door=sign_ins.Door(member.username, "10.0.0.7"),
        agent="Firefox/128",
        at=AT,
    )
    for visitor in world.users:  # who looked at the page has a secret in his session
        session = world.browsers[visitor].session
        session["second_step_secret"] = SECRET
        session.save()
    for _ in range(5):
        sign_ins.failed(sign_ins.Door("nobody", "10.0.0.9"), at=AT, what="密码不正确")
    world.mistake = SignInFailure.objects.latest("pk")
    reset = AccessCode.Purpose.RESET
    world.code = access_codes.issue(world.outside, purpose=reset, by=world.by["system"], at=AT)


def number(secret):
    """What the telephone shows at the moment of the tests."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def received(world, *rows):
    return ledger.receive(
        workbook(*rows),
        name="台账.xlsx",
        campaign=world.campaign,
        organization=world.branch,
        by=world.by["liaison"],
        at=AT,
    )


def signed_in(user):
    """A browser; the disabled account was signed in before it was closed."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


# ---------------------------------------------------------------- looking and comparing


@cache
def tables():
    """The tables of the three floors; who is signed in is not business."""
    names = connection.introspection.django_table_names(only_existing=True)
    return sorted(name for name in names if name.startswith(FLOORS))


def everything(names=None):
    """Return every row of the three floors, or of some tables, so that any change shows."""
    with connection.cursor() as cursor:
        found = {}
        for table in tables() if names is None else names:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608 -- our own names
            found[table] = cursor.fetchall()
    return found


class Pen:
    """Watches for statements that write; what they name is compared afterwards, nothing else can
    have changed: no trigger of ours writes."""

    def __init__(self, world):
        self.was, self.used = world.rows, set()

    def __enter__(self):
        self.hold = connection.execute_wrapper(self.see)
        self.hold.__enter__()
        return self

    def __exit__(self, *failure):
        return self.hold.__exit__(*failure)

    def see(self, execute, sql, *rest):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and any(name in sql for name in FLOORS):
            self.used |= {name for name in tables() if f'"{name}"' in sql} or {*tables()}
        return execute(sql, *rest)

    def changed(self):
        """Return the tables that are no longer what they were."""
        now = everything(self.used)
        return {table for table, rows in now.items() if rows != self.was[table]}


def address(world, page, record):
    if record == "-":
        return reverse(page)
    if page == "problem-type":
        return reverse(page, args=[world.campaign.pk, world.place.pk])
    row = getattr(world, record)
    if page in {"problems-fill", "problems-bulk"}:
        return f"{reverse(page)}?pk={row.pk}"
    return reverse(page, args=args_of(row))


def args_of(row):
    """The keys that stand in an address: of the record, or of the two that it is a pair of."""
    return getattr(row, "args", None) or [row.pk]


def browser(world, visitor):
    """The visitor's browser as it was when he came: signing out in one test holds for one.

    One handler for all of them: making a new one loads every middleware again.
    """
    world.client.cookies = world.browsers[visitor].cookies.copy()
    return world.client


def answered(response):
    if response.streaming:
        response.getvalue()  # read to the end, so that its file is closed
    to_sign_in = response.status_code == 302 and response.url.startswith(f"{SIGN_IN}?next=")
    return IN if to_sign_in else str(response.status_code)


def became(response, pen):
    """Say in a word what a POST came to."""
    word, wrote = answered(response), bool(pen.changed())
    if word not in REFUSED:
        return "did" if wrote else "idle"
    return f"{word} but it wrote" if wrote else word


def pages():
    return {name for name in get_resolver().reverse_dict if isinstance(name, str)}


def patterns(resolver):
    for pattern in resolver.url_patterns:
        yield from patterns(pattern) if hasattr(pattern, "url_patterns") else [pattern]


# ---------------------------------------------------------------- what is asked for


def problem_data(world, row):
    source = world.campaign.sources.get(name="自己找")
    row = row and Problem.objects.get(pk=row.pk)
    return {
        "description": row.description if row else "新的问题。",
        "source": source.pk,
        "found_on": "2026-05-20",
        "owner_kind": row.owner_kind if row else "unit",
        "severity": "ordinary",
        "cause": "制度没有落实",
        "leaders": "顾明",
        "departments": "养护科",
        "persons": "马超",
        "due": "2026年6月底前",
        "standard": "回访及时率100%",
        "effect_expected": "群众满意",
        "version": row.version if row else "",
        "reason": "补充原因",
    }


VERDICT = {
    "decision": "approved",
    "opinion": "同意",
    "methods": ["site"],
    "standards": ["measures", "handled", "result"],
}


def a_file(name="扫描件.pdf", data=b"%PDF-1.4 scan", kind="application/pdf"):
    return SimpleUploadedFile(name, data, kind)


def weighty(user):
    """The key of a duty that could be delegated, if the visitor has one."""
    held = Duty.objects.filter(user=user).exclude(role__in=["member", "liaison"])
    return held.values_list("pk", flat=True).first() or 0


def of_his(world, who):
    """Whose task or meeting a visitor enters: the branch's, but of those who have none there."""
    others = {
        world.users["neighbour"]: world.sibling,
        world.users["stranger"]: world.elsewhere,
    }
    return wire(others.get(who, world.branch))


NEW_PLACE = {"name": "新设党支部", "kind": "branch", "code": "NEW-1"}


def beginning(world, who):
    place = world.elsewhere if who == world.users["stranger"] else world.center
    words = {"organization": wire(place), "title": "新活动", "code": "NEW-1"}
    return words | {"starts_on": "2026-06-10"}


def edition(campaign):
    return CampaignPlan.objects.get(campaign=campaign).edition


def a_checklist(campaign):
    return {
        "edition": edition(campaign),
        "title": "六大纪律",
        "purpose": "examination",
        "mode": "each",
        "items": "工作纪律：标准不高",
    }


def seen_gaps(campaign):
    gaps = chain_checks.check(campaign, on=ON)
    return {"seen": chain_checks.digest(gaps), "confirmed": "on"}


def on_paper(world):
    return {
        "signer": world.users["leader"].pk,
        "signed_on": "2026-06-03",
        "opinion": "同意。",
        "scan": a_file(),
    }


# page → what its form is sent with, given the world, the record and the visitor's account.
DATA = {
    "login": lambda world, row, who: {
        "username": (who or world.outside).username,
        "password": f"{(who or world.outside).username}-Demo-2026",
    },
    "login-second": lambda world, row, who: {"code": "123456"},
    "login-code": lambda world, row, who: {
        "username": world.outside.username,
        "code": world.code,
        "new_password1": "Xianghe-1949-shan",
        "new_password2": "Xianghe-1949-shan",
    },
    "logout": lambda world, row, who: {},
    "password_change": lambda world, row, who: {
        "old_password": f"{who.username}-Demo-2026" if who else "",
        "new_password1": "Xianghe-1949-shan",
        "new_password2": "Xianghe-1949-shan",
    },
    "second-step": lambda world, row, who: {"code": world.number},
    "recovery-codes": lambda world, row, who: {"code": world.number},
    "second-step-off": lambda world, row, who: {"code": world.number},
    "devices-end": lambda world, row, who: {},
    "device-end": lambda world, row, who: {},
    "lock-out-lift": lambda world, row, who: {},
    "second-step-reset": lambda world, row, who: {"reason": "手机遗失"},
    "witness": lambda world, row, who: {},
    "person-new": lambda world, row, who: {
        "name": "新人",
        "organization": wire(world.branch),
        "since": "2026-06-03",
        "username": "xinren",
    },
    "person-edit": lambda world, row, who: {"name": "马超", "post": "科长"},
    "person-account": lambda world, row, who: {"username": "wuhao"},
    "person-code": lambda world, row, who: {},
    "person-same": lambda world, row, who: {"other": wire(world.outside)},
    "person-part": lambda world, row, who: {},
    "person-transfer": lambda world, row, who: {
        "organization": wire(world.sibling),
        "since": "2026-06-03",
    },
    "person-enable": lambda world, row, who: {"reason": "已回岗"},
    "person-disable": lambda world, row, who: {"reason": "已调离"},
    "person-hand-over": lambda world, row, who: {
        "kinds": ["responsible"],
        "successor": wire(world.users["colleague"]),
    },
    "calendar-new": lambda world, row, who: {"text": "2027年\n元旦：1月1日至3日放假。"},
    "calendar-earlier": lambda world, row, who: {
        "rows": [world.earlier.pk],
        "decision": "keep",
        "reason": "已经安排",
    },
    "calendar-enter": lambda world, row, who: {
        "year": "2027",
        "version": "0",
        "lines": "2027-01-01 放假 元旦",
    },
    "people-import-new": lambda world, row, who: {
        "file": SimpleUploadedFile("人员.csv", "姓名,单位\n孙三,第二党支部\n".encode())
    },
    "people-import-keep": lambda world, row, who: {},
    "people-import-discard": lambda world, row, who: {},
    "people-import-undo": lambda world, row, who: {"reason": "传错了表"},
    "people-import-codes": lambda world, row, who: {},
    "duty-grant": lambda world, row, who: {
        "role": "member",
        "organization": wire(world.sibling),
        "since": "2026-06-03",
    },
    "duty-end": lambda world, row, who: {"until": "2026-06-03", "reason": "换届"},
    "duty-mark": lambda world, row, who: {"reason": "分工调整"},
    "field-give": lambda world, row, who: {
        "kind": "contact",
        "organization": wire(world.sibling),
        "since": "2026-06-03",
    },
    "field-end": lambda world, row, who: {"until": "2026-06-03"},
    "proposals-confirm": lambda world, row, who: {"pk": [world.proposal.pk]},
    "proposal-confirm": lambda world, row, who: {},
    "proposal-decline": lambda world, row, who: {"reason": "人选未定"},
    "delegation-give": lambda world, row, who: {
        "duty": getattr(
            who and who.duties.exclude(role__in=["member", "liaison"]).first(), "pk", 0
        ),
        "delegate": wire(
            world.aide if who == world.users["stranger"] else world.users["colleague"]
        ),
        "since": "2026-06-03",
        "until": "2026-06-05",
        "reason": "外出学习",
    },
    "delegation-end": lambda world, row, who: {},
    "organization-new-top": lambda world, row, who: NEW_PLACE,
    "organization-new": lambda world, row, who: NEW_PLACE,
    "organization-rename": lambda world, row, who: {
        "name": "第一联合党支部",
        "on": "2026-06-01",
        "document": "会议纪要",
    },
    "organization-edit": lambda world, row, who: {"kind": "branch", "code": "NEW-CODE"},
    "organization-place": lambda world, row, who: {"direction": "later"},
    "organization-move": lambda world, row, who: {
        "under": f"市水利局党组 #{world.elsewhere.pk}",
        "sure": row.name,
    },
    "organization-retire": lambda world, row, who: {
        "on": "2026-06-03",
        "document": "会议纪要",
        "into": f"第二党支部 #{world.sibling.pk}",
        "sure": row.name,
    },
    "organization-merge": lambda world, row, who: {
        "also": "第二党支部",
        "way": "new",
        **NEW_PLACE,
        "on": "2026-06-03",
        "document": "会议纪要",
        "sure": row.name,
    },
    "organization-split": lambda world, row, who: {
        **NEW_PLACE,
        "on": "2026-06-03",
        "document": "会议纪要",
        "problems": [world.rectifying.pk],
        "sure": row.name,
    },
    "relation-new": lambda world, row, who: {
        "kind": "stationed",
        "other": f"市水利局党组 #{world.elsewhere.pk}",
        "since": "2026-06-01",
    },
    "relation-end": lambda world, row, who: {"until": "2026-06-02"},
    "notice-choices": lambda world, row, who: {
        "email": "machao@example.cn",
        "digest_at": "09:30",
        "wanted": ["mail:due", "mail:overdue"],
    },
    "notice-address": lambda world, row, who: {"code": "246810"},
    "dead-letters-retry": lambda world, row, who: {},
    "dead-letter-retry": lambda world, row, who: {},
    "inbox-read": lambda world, row, who: {},
    "notice-open": lambda world, row, who: {},
    "suggest": lambda world, row, who: {"text": "导入很方便", "page": "/"},
    "problems-bulk": lambda world, row, who: {"act": "issue", "pk": [row.pk]},
    "trail-export": lambda world, row, who: {},
    "trail-check": lambda world, row, who: {},
    "problems-export": lambda world, row, who: {"variant": "printed"},
    "problems-fill": lambda world, row, who: {"leaders": "罗海"},
    "instruction-write": lambda world, row, who: {
        "organization": wire(world.branch),
        "text": "请说明进展。",
    },
    "instruction-record": lambda world, row, who: {
        "signer_name": "王某某",
        "signed_on": "2026-06-02",
        "organization": wire(world.branch),
        "text": "请说明进展。",
    },
    "instruction-answer": lambda world, row, who: {"text": "已经办理。"},
    "instruction-again": lambda world, row, who: {"text": "还有两件。"},
    "instruction-end": lambda world, row, who: {},
    "problem-instruction": lambda world, row, who: {"text": "此件从快。"},
    "problem-type": lambda world, row, who: problem_data(world, None),
    "problem-edit": lambda world, row, who: problem_data(world, row),
    "problem-delete": lambda world, row, who: {},
    "problem-register": lambda world, row, who: {},
    "problem-issue": lambda world, row, who: {},
    "problem-accept": lambda world, row, who: {},
    "problem-return": lambda world, row, who: {"reason": "不属我支部职责"},
    "problem-pause": lambda world, row, who: {
        "scope": "row",
        "until": "2026-06-10",
        "reason": "防汛抢险",
    },
    "pause-end": lambda world, row, who: {},
    "campaign-new": lambda world, row, who: {"kit": "yong-lan-san-fu-tuo"} | beginning(world, who),
    "kit-import": lambda world, row, who: (
        {"file": SimpleUploadedFile("套件.toml", toml(kits.shipped()[0]))} | beginning(world, who)
    ),
    "draft-basics": lambda world, row, who: {
        "edition": edition(row),
        "title": "专项整治",
        "code": "SKETCH",
        "starts_on": "2026-06-10",
        "ends_on": "2027-05-31",
        "word": "整治",
        "office_name": "整治办",
        "at_once_days": "20",
        "standing_review_days": "60",
    },
    "draft-participants": lambda world, row, who: {
        "edition": edition(row),
        "add": wire(world.elsewhere),
    },
    "draft-stages": lambda world, row, who: {
        "edition": edition(row),
        "title_0": "自查",
        "starts_on_0": "2026-06-10",
        "ends_on_0": "2026-07-10",
        "goal_0": "查深查实",
        "conditions_0": ["examinations_submitted"],
    },
    "draft-assignments": lambda world, row, who: {
        "edition": edition(row),
        "lines": "方案第一部分｜召开动员会｜规定动作",
    },
    "draft-sources": lambda world, row, who: {
        "edition": edition(row),
        "lines": "自己找：自查\n巡察（上级）\n其他",
    },
    "draft-levels": lambda world, row, who: {
        "edition": edition(row),
        "name_0": "各类问题",
        "fits_0": ["personal", "key", "from_above", "rest"],
        "chain_0": ["endorse", "verify"],
    },
    "draft-papers": lambda world, row, who: {
        "edition": edition(row),
        "policy": "next_workday",
        "office_weekday": "4",
        "office_hour": "12:00",
        "branch_weekday": "3",
        "branch_hour": "12:00",
        "remind_workdays": "1",
        "remind_minutes": "60",
        "report_weekly": "{活动}简报",
        "report_stage": "阶段总结",
        "report_final": "总结报告",
    },
    "draft-send": lambda world, row, who: {},
    "draft-return": lambda world, row, who: {"reason": "阶段安排过紧，请调整。"},
    "draft-goals": lambda world, row, who: {
        "edition": edition(row),
        "title_0": "解决一批突出问题",
        "facts_0": ["problems_total"],
    },
    "draft-drop": lambda world, row, who: {},
    "checklist-new": lambda world, row, who: a_checklist(world.sketch),
    "checklist": lambda world, row, who: a_checklist(world.sketch),
    "checklist-drop": lambda world, row, who: {},
    "campaign-publish": lambda world, row, who: seen_gaps(row),
    "campaign-publish-paper": lambda world, row, who: on_paper(world) | seen_gaps(row),
    "campaign-close": lambda world, row, who: {
        "seen": sum(count for *_, count in conclusions.still_open(row)),
        "reason": "由各支部继续整改",
    },
    "change-request": lambda world, row, who: {
        "starts_on": "2026-03-01",
        "ends_on": "2027-01-31",
        "reason": "上级要求延长",
    },
    "change-decide": lambda world, row, who: {"decision": "approve", "opinion": "同意"},
    "change-paper": lambda world, row, who: on_paper(world),
    "change-withdraw": lambda world, row, who: {},
    "reminder-rule-new": lambda world, row, who: {
        "cause": "overdue",
        "workdays": "10",
        "recipients": ["office"],
        "proposal": "建议约谈",
        "active": "on",
    },
    "reminder-rule": lambda world, row, who: {"workdays": "4", "recipients": ["leader"]},
    "measure-plan": lambda world, row, who: {"text": "建立台账"},
    "measure-edit": lambda world, row, who: {
        "text": "改写措施",
        "version": Problem.objects.get(pk=row.problem_id).version,
    },
    "measure-finish": lambda world, row, who: {"done_on": "2026-06-02"},
    "measure-unfinish": lambda world, row, who: {"reason": "日期填错"},
    "measure-delete": lambda world, row, who: {},
    "progress-add": lambda world, row, who: {
        "on": "2026-06-02",
        "progress": "under_way",
        "text": "已开会部署",
    },
    "evidence-add": lambda world, row, who: {
        "kind": "file",
        "files": [a_file("佐证一.pdf"), a_file("佐证二.pdf")],
    },
    "evidence-delete": lambda world, row, who: {},
    "closure-apply": lambda world, row, who: {"statement": "已经全部整改到位", "effect": "好转"},
    "review": lambda world, row, who: VERDICT,
    "review-paper": lambda world, row, who: (
        VERDICT
        | {
            "signer": world.users["secretary"].pk,
            "signed_on": "2026-06-03",
            "scan": a_file(),
        }
    ),
    "review-appoint": lambda world, row, who: {
        "user": f"严冬 #{world.outside.pk}",
        "until": "2026-06-20",
    },
    "weekly-plan": lambda world, row, who: weekly.PLAN_TYPED | {"starts_on": "2026-06-08"},
    "weekly-oblige": lambda world, row, who: {f"place_{world.theirs_below.pk}": "office"},
    "weekly-proposed": lambda world, row, who: {},
    "given-text-new": lambda world, row, who: {
        "kind": "earlier",
        "title": "往年剖析",
        "year": "2025",
        "text": "去年写过的一段话。",
    },
    "given-text-take-back": lambda world, row, who: {},
    "word-lists": lambda world, row, who: {"general": "学习不够深入", "template": "以案为鉴"},
    "weekly-begin": lambda world, row, who: {},
    "weekly-zero": lambda world, row, who: {},
    "weekly-collate": lambda world, row, who: {},
    "weekly-receive-all": lambda world, row, who: {},
    "weekly-defer": lambda world, row, who: {
        "kind": "agreed",
        "until": "2026-06-09T12:00",
        "reason": "外出学习",
    },
    "weekly-undefer": lambda world, row, who: {},
    "weekly-edit": lambda world, row, who: {
        "version": row.edition,
        "progress": "本周完成回访。",
        "plans": "下周继续推进。",
    },
    "weekly-redraft": lambda world, row, who: {},
    "weekly-prepare": lambda world, row, who: {},
    "weekly-confirm": lambda world, row, who: {},
    "weekly-send-back": lambda world, row, who: {"reason": "请补充数据"},
    "weekly-receive": lambda world, row, who: {},
    "weekly-return": lambda world, row, who: {"reason": "数据有误"},
    "weekly-gather": lambda world, row, who: {},
    "weekly-submit": lambda world, row, who: {},
    "weekly-review": lambda world, row, who: {},
    "weekly-sign": lambda world, row, who: {},
    "weekly-paper": lambda world, row, who: {
        "signer": world.users["leader"].pk,
        "signed_on": "2026-06-03",
        "scan": a_file(),
    },
    "weekly-forward": lambda world, row, who: {
        "to": "市交通局党组",
        "sent_at": "2026-06-03T09:00",
        "way": "exchange",
    },
    "weekly-returned": lambda world, row, who: {"reason": "格式有误"},
    "weekly-template": lambda world, row, who: {
        "file": SimpleUploadedFile("上级模板.xlsx", weekly.a_template())
    },
    "weekly-part": lambda world, row, who: {"version": 1, "progress": "改写。", "plans": "推进。"},
    "import-new": lambda world, row, who: {
        "campaign": world.campaign.pk,
        "organization": world.branch.pk,
        "file": SimpleUploadedFile("新台账.xlsx", workbook((1, "窗口无人。", "改", "马超", ""))),
    },
    "import-correct": lambda world, row, who: {"column_1": "problem", "column_2": "remark"},
    "import-keep": lambda world, row, who: {
        "source": world.campaign.sources.get(name="自己找").pk,
        "found_on": "2026-05-20",
    },
    "import-discard": lambda world, row, who: {},
    "import-register": lambda world, row, who: {},
    "findings-take": lambda world, row, who: {"pk": [world.finding.pk]},
    "sweep-begin": lambda world, row, who: {
        "list": f"r{world.unswept.pk}",
        "organization": world.branch.pk,
    },
    "sweep-ask": lambda world, row, who: {"question": "合同是否盖章", "due_on": "2026-09-30"},
    "sweep-object-new": lambda world, row, who: {
        "kind": "post",
        "name": "出纳岗",
        "found_r": "no",
    },
    "sweep-object": lambda world, row, who: {
        "kind": "post",
        "name": "保管岗",
        "version": row.version,
        "found_r": "no",
    },
    "sweep-table": lambda world, row, who: {
        "text": "排查对象\t有无问题\n采购\t无\n",
        "keep": "1",
    },
    "sweep-submit": lambda world, row, who: {"version": row.version},
    "sweep-review": lambda world, row, who: {"number": 1, "decision": "accepted"},
    "sweep-findings-take": lambda world, row, who: {"pk": [world.sweep_finding.pk]},
    "problem-sweep": lambda world, row, who: {
        "question": "同类事项是否超时",
        "due_on": "2026-09-30",
    },
    "problem-turning": lambda world, row, who: {"becomes": "unit", "reason": "没有规定。"},
    "problem-turning-agree": lambda world, row, who: {},
    "problem-turn": lambda world, row, who: {},
    "examination-begin": lambda world, row, who: {},
    "examination-record": lambda world, row, who: {
        "author": wire(world.writer),
        "scan": a_file(),
        "cause": "学习不够。",
    },
    "examination-write": lambda world, row, who: {"version": row.version, "cause": "改写。"},
    "examination-save": lambda world, row, who: {"version": row.version, "cause": "改写。"},
    "examination-submit": lambda world, row, who: {
        "version": row.version,
        "promise": sheets.promise(row, ON),
    },
    "examination-delete": lambda world, row, who: {},
    "examination-withdraw": lambda world, row, who: {},
    "examination-tell": lambda world, row, who: {},
    "examination-review": lambda world, row, who: {
        "number": 1,
        "decision": "accepted",
        "ticks": ["self"],
    },
    "examination-assign": lambda world, row, who: {
        "person": wire(world.other_leader),
        "until": "2026-06-20",
        "reason": "核实信访反映",
    },
    "examination-assignment-end": lambda world, row, who: {},
    "examination-copy-ask": lambda world, row, who: {
        "texts": [world.lent.pk],
        "reason": "核实卷宗",
    },
    "examination-copy-decide": lambda world, row, who: {"decision": "approved"},
    "examination-copy-withdraw": lambda world, row, who: {},
    "examination-sign": lambda world, row, who: {
        "signer_name": "严肃",
        "signer_post": "市委组织部副部长",
        "signed_on": "2026-06-03",
        "decision": "returned",
        "comment": "请补充具体事例。",
        "scan": a_file(),
    },
    "body-new": lambda world, row, who: {
        "kind": "supervision",
        "name": "督查问效组",
        "since": "2026-06-01",
        "lines": "组长：罗海\n成员：林芳、杨柳（市委组织部派员）",
    },
    "body-edit": lambda world, row, who: {"name": "专项工作领导小组", "version": row.version},
    "body-members": lambda world, row, who: {"since": str(ON), "lines": "成员：林芳"},
    "body-leave": lambda world, row, who: {
        "members": [row.members.get(name="马超").pk],
        "until": str(ON),
        "reason": "调离",
    },
    "body-order": lambda world, row, who: {
        f"place_{one.pk}": place for place, one in zip((1, 3, 2), row.members.all(), strict=True)
    },
    "body-dissolve": lambda world, row, who: {"until": str(ON), "reason": "机构调整"},
    "responsible-name": lambda world, row, who: {
        "organization": of_his(world, who),
        "name": "马超",
        "since": str(ON),
    },
    "responsible-unname": lambda world, row, who: {},
    "task-force-link": lambda world, row, who: {"problems": world.registered.number},
    "task-force-unlink": lambda world, row, who: {},
    "stage-new": lambda world, row, who: {
        "title": "集中整改",
        "starts_on": "2026-09-01",
        "ends_on": "2026-10-31",
        "conditions": ["problems_closed"],
    },
    "stage-edit": lambda world, row, who: {
        "starts_on": "2026-09-15",
        "ends_on": "2026-12-31",
        "reason": "汛期推迟",
        "version": row.version,
    },
    "stage-drop": lambda world, row, who: {},
    "stage-open": lambda world, row, who: {"invited": "yes"},
    "stage-close": lambda world, row, who: {
        "invited": "no",
        "confirmed": "on",
        "summary": "查摆结束。",
        "seen": stage_closings.mark(row, on=ON),
    },
    "stage-summary": lambda world, row, who: {"summary": "查摆阶段总结。"},
    "stage-excuse": lambda world, row, who: {
        "person": wire(world.aide if who == world.users["stranger"] else world.users["colleague"]),
        "reason": "seconded",
    },
    "excuse-end": lambda world, row, who: {"words": "已返岗"},
    "assignment-new": lambda world, row, who: {
        "task": "制定整改方案",
        "is_prescribed": "yes",
        "organization": of_his(world, who),
        "due": "9月底前",
    },
    "assignment-edit": lambda world, row, who: {
        "task": "组织专题学习和研讨",
        "is_prescribed": "no",
        "organization": wire(world.branch),
        "version": row.version,
    },
    "assignment-drop": lambda world, row, who: {},
    "assignment-progress": lambda world, row, who: {
        "text": "学习两次",
        "status": "done",
        "on": "2026-06-02",
    },
    "assignments-import": lambda world, row, who: {
        "file": SimpleUploadedFile("任务分解表.csv", staged.TABLE.encode())
    },
    "assignment-import-keep": lambda world, row, who: {},
    "assignment-import-discard": lambda world, row, who: {},
    "clauses-new": lambda world, row, who: {
        "source": "局实施方案",
        "text": "（一）开好专题会\n（二）查摆问题",
    },
    "clause-drop": lambda world, row, who: {},
    "superior-request-new": lambda world, row, who: {
        "source": "市委通知",
        "on": "2026-06-01",
        "text": "报送进展",
    },
    "superior-request": lambda world, row, who: {
        "source": "市委通知",
        "on": "2026-05-20",
        "text": "六月底前报送阶段总结",
        "answered_by": "何静",
        "answered_on": "2026-06-02",
        "answer": "已报送",
        "version": row.version,
    },
    "reference-case-new": lambda world, row, who: cases.typed(name="又一案例"),
    "reference-case-edit": lambda world, row, who: cases.typed(row, lessons="引以为戒"),
    "reference-case-publish": lambda world, row, who: {"version": row.version},
    "reference-case-withdraw": lambda world, row, who: {"reason": "通报已更正"},
    "problem-cases": lambda world, row, who: {"cases": [world.top_case.pk]},
    "goal-figure": lambda world, row, who: {
        "code": "cases_handled",
        "number": "1",
        "on": "2026-06-02",
        "document": "纪检工作通报",
    },
    "activity-new": lambda world, row, who: {
        "kind": "survey",
        "on": "2026-06-02",
        "topic": "到窗口调研",
        "organization": of_his(world, who),
    },
    "activity-edit": lambda world, row, who: {
        "kind": "meeting",
        "on": "2026-06-01",
        "topic": "研究整改措施",
        "organization": wire(world.branch),
        "version": row.version,
    },
    "activity-drop": lambda world, row, who: {},
    "portraits-begin": lambda world, row, who: {
        "organization": (world.sibling if who == world.users["neighbour"] else world.branch).pk,
        "on": "2026-06-03",
    },
    "portraits-speak": lambda world, row, who: {
        "portrait": world.about.pk,
        "text": "值班记录当天没有写。",
    },
    "portraits-withdraw": lambda world, row, who: {"opinion": portrait_rows.own_key(row, who)},
    "portraits-answer": lambda world, row, who: {
        "opinion": portrait_rows.own_key(row, who),
        "text": "四月的两次。",
    },
    "portraits-close": lambda world, row, who: {},
    "portraits-seats": lambda world, row, who: {},
    "portraits-file": lambda world, row, who: {
        "chosen": list(row.portraits.filter(status="read").values_list("pk", flat=True)),
        "on": "2026-06-03",
        "receiver_name": "高远",
        "receiver_post": "机关纪委副书记",
    },
    "portrait-merge": lambda world, row, who: {
        "do": "merge",
        "opinions": [str(one.pk) for one in row.opinions.waiting()],
        "text": "报送材料不够及时。",
    },
    "portrait-note": lambda world, row, who: {
        "source": "superior_pointed",
        "text": "答复群众来信超期。",
    },
    "portrait-item": lambda world, row, who: {"text": "改写。", "version": row.version},
    "portrait-show": lambda world, row, who: {"version": Portrait.objects.get(pk=row.pk).version},
    "portrait-take-back": lambda world, row, who: {},
    "portrait-read": lambda world, row, who: {
        "own_words": "接受。",
        "mark": mark_of(row),
    },
    "portrait-tell": lambda world, row, who: {"own_words": "没有意见。"},
    "portrait-set-aside": lambda world, row, who: {"why": "已调离"},
    "portrait-talk": lambda world, row, who: {"day": "2026-06-05", "reason": "值班"},
    "talk-write": lambda world, row, who: {
        "held_on": "2026-06-03",
        "content": "谈了例会。",
        "version": row.version,
    },
    "problem-from-portrait": lambda world, row, who: {
        "description": row.text,
        "owner_kind": "personal",
        "severity": "ordinary",
        "found_on": "2026-06-02",
        "source": world.campaign.sources.get(name="集体议").pk,
    },
    "pledge-new": lambda world, row, who: {
        "is_public": "yes",
        "text_0": "每月走访两家企业",
        "due_0": "长期坚持",
    },
    "pledge-link": lambda world, row, who: {"problems": [world.rectifying.pk]},
    "pledge-kept": lambda world, row, who: {"done_on": "2026-06-02", "text": "已逐件回访。"},
    "reflection-begin": lambda world, row, who: {},
    "reflection-write": lambda world, row, who: {"version": row.version, "text": "改写。"},
    "reflection-save": lambda world, row, who: {"version": row.version, "text": "改写。"},
    "reflection-submit": lambda world, row, who: {
        "version": row.version,
        "audience": "nobody",
    },
    "reflection-delete": lambda world, row, who: {},
    "reflection-show": lambda world, row, who: {
        "title": "一次来电",
        "text": promises.COPY,
        "is_signed": "no",
    },
    "reflection-hide": lambda world, row, who: {},
    "showcase-show": lambda world, row, who: {"since": "2026-06-03", "until": "2026-07-03"},
    "showing-end": lambda world, row, who: {},
}
OPENED = {line: cells for line, cells in SHOWS.items() if line[0] in DATA}
SENT = {
    line: {visitor: "did" if cell == "200" else cell for visitor, cell in cells.items()}
    for line, cells in OPENED.items()
} | lines(POSTS)
del SENT["problems-bulk", "-"]


# ---------------------------------------------------------------- the tables are whole


def test_every_page_is_in_the_table():
    assert {page for page, _ in SHOWS} == pages()


def test_every_address_has_a_name():
    assert [str(found.pattern) for found in patterns(get_resolver()) if not found.name] == []


def test_every_page_that_takes_something_is_sent_it():
    takes = {
        found.name
        for found in patterns(get_resolver())
        if hasattr(getattr(found.callback, "view_class", None), "post")
    }

    assert {page for page, _ in SENT} == takes | {"inbox-read", "notice-open"}


# ---------------------------------------------------------------- there is something to leak


@pytest.mark.parametrize("visitor", [name for name in VISITORS if name != "anonymous"])
def test_there_is_something_to_leak(world, visitor):
    """A scope that hides nothing would pass every negative cell."""
    by = actor(User.objects.get(pk=world.users[visitor].pk))
    problems = Problem.objects.all()

    assert problems.exclude(pk__in=Problem.objects.visible_to(by)).exists()
    assert Campaign.objects.exclude(pk__in=Campaign.objects.visible_to(by)).exists()
    assert ReviewStep.objects.exclude(pk__in=ReviewStep.objects.visible_to(by)).exists()
    assert Notice.objects.exclude(recipient=by.user).exists()


def test_what_is_hidden_is_there(world):
    for record in {record for _, record in SHOWS} - {"-"}:
        getattr(world, record).refresh_from_db()

    assert Evidence.objects.exclude(attachment=None).exists()
    assert Upload.objects.count() == 2


NOBODYS = {
    *(("campaign", "plan"), ("weekly-plan", "campaign"), ("weekly-oblige", "campaign")),
    ("word-lists", "campaign"),
}


def test_a_page_that_hides_something_shows_it_to_somebody():
    """But for the plan of a campaign, which is nobody's page yet, the rules of a campaign, which
    are those of the office that leads it and no visitor's, and pages that only take."""
    shown = {line for line, cells in SHOWS.items() if {*cells.values()} & {"200", "302", "405"}}

    assert SHOWS.keys() - shown - NOBODYS == set()


# ---------------------------------------------------------------- GET


@pytest.mark.parametrize("line", SHOWS, ids=" ".join)
def test_who_sees_a_page(world, line):
    url, answers, wrote = address(world, *line), {}, {}
    visitors = a_tenth(VISITORS, "see", *line)
    for visitor in visitors:
        with transaction.atomic(), Pen(world) as pen:
            answers[visitor] = answered(browser(world, visitor).get(url))
            wrote[visitor] = pen.changed()
            transaction.set_rollback(True)

    # A download stands in the trail, and who has read a self-examination beside it; looking
    # changes nothing else, and being refused nothing.
    assert answers == {name: SHOWS[line][name] for name in visitors}
    assert set().union(*wrote.values()) <= {"reform_trailentry", "campaigns_reading"}
    assert {name for name in visitors if answers[name] in REFUSED and wrote[name]} == set()


# ---------------------------------------------------------------- POST


@pytest.mark.parametrize("line", SENT, ids=" ".join)
def test_who_may_do_what_a_page_does(world, line):
    page, record = line
    row, url, came_to = getattr(world, record, None), address(world, *line), {}
    visitors = a_tenth(VISITORS, "do", *line)
    for visitor in visitors:
        data = DATA[page](world, row, world.users.get(visitor))
        with transaction.atomic(), Pen(world) as pen:
            response = browser(world, visitor).post(url, data | {"token": uuid.uuid4()})
            came_to[visitor] = became(response, pen)
            transaction.set_rollback(True)

    assert came_to == {name: SENT[line][name] for name in visitors}


@pytest.mark.dealt
@pytest.mark.parametrize("page", sorted(pages() - {page for page, _ in SENT}))
def test_a_page_that_only_shows_takes_nothing(world, page):
    record = record_of(page)

    with Pen(world) as pen:
        response = browser(world, "secretary").post(address(world, page, record), {"pk": 1})

    assert response.status_code == 405
    assert pen.changed() == set()


# ---------------------------------------------------------------- keys that are nobody's


def record_of(page):
    return next(record for name, record in SHOWS if name == page)


NUMBERED = sorted({line[0] for line in SHOWS if line[1] != "-"} - {"problems-bulk"})


@pytest.mark.dealt
@pytest.mark.parametrize("key", [0, 999_999_999, 2**63, 10**30])
@pytest.mark.parametrize("page", NUMBERED)
def test_a_key_that_is_nobodys_is_not_found(world, page, key):
    args = {"problem-type": [key, key], "problems-fill": []}.get(page)
    if args is None:
        args = [key] * len(args_of(getattr(world, record_of(page))))
    url = reverse(page, args=args) + (f"?pk={key}" if page == "problems-fill" else "")
    client = browser(world, "secretary")

    with Pen(world) as pen:
        answers = {
            client.get(url).status_code,
            client.post(url, {"token": uuid.uuid4()}).status_code,
        }

    assert answers <= {404, 405}
    assert 404 in answers
    assert pen.changed() == set()


# ---------------------------------------------------------------- lists keep to the scope


@pytest.mark.parametrize("visitor", VISITORS[:-2])
def test_lists_name_only_what_one_may_open(world, visitor):
    """Ledger and desk: each problem they link to opens, and those that are hidden are not named."""
    client, by = browser(world, visitor), world.by[visitor]
    hidden = [row for row in Problem.objects.all() if not policy.may(by, "pb.read", row)]
    shown = "".join(
        client.get(url).content.decode()
        for url in ("/problems/", "/problems/?view=draft", "/problems/?q=问题", "/")
    )

    assert hidden
    assert [row.description for row in hidden if row.description in shown] == []
    assert [row.pk for row in hidden if f"/problems/{row.pk}/" in shown] == []
