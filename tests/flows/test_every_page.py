"""Every page of the site in Chromium: strict policy, nothing from elsewhere, nothing too wide.

Each page is opened as somebody who may, against the demo and the rows that it lacks. A new page
that stands in no table here fails the first test.
"""

import os
from collections.abc import Callable

import pytest
from django.db import connection
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests.flows.browser import DESK, PHONE, ROOT, Someone
from tests.flows.rows import Rows, furnish

# Page, who opens it, the row it is about, and what else stands in the address.
PLACES = """
login                  nobody      -
login-code             nobody      -
logged-out             nobody      -
desk                   suye        -
desk                   zhoumin     -
desk                   wugang      -
desk                   guming      -
desk                   xuqing      -
desk                   fengzheng   -
desk                   sysadmin    -
desk                   secadmin    -
desk                   auditadmin  -
profile                wugang      -
password_change        machao      -
second-step            guming      -
second-step            zhengjie    -
recovery-codes         zhengjie    -
second-step-off        zhengjie    -
devices                machao      -
devices-end            machao      -
device-end             machao      device
notice-choices         machao      -
notice-address         machao      -
security               secadmin    -
signed-in              secadmin    -
lock-outs              secadmin    -
lock-out-lift          secadmin    mistake
second-steps           secadmin    -
second-step-reset      secadmin    guarded
witness                sysadmin    -
organizations          machao      -
organizations          sysadmin    -
organization           sysadmin    center
organization           sysadmin    stationed
organization           machao      branch
organization-children  sysadmin    center
organization-new-top   sysadmin    -
organization-new       sysadmin    center
organization-rename    sysadmin    branch
organization-edit      sysadmin    branch
organization-place     sysadmin    branch
organization-move      sysadmin    branch
organization-retire    sysadmin    branch
organization-merge     sysadmin    branch
organization-split     sysadmin    branch
relation-new           sysadmin    stationed
relation-end           sysadmin    relation
people                 machao      -
people                 sysadmin    -
people                 sysadmin    -           ?q=没有这个人
person                 sysadmin    account
person                 secadmin    leads_user
person                 machao      account
person                 sysadmin    nameless
person                 sysadmin    second
person-new             sysadmin    -
person-edit            sysadmin    account
person-account         sysadmin    nameless
person-code            sysadmin    account
person-same            sysadmin    nameless
person-part            sysadmin    second
person-transfer        sysadmin    account
person-enable          sysadmin    gone
person-disable         sysadmin    busy
person-hand-over       xuqing      busy
people-imports         sysadmin    -
people-import-new      sysadmin    -
people-import          sysadmin    roll
people-import          sysadmin    kept_roll
people-import          sysadmin    faulty_roll
people-import-undo     sysadmin    kept_roll
duty-grant             secadmin    account
duty-end               secadmin    duty
duty-mark              secadmin    leads
field-give             secadmin    leads
field-end              secadmin    field
proposals              sysadmin    -
proposals              secadmin    -
proposal-confirm       sysadmin    proposal
proposal-decline       sysadmin    proposal
delegations            wugang      -
delegation-give        wugang      -
delegation-end         wugang      delegation
calendar               machao      -
calendar               sysadmin    -           ?year=2027&start=2026-09-25&number=10
calendar-new           sysadmin    -
calendar-earlier       guming      -
weekly                 wugang      -
weekly                 suye        -
weekly                 xuqing      -
weekly                 caiwen      -
weekly                 fengzheng   -
weekly-plan            caiwen      campaign
weekly-oblige          caiwen      campaign
weekly-proposed        caiwen      campaign
weekly-intake          xuqing      intake
weekly-intake          caiwen      top_intake
weekly-begin           wugang      owed
weekly-zero            wugang      owed
weekly-collate         xuqing      intake
weekly-receive-all     xuqing      intake
weekly-defer           xuqing      unfiled
weekly-defer           xuqing      intake
weekly-undefer         xuqing      unfiled
weekly-report          suye        filed_report
weekly-report          xuqing      filed_report
weekly-report          guming      collated
weekly-report          wugang      drafted_report
weekly-report          xuqing      collating
weekly-edit            zhoumin     drafted_report
weekly-edit            xuqing      collating
weekly-redraft         zhoumin     drafted_report
weekly-prepare         zhoumin     drafted_report
weekly-confirm         wugang      drafted_report
weekly-send-back       wugang      drafted_report
weekly-receive         xuqing      filed_report
weekly-return          xuqing      filed_report
weekly-gather          xuqing      collating
weekly-submit          xuqing      collating
weekly-review          xuqing      collating
weekly-sign            guming      collating
weekly-paper           xuqing      collating
weekly-forward         xuqing      collated
weekly-returned        xuqing      collated
weekly-part            xuqing      part
weekly-template        xuqing      collated
inbox                  xuqing      -
inbox                  machao      -
inbox                  zhoumin     -           ?view=all
suggest                machao      -
suggestions            xuqing      -
system                 sysadmin    -
dead-letters           sysadmin    -
dead-letters-retry     sysadmin    -
dead-letter-retry      sysadmin    dead
jobs                   xuqing      -
job                    xuqing      job
job                    xuqing      waiting
trail                  auditadmin  -
trail                  secadmin    -
trail-entry            auditadmin  entry
trail-entry            secadmin    audit_entry
trail-seals            auditadmin  -
campaigns              machao      -
campaign               xuqing      campaign
campaigns              caiwen      -
campaign               caiwen      campaign
campaign-new           caiwen      -
campaign-new           caiwen      -           ?kit=yi-an-cu-gai
kit-import             caiwen      -
draft                  caiwen      sketch
draft                  songyan     sketch
draft-basics           caiwen      sketch
draft-participants     caiwen      sketch
draft-stages           caiwen      sketch
draft-assignments      caiwen      sketch
draft-sources          caiwen      sketch
draft-levels           caiwen      sketch
draft-papers           caiwen      sketch
draft-send             caiwen      sketch
draft-return           songyan     offered
draft-drop             caiwen      sketch
checklist-new          caiwen      sketch
checklist              caiwen      sheet
checklist              caiwen      questions
checklist-drop         caiwen      sheet
campaign-differences   caiwen      campaign
campaign-publish       songyan     sketch
campaign-publish-paper caiwen      sketch
chain-check            caiwen      campaign
campaign-close         songyan     campaign
change-request         caiwen      campaign
change-request         caiwen      campaign    ?kind=item
change-decide          songyan     wish
change-paper           caiwen      wish
change-withdraw        caiwen      wish
bodies                 machao      campaign
bodies                 caiwen      campaign
bodies                 caiwen      sketch
body-new               caiwen      campaign
body-edit              caiwen      force
body-members           caiwen      force
body-leave             caiwen      force
body-order             caiwen      force
body-dissolve          caiwen      force
responsible            machao      campaign
responsible            caiwen      campaign
responsible            caiwen      campaign    ?unclear=1
responsible-name       caiwen      campaign
responsible-unname     caiwen      named
task-force             machao      force
task-force             caiwen      force
task-force-link        caiwen      force
task-force-unlink      caiwen      linked
stages                 caiwen      campaign
stage-new              caiwen      plan
stage-edit             caiwen      next_stage
stage-drop             caiwen      plan_stage
stage-open             caiwen      plan_stage
stage-close            caiwen      stage
stage-summary          caiwen      stage
stage-excuse           caiwen      stage
excuse-end             caiwen      excuse
assignments            machao      campaign
assignments            caiwen      campaign
assignment             machao      task
assignment-new         caiwen      campaign
assignment-edit        caiwen      task
assignment-drop        caiwen      idle_task
assignment-progress    machao      task
assignments-import     caiwen      campaign
assignment-import      caiwen      table
assignment-import      caiwen      faulty_table
clauses                caiwen      campaign
clauses-new            caiwen      campaign
clause-drop            caiwen      clause
superior-requests      caiwen      campaign
superior-request-new   caiwen      campaign
superior-request       caiwen      demand
reference-cases        machao      campaign
reference-cases        caiwen      campaign
reference-case         machao      case
reference-case         songyan     fresh_case
reference-case         caiwen      renewed_case
reference-case-new     caiwen      campaign
reference-case-edit    caiwen      case
reference-case-publish songyan     fresh_case
reference-case-withdraw caiwen     case
problem-cases          suye        rectifying
goals                  caiwen      campaign
goals                  wugang      campaign
goal-figure            qinling     campaign
draft-goals            caiwen      sketch
activities             caiwen      campaign
activity-new           caiwen      campaign
activity-edit          caiwen      activity
activity-drop          caiwen      activity
sweeps                 xuqing      campaign
sweeps                 panxue      campaign
sweep-ask              xuqing      campaign
sweep                  suye        swept
sweep                  panxue      sweeping
sweep-object-new       panxue      sweeping
sweep-object           panxue      swept_object
sweep-table            panxue      sweeping
sweep-submit           jiangwen    sweeping
sweep-review           xuqing      sweep_sent
sweep-findings         suye        -
problem-sweep          xuqing      registered
reminder-rules         caiwen      campaign
given-texts            caiwen      campaign
given-text-new         caiwen      campaign
given-text-take-back   caiwen      team_text
word-lists             caiwen      campaign
reminder-rule-new      caiwen      campaign
reminder-rule          caiwen      rule
brief                  guming      -
brief                  chenli      -
instructions           xuqing      -
instructions           machao      -
instruction            guming      replied
instruction            zhoumin     on_paper
instruction            wangyang    instruction
instruction-write      guming      campaign
instruction-record     xuqing      campaign
instruction-answer     zhoumin     on_paper
instruction-again      guming      replied
instruction-end        guming      replied
problem-instruction    guming      rectifying
problems               xuqing      -
problems               xuqing      -           ?view=overdue
problems               suye        -           ?view=registered
problems               machao      -
problems               xuqing      -           ?q=没有这个词
owing                  xuqing      -
owing                  suye        -
owing                  guming      -           ?kind=accept
problems-fill          suye        registered
problem-new            xuqing      -
problem-type           zhoumin     place
problem                suye        draft
problem                fangyuan    registered
problem                wangyang    assigned
problem                suye        rectifying
problem                xuqing      soon
problem                suye        standing
problem                xuqing      returned
problem                fengzheng   reviewed
problem                guming      closed
problem                fangyuan    personal
problem-edit           suye        draft
problem-edit           suye        rectifying
problem-delete         suye        draft
problem-register       fangyuan    draft
problem-issue          fangyuan    registered
problem-accept         wangyang    assigned
problem-return         wangyang    assigned
problem-pause          guming      rectifying
pause-end              guming      pause
measure-plan           suye        rectifying
measure-edit           suye        measure
measure-finish         suye        measure
measure-unfinish       suye        finished
measure-delete         suye        early
progress-add           suye        rectifying
evidence-add           suye        rectifying
evidence-delete        suye        evidence
closure-apply          suye        rectifying
review                 fangyuan    endorse
review                 xuqing      verify
review                 fengzheng   recheck
review                 guming      approve
review-paper           suye        endorse
review-appoint         xuqing      verify
imports                zhoumin     -
import-new             zhoumin     -
import                 zhoumin     upload
import                 zhoumin     kept
import                 zhoumin     faulty
examinations           machao      -
examinations           wugang      -
examinations           suye        -
examination-write      machao      writing
examination-write      hansong     dictated
examination-submit     machao      writing
examination-delete     machao      writing
examination            linfang     handed
examination            wugang      handed
examination            sunwei      again
examination            sunwei      again       ?version=2&against=1
examination            wugang      unannounced
examination-tell       wugang      unannounced
examination-withdraw   linfang     handed
examination-review     wugang      handed
examination-sign       caiwen      top_sheet
examination-assign     guming      lent
examination-assignment-end guming  lending
examination-copies     fengzheng   -
examination-copies     guming      -
examination-copy-ask   fengzheng   -
examination-copy       fengzheng   given_copy
examination-copy       guming      asked_copy
examination-copy-decide guming     asked_copy
examination-copy-withdraw fengzheng asked_copy
examination-record     suye        checklist
examination-status     xuqing      campaign
examination-status     caiwen      campaign
findings               wugang      -
findings               wugang      -           ?state=all
findings-mine          hejing      -
problem-turning        wugang      own_row
problem-turning-agree  hejing      turning
problem-turn           wugang      turning
overview               wugang      campaign
overview               xuqing      campaign
overview               guming      campaign
overview               caiwen      campaign
overview-people        caiwen      campaign    ?state=missing
unreported             fengzheng   campaign
portraits              wugang      -
portraits              machao      -
portraits              xuqing      -
portrait-receipts      fengzheng   -
portraits-begin        fangyuan    campaign
portrait-session       wugang      gathered
portrait-session       linfang     asked
portraits-speak        linfang     asked
portraits-withdraw     linfang     asked
portraits-answer       linfang     asked
portraits-close        wugang      asked
portraits-seats        wugang      gathered
portraits-file         wugang      gathered
portrait               machao      given
portrait               wugang      given
portrait-merge         wugang      to_merge
portrait-note          wugang      to_merge
portrait-item          wugang      sentence
portrait-show          wugang      to_show
portrait-take-back     wugang      given
portrait-read          machao      given
portrait-tell          wugang      told_one
portrait-set-aside     wugang      to_merge
portrait-talk          wugang      given
talks                  wugang      -
talk                   machao      talk
talk-write             wugang      talk
problem-from-portrait  machao      said_of_him
pledges                caiwen      campaign
pledges                hansong     campaign
pledge-new             hansong     campaign
pledge-new             machao      campaign
pledge                 hansong     pledge
pledge                 fangyuan    team_pledge
pledge-link            hansong     promise
pledge-kept            hansong     promise
reflections            machao      campaign
reflections            wugang      campaign
reflection-status      caiwen      campaign
reflection             hejing      reflection
reflection             wugang      reflection
reflection-write       machao      reflecting
reflection-submit      machao      reflecting
reflection-delete      machao      reflecting
reflection-show        hejing      reflection
reflection-hide        hejing      reflection
showcase               machao      campaign
showcase-choose        xuqing      campaign
showcase-show          xuqing      copy
showing-end            xuqing      showing
"""
LINES = [line.split() for line in PLACES.strip().splitlines()]
# Nothing to see at these: their answer is a file, a word for a machine, or the page of another.
NO_PAGES = {
    *(
        "calendar-template",
        "evidence-file",
        "import-file",
        "job-file",
        "people-template",
        "review-form",
        "review-scan",
    ),
    *("campaign-kit", "change-scan", "publication-scan"),
    *("examination-word", "examination-scan", "examination-copy-file"),
    *("overview-table", "portraits-lists"),
    *("pledge-word", "pledges-table"),
    *("brief-word", "instruction-scan", "owing-letter", "owing-table"),
    *("weekly-reminder", "weekly-word", "weekly-excel", "weekly-filled", "weekly-scan"),
    *("stage-file", "assignments-export", "bodies-word", "responsible-table"),
    *("stage-draft", "sweep-excel", "sweep-word", "reference-case-word"),
    *("health", "organization-search", "person-search"),
    *("login-second",),  # opened below: one comes to it by the sign-in page only
}
# These take what a form of another page sends; who opens one is told so, see FAULTS.
ONLY_TAKE = {
    *(
        "calendar-enter",
        "logout",
        "inbox-read",
        "notice-open",
        "problems-bulk",
        "problems-export",
        "trail-export",
    ),
    *("examination-begin", "examination-save", "findings-take"),
    *("sweep-begin", "sweep-findings-take"),
    *("reflection-begin", "reflection-save"),
    *("trail-check", "proposals-confirm", "people-import-keep", "people-import-discard"),
    *("assignment-import-keep", "assignment-import-discard"),
    *("people-import-codes", "import-correct", "import-keep", "import-discard", "import-register"),
}
# Pages that answer a form: page, who sends it, the row it is about, what is written into it (TODAY
# is a day), and what the answer says.
NOTICE = "2027年\n元旦：1月1日（周五）至3日（周日）放假。"
WRONG, FORETOLD, ONCE = "处需要更正", "还没有办理", "只显示这一次"
FOUNDED = {"on": "TODAY", "document": "局党组会议纪要〔2026〕7号"}
ANSWERS = (
    ("calendar-new", "sysadmin", "-", {"text": NOTICE}, "读到的2027年安排"),
    ("problem-type", "zhoumin", "place", {}, WRONG),
    ("problems-fill", "suye", "registered", {"due": "尽快"}, WRONG),
    ("measure-plan", "suye", "rectifying", {}, WRONG),
    ("evidence-add", "suye", "rectifying", {}, WRONG),
    ("closure-apply", "suye", "rectifying", {}, WRONG),
    ("review", "xuqing", "verify", {}, WRONG),
    ("review-paper", "suye", "endorse", {}, WRONG),
    ("import-new", "zhoumin", "-", {}, WRONG),
    ("person-new", "sysadmin", "-", {"name": "马超", "username": "machao"}, WRONG),
    ("duty-grant", "secadmin", "account", {"role": "office", "since": ""}, WRONG),
    ("notice-choices", "machao", "-", {"email": "不是邮箱"}, WRONG),
    ("notice-address", "machao", "-", {"code": "000000"}, "验证码不正确"),
    ("delegation-give", "wugang", "-", {"reason": "出差"}, WRONG),
    ("password_change", "machao", "-", {"new_password1": "123456"}, WRONG),
    ("organization-merge", "sysadmin", "branch", {"way": "existing"}, WRONG),
    ("organization-move", "sysadmin", "branch", {"under": "市公路事业发展中心党委"}, FORETOLD),
    ("organization-retire", "sysadmin", "branch", FOUNDED | {"into": "第三党支部"}, FORETOLD),
    (
        "organization-split",
        "sysadmin",
        "branch",
        FOUNDED | {"name": "第五党支部", "members_way": "all"},
        FORETOLD,
    ),
    ("witness", "sysadmin", "-", {}, ONCE),
    ("person-code", "sysadmin", "account", {}, ONCE),
)
# The page that says no: who meets it where.
REFUSALS = (
    (404, "machao", "/problems/0/"),
    (403, "machao", "/trail/"),
    (405, "xuqing", "/inbox/read/"),
)


