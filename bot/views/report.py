"""What the person who reported something is told at once, and may set right with one tap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.views import blocks, figures, form
from bot.views.blocks import Block, Message
from bot.views.words import parts

#: What one tap says that it cost, in minutes: some of what the form has.
COSTS = {"5": "Cost me 5 min", "30": "30 min", "120": "2 h", "480": "a day"}

#: What stands for an area in the menu where somebody would rather know why. No area's key looks like this.
WHY = "?"


@dataclass(frozen=True, slots=True)
class Alike:
    """A cluster that a report may be the same as. `suggestion`: what the answer is to."""

    suggestion: int
    handle: str
    title: str
    developers: int


@dataclass(frozen=True, slots=True)
class Workaround:
    """How to do without until it is fixed, and who said so when; `by` is empty when nobody knows their name."""

    fact_id: int
    words: str
    by: str
    day: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a report. `areas`: all there are, likeliest first; `unsure`: ask which; `alike`: ask whether, the
    likeliest first; `minutes`: what they said it cost, None: nothing yet."""

    report_id: int
    handle: str
    area: str
    areas: tuple[str, ...]
    unsure: bool
    developers: int
    alone: bool
    words: str
    masked: int
    private: bool
    alike: tuple[Alike, ...] = ()
    workaround: Workaround | None = None
    minutes: int | None = None


def filed(report: Filed, *, news: str = "", flagged_by: str = "", undo: int | None = None) -> Message:
    """The private answer to the reporter. `news`: what their last tap did, and `undo` the decision, if it was one;
    `flagged_by`: who captured their message."""
    headline = _headline(report)
    opening = (
        f"{flagged_by} flagged your message as friction, so that the platform team sees it." if flagged_by else news
    )
    layout: list[Block] = []
    if opening:
        back = (
            blocks.button("Undo that", "fact_undo", f"{undo}:report:{report.report_id}") if undo is not None else None
        )
        layout.append(blocks.words(opening, back))
    layout.append(blocks.line(_bold_handle(headline, report.handle)))
    if report.words:
        layout.append(blocks.quote(report.words))
    without = _without(report.workaround)
    layout += [blocks.words(each) for each in without]
    layout += [blocks.small(note) for note in _notes(report)]
    layout += _question(report)
    layout += _controls(report, flagged=bool(flagged_by))
    said = blocks.quoted(report.words) if report.words else ""
    spoken = " ".join(
        filter(
            None,
            (
                blocks.escape(opening),
                headline,
                *map(blocks.escape, (said, *without)),
                *_notes(report),
                blocks.escape(_asked(report.alike)),
            ),
        )
    )
    return Message(spoken, layout)


def answers(value: str) -> list[Block]:
    """Whether two clusters are the same, by one tap. `value`: the suggestion that it answers, and where it is shown."""
    return [blocks.button("Same", "suggest_same", value), blocks.button("Different", "suggest_different", value)]


def _question(report: Filed) -> list[Block]:
    """What it may be the same as: one by Same or Different; of several, each by its Same, or none of them."""
    values = [f"{each.suggestion}:report:{report.report_id}" for each in report.alike]
    if len(report.alike) < 2:
        return [blocks.words(_asked(report.alike)), blocks.row(answers(values[0]))] if values else []
    each = [
        blocks.words(_named(alike), blocks.button("Same", "suggest_same", value))
        for alike, value in zip(report.alike, values, strict=True)
    ]
    none = blocks.button("None of these", "suggest_none", f"{report.report_id}:report:{report.report_id}")
    return [blocks.words("Same as one of these?"), *each, blocks.row([none])]


def _asked(alike: Sequence[Alike]) -> str:
    """`Same as F-9 “Gateway answers 500 with no body” (4 developers)?`"""
    if not alike:
        return ""
    return f"Same as {'one of these: ' if len(alike) > 1 else ''}{'; '.join(map(_named, alike))}?"


def _named(alike: Alike) -> str:
    return f"{alike.handle} “{alike.title}” ({blocks.count(alike.developers, 'developer')})"


def filed_unnamed(report: Filed) -> Message:
    """The answer to somebody who did not want to be named: nothing to press, for nothing knows whom it was for."""
    headline = _headline(replace(report, unsure=False, alike=()))
    notes = [
        "Your name is not stored with it, so only you know that it is yours. A vote of yours would count you once more."
    ]
    notes += [rotate(report.masked)] if report.masked else []
    without = _without(report.workaround)
    return Message(
        " ".join([f"{headline}.", *map(blocks.escape, without), *notes]),
        [
            blocks.line(_bold_handle(headline, report.handle)),
            blocks.quote(report.words),
            *map(blocks.words, without),
            *(blocks.small(each) for each in notes),
        ],
    )


