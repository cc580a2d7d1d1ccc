"""What is said beside a sheet (提示): hints on its wording, and texts that it is like.

Worked out anew each time, never kept: to the author before he submits, to whoever reviews after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from campaigns.actions import examination_reviews, likenesses
from campaigns.models import Examination, KeptText, answers, hints
from campaigns.models.hints import Code, Hint, Part
from campaigns.models.word_list import WordList, lines_of
from reform.models import Actor

Mode = answers.Mode
NAMED = "{name}提交的材料"


@dataclass(frozen=True)
class Said:
    """A hint, and the part of the sheet it is about."""

    place: str
    hint: Hint


@dataclass(frozen=True)
class Like:
    """Another text it is like, and the passages: of this text, and of the other where it may be
    read."""

    words: str
    passages: list[tuple[str, str]]


@dataclass(frozen=True)
class Advice:
    hints: list[Said]
    alike: list[Like]

    @property
    def is_silent(self) -> bool:
        return not self.hints and not self.alike


def to_author(examination: Examination, sheet: answers.Sheet, *, on: date) -> Advice:
    """Return what the author is told: of a colleague's text no name and no word but his own."""
    text, alike = _alike(examination, sheet)
    told = [Like(one.words, [(quote, "") for quote in one.quotes(text)]) for one in alike]
    return Advice(_hints(examination, sheet, on=on), told)


def to_reviewer(examination: Examination, sheet: answers.Sheet, *, by: Actor, on: date) -> Advice:
    """Return what a reviewer is told: the name and both sides where he reads the other text, too,
    and its author knows."""
    text, alike = _alike(examination, sheet)
    kept = KeptText.objects.filter(pk__in=[one.kept for one in alike]).select_related("author")
    rows = {row.pk: row for row in kept}
    sources = [row.source for row in rows.values() if row.kind == KeptText.Kind.EXAMINATION]
    others = Examination.objects.readable_by(by).filter(pk__in=sources)
    readable = {other.pk for other in others if examination_reviews.is_told(other, by)}
    told = []
    for one in alike:
        row = rows[one.kept]
        sides = [(text[at.start : at.end], "") for at in one.passages]
        words = one.words.replace("您本人", "本人")
        if row.kind == KeptText.Kind.EXAMINATION and row.source in readable and row.author:
            sides = [
                (text[at.start : at.end], row.text[at.other_start : at.other_end])
                for at in one.passages
            ]
            words = words.replace(
                likenesses.Alike.COLLEAGUE.label, NAMED.format(name=row.author.name)
            )
        told.append(Like(words, sides))
    return Advice(_hints(examination, sheet, on=on), told)


def _alike(examination: Examination, sheet: answers.Sheet) -> tuple[str, list[likenesses.Likeness]]:
    text = answers.plain(sheet)
    return text, likenesses.found(
        text,
        campaign=examination.campaign,
        author=examination.author,
        organization=examination.organization,
    )


def _hints(examination: Examination, sheet: answers.Sheet, *, on: date) -> list[Said]:
    general = lines_of(examination.campaign, WordList.Kind.GENERAL)
    found = [
        Said(place or str(hint.part.label), hint)
        for place, parts in _answers(sheet)
        for hint in hints.of(parts, general=general, on=on)
    ]
    # A day and a result do not make a case of general words.
    what = sheet["texts"].get(answers.CASE[0][0], "")
    alone = hints.of({Part.CASE: what}, general=general, on=on)
    known = {said.hint.code for said in found if said.hint.part == Part.CASE}
    words = [one for one in alone if one.code == Code.GENERAL and one.code not in known]
    return [*(Said(str(one.part.label), one) for one in words), *found]


def _answers(sheet: answers.Sheet) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (heading, parts) of each answer of the sheet."""
    texts = sheet["texts"]
    if sheet["mode"] == Mode.QUESTIONS:
        for pk, words, finds in sheet["questions"]:
            if finds and (text := texts.get(f"answer_{pk}")):
                yield words, {Part.CASE: text}
    elif sheet["mode"] == Mode.EACH:
        for pk, name, _ in sheet["items"]:
            parts = (Part.CASE, Part.CAUSE, Part.MEASURES)
            said = {part: texts.get(f"part_{pk}_{n}", "") for n, part in enumerate(parts)}
            yield name, {part: text for part, text in said.items() if text}
    else:
        yield "", _told_once(texts)


def _told_once(texts: dict[str, str]) -> dict[str, str]:
    case = [texts.get(name, "") for name, _, _ in answers.CASE]
    measures = [text for name, text in sorted(texts.items()) if name.startswith("measures")]
    said = {
        Part.CASE: "。".join(text for text in case if text),
        Part.CAUSE: texts.get("cause", ""),
        Part.MEASURES: "\n".join(measures),
        Part.LESSON: texts.get("lesson", ""),
    }
    return {part: text for part, text in said.items() if text}