@pytest.mark.once
@pytest.mark.no_database
def test_no_page_is_left_out():
    named = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    opened = {page for page, *_ in LINES}

    assert opened | NO_PAGES | ONLY_TAKE == named
    assert opened & (NO_PAGES | ONLY_TAKE) == set()


def shared(lines):
    """Every second line: SQLite walks one half, PostgreSQL the other; together all."""
    return [*enumerate(lines)][connection.vendor == "postgresql" :: 2]


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_every_page_keeps_the_policy_and_fits_the_window(people, picture_of):
    seated = {who: people("" if who == "nobody" else who) for who in {line[1] for line in LINES}}
    rows, faults = furnish(), []

    for place, line in shared(LINES):
        someone = seated[line[1]]
        url = address(rows, *line)
        faults += looked_at(someone.go(url), picture_of, f"{place:03}-{line[0]}")
        faults += [] if someone.is_at(url) else [f"{line}: sent on to {someone.page.url}"]
    for _, (page, who, record, words, answer) in shared(ANSWERS):
        if page == "problems-fill":
            seated[who].watch.expects(422)  # what was typed for many rows at once and is wrong
        someone = seated[who].go(address(rows, page, who, record)).send(written(words))
        faults += looked_at(someone.says(answer), picture_of, f"sent-{page}")
    for status, who, url in REFUSALS:
        seated[who].watch.expects(status)
        faults += looked_at(seated[who].go(url), picture_of, f"no-{status}")
    owing = seated["nobody"].sign_in("zhengjie")
    assert owing.page.url.partition("?")[0].endswith(reverse("login-second"))
    faults += looked_at(owing, picture_of, "login-second")

    assert "\n".join(faults) == ""
    assert seated["nobody"].watch.expected == []  # each refusal came


