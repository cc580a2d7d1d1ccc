"""Two who read a split text (仅班子): both accept it, either returns it (docs/decisions/0035)."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.actions.examination_readers import waiting_key
from campaigns.models import Act, Examination, PartVerdict, Reader, Submission, parts
from reform.actions import notices, trail
from reform.errors import Refused
from reform.models import Actor, User

Part = PartVerdict.Part


def reads_whole(examination: Examination, actor: Actor) -> bool:
    """Whether the actor reads the parts marked 仅班子: he wrote it, or was told of as such."""
    if examination.author.person_id == actor.user.person_id:
        return True
    mine = Reader.objects.for_actor(actor).filter(examination=examination)
    return mine.filter(whole=True).exists()


def waits(last: Submission, *, whole: bool) -> bool:
    """Whether accepting it leaves the other reader's part open."""
    if not parts.is_marked(last.content):
        return False
    given = set(last.part_verdicts.values_list("part", flat=True))
    mine, other = (Part.WHOLE, Part.BRANCH) if whole else (Part.BRANCH, Part.WHOLE)
    if mine in given and (not whole or _has_branch(last)):
        raise Refused(f"您的部分已审阅通过，等{Part(other).label}的阅看人审阅。")
    return other not in given and (not whole or _has_branch(last))


def _has_branch(last: Submission) -> bool:
    """Whether somebody of the branch is to read his part: named then, and not gone since."""
    rows = last.examination.readers.filter(whole=False, until=None)
    return last.is_split and rows.exists()


def give(
    last: Submission,
    *,
    whole: bool,
    comment: str,
    ticks: Sequence[str],
    by: Actor,
    at: datetime,
) -> PartVerdict:
    """Keep that one of the two has accepted; the verdict falls with the other. Asks nobody."""
    row = last.examination
    made = PartVerdict.objects.create(
        submission=last,
        part=Part.WHOLE if whole else Part.BRANCH,
        comment=comment,
        ticks=list(ticks),
        by=by.user,
        by_name=by.user.name,
        by_post=by.user.post,
        author=row.author,
        at=at,
    )
    trail.record(Act.EXAMINATION_CONSENTED, row, by=by, at=at, say=str(made))
    notices.settle(waiting_key(last), at=at, only=User.objects.filter(pk=by.user.pk))
    return made