def how_to_do_without(handle: str, found: Workaround) -> Message:
    """What somebody is told who voted for what there is a workaround for."""
    text = f"You voted for {handle}. {' '.join(_without(found))}"
    return Message(blocks.escape(text), [blocks.words(text)])


def _without(found: Workaround | None) -> list[str]:
    """`Until it is fixed: use deploy --confirm instead. (Tina, 3 Nov)`"""
    if found is None:
        return []
    return [f"Until it is fixed: {found.words} ({', '.join(filter(None, (found.by, found.day)))})"]


def flag_taken(report: Filed, author: str) -> Message:
    """What somebody is told who flagged a colleague's message. `author`: their name, empty when it is not known."""
    headline = _headline(replace(report, unsure=False, alike=()))
    thanks = f"That was {author}’s message; your flag counts as a vote." if author else "Saving it counts as your vote."
    spoken = f"{headline}. {blocks.escape(thanks)}"
    return Message(spoken, [blocks.line(_bold_handle(headline, report.handle)), blocks.words(thanks)])


def flag_known(handle: str, developers: int) -> Message:
    """What somebody is told who flagged what had been flagged before."""
    text = f"That is {handle} already · {_have(developers)}. Your flag counts as a vote."
    return Message(text, [blocks.line(_bold_handle(text, handle))])


def sentence(text: str) -> Message:
    """One sentence of ours with nothing to press."""
    return Message(blocks.escape(text), [blocks.words(text)])


def handed_back(why: str, words: str) -> Message:
    """A sentence, and the person's own words again, so that nothing they typed is lost."""
    spoken = f"{why} Your text: {parts(words, 9000)[0]}"
    return Message(blocks.escape(spoken), [blocks.words(why), *blocks.whole(words)])


def rotate(masked: int) -> str:
    """What somebody is told who pasted secrets: so many were removed, and what is left to be done."""
    if masked == 1:
        return "I removed a secret before saving. It may still stand in Slack: please rotate it."
    return f"I removed {masked} secrets before saving. They may still stand in Slack: please rotate them."


def _headline(report: Filed) -> str:
    where = f"Filed {'as' if report.alone else 'in'} {report.handle}"
    people = "you are the first to report it" if report.alone and report.developers <= 1 else _have(report.developers)
    if report.unsure:
        ending = "" if report.alone and report.developers <= 1 else f" · {people}"
        return f"{where}{ending}. Which part of the platform is it?"
    if report.alike and report.alone:
        return f"{where} · {report.area}"
    return f"{where} · {report.area} · {people}"


def _have(developers: int) -> str:
    return f"{blocks.count(developers, 'developer')} {'has' if developers == 1 else 'have'} this now"


def _bold_handle(headline: str, handle: str) -> str:
    return headline.replace(handle, f"*{handle}*", 1)


def _notes(report: Filed) -> list[str]:
    notes = []
    if report.masked:
        notes.append(rotate(report.masked))
    if report.private:
        notes.append("You wrote this in a private place: it is counted, and its words are shown to nobody else.")
    if report.minutes is not None:
        notes.append(f"It cost you {form.LOSSES.get(str(report.minutes), figures.spent(report.minutes))}.")
    if len(report.words) > blocks.QUOTED:
        notes.append(f"Shown are the first lines; all {len(report.words):,} characters are kept.")
    return notes


def _controls(report: Filed, *, flagged: bool) -> list[Block]:
    key = str(report.report_id)
    after = [
        *([blocks.button("Fine", "report_fine", key)] if flagged else []),
        *([] if report.alone else [blocks.button("Not the same problem", "report_apart", key)]),
        blocks.button("Add detail", "report_detail", key),
        *([blocks.button("Show my words on the card", "report_release", key)] if report.private else []),
        blocks.button("Withdraw" if flagged else "Undo", "report_undo", key),
    ]
    cost = [] if report.minutes is not None else [_cost(key)]
    if not report.unsure:
        return [*cost, blocks.row([_area_menu(report), *after])]
    choices = [blocks.button(area, f"report_area_{area}", f"{key}:{area}") for area in report.areas]
    choices.append(blocks.button("none of these", "report_area_unsorted", f"{key}:unsorted"))
    return [blocks.row(choices), *cost, blocks.row(after)]


def _cost(report_id: str) -> Block:
    """What it cost, by one tap; whatever is more has room in the form."""
    taps = [
        blocks.button(label, f"report_cost_{minutes}", f"{report_id}:{minutes}") for minutes, label in COSTS.items()
    ]
    return blocks.row([*taps, blocks.button("more", "report_detail", report_id)])


def _area_menu(report: Filed) -> Block:
    key = report.report_id
    options = [blocks.option(area, f"{key}:{area}") for area in (*report.areas, "unsorted") if area != report.area]
    return blocks.menu("Change area", "report_area", [*options, blocks.option(f"Why {report.area}?", f"{key}:{WHY}")])