def address(rows: Rows, page: str, _who: str, record: str, query: str = "") -> str:
    if page == "problem-type":
        return reverse(page, args=[rows.campaign.pk, rows.place("JGDW").pk])
    if page == "problems-fill":
        return f"{reverse(page)}?pk={rows.registered.pk}"
    row = None if record == "-" else getattr(rows, record)
    args = [] if row is None else getattr(row, "args", None) or [row.pk]
    return reverse(page, args=args) + query


def written(words: dict[str, str]) -> dict[str, str]:
    today = {"TODAY": timezone.localdate().isoformat()}
    return {name: today.get(word, word) for name, word in words.items()}


def looked_at(someone: Someone, picture_of: Callable[..., None], name: str) -> list[str]:
    """What is wrong with the page that somebody is at, folded and unfolded, wide and narrow."""
    where, wrong = f"{someone.username or 'nobody'} {someone.page.url}", []
    for window, width in (("desk", DESK), ("phone", PHONE)):
        someone.resize(width)
        wrong += [f"too wide for a {window}"] if someone.too_wide() else []
        picture_of(someone, f"{window}/{name}")
    someone.unfold_all()
    wrong += ["unfolded, too wide for a phone"] if someone.too_wide() else []
    someone.resize(DESK)
    wrong += ["unfolded, too wide for a desk"] if someone.too_wide() else []
    wrong += someone.watch.taken()
    wrong += someone.axe()
    return [f"{where} {one}" for one in wrong]


@pytest.fixture
def picture_of() -> Callable[..., None]:
    """Take pictures of whole pages where a folder is named for them: REFORM_PAGES=/tmp/pages."""
    folder = os.environ.get("REFORM_PAGES")

    def take(someone: Someone, name: str) -> None:
        if folder:
            someone.picture(ROOT / folder / f"{name}.png", whole=True)

    return take
