"""Hearing back: what became of it, for those whom it hits; and what they may answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.views import blocks, figures, status
from bot.views.blocks import Block, Message
from bot.views.words import cut

#: What people may hear of, as the settings call it.
KINDS = {
    "planned": "It is planned",
    "shipped": "It was shipped",
    "declined": "It was declined",
    "gone": "Being asked whether it is gone",
    "back": "What I look after, or fixed, is back",
}

#: The row of buttons under an answer that stands alone; what is pressed there takes its place.
ALONE = "hearing-alone"

#: What somebody said after a fix, as they read it under the question.
SAID = {"gone": "You said that it is gone.", "still": "You said that it is still there."}


@dataclass(frozen=True, slots=True)
class News:
    """One thing that somebody hears of a cluster.

    `kind`: as in the notice; `title`: what the cluster is called, empty when there is nothing to be shown; `by`: the
    name of who decided; `day`: when; `words` and `said_on`: what they reported themselves, empty when they voted.
    `now`: what the cluster is instead, after it was taken back; `people`: how many have it again. `answer`: what they
    said after the fix; `muted` and `left`: whether they want to hear no more of it, or say it is no problem any more;
    `taken_back`: they reported it, or voted for it, and have taken that back.
    """

    kind: str
    fact_id: int
    cluster_id: int
    handle: str
    title: str
    status: str
    reason: str
    link: str
    by: str
    day: str
    words: str = ""
    said_on: str = ""
    now: str = "new"
    people: int = 0
    answer: str = ""
    muted: bool = False
    left: bool = False
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Concern:
    """A problem that somebody reported or voted for. `left`: they said that it is none of theirs any more."""

    cluster_id: int
    named: str
    left: bool


def message(news: Sequence[News]) -> Message:
    """The direct message: what there is to tell one person, once."""
    layout, spoken = [], []
    if len(news) > 1:
        opening = f"There is news of {blocks.count(len(news), 'problem')}"
        # What is back is theirs to see to, which they may never have reported.
        opening += "." if any(each.kind == "back" for each in news) else " that you reported or voted for."
        layout.append(blocks.words(opening))
        spoken.append(opening)
    for each in news:
        if layout:
            layout.append(blocks.rule())
        layout += _one(each)
        spoken += [_said(each), *_at(each), *_yours(each), *_state(each)]
    return Message(blocks.escape(" ".join(spoken)), layout)


def deleted() -> Message:
    """What such a message says once its person has deleted all that is held about them."""
    text = "What this told you is deleted."
    return Message(text, [blocks.words(text)])


def line(handle: str, became: str, reason: str, link: str, by: str) -> Message:
    """The same for everybody, in the thread of the card. `became`: the status."""
    text = status.told(handle, became, reason, by)
    spoken = f"{text} {link}".rstrip()
    return Message(blocks.escape(spoken), [blocks.words(text), *_linked(link)])


def _said(news: News) -> str:
    """`F-12 was shipped: the deploy pages are generated from the CLI now. (Tina)`"""
    match news.kind:
        case "gone":
            return f"{news.handle} was shipped, {news.day}. Is it gone for you?"
        case "undone":
            return _undone(news.handle, news.status, news.now)
        case "back":
            people = f"{blocks.count(news.people, 'developer')} {'has' if news.people == 1 else 'have'} had it since"
            named = f"{news.handle} “{cut(news.title, 90)}”" if news.title else news.handle
            return f"{named} is back: it was shipped, {news.day}, and {people}."
    return status.told(news.handle, news.status, news.reason, news.by)


def undone(handle: str, became: str, now: str) -> Message:
    """That a status was taken back, in the thread of the card."""
    text = _undone(handle, became, now)
    return Message(text, [blocks.words(text)])


def _undone(handle: str, became: str, now: str) -> str:
    """`F-12 was not shipped after all: it is planned again.`"""
    return f"{handle} {_not(became)} after all: {status.again('it', now)}."


def _not(became: str) -> str:
    return status.BECAME.get(became, f"is {became}").replace("is ", "is not ", 1).replace("was ", "was not ", 1)


def _one(news: News) -> list[Block]:
    layout = [blocks.words(_said(news)), *[each for link in _at(news) for each in _linked(link)]]
    if news.words:
        layout += [blocks.small(f"You wrote, {news.said_on}:"), blocks.quote(news.words)]
    else:
        layout += [blocks.small_plain(each) for each in _yours(news)]
    if state := _state(news):
        layout.append(blocks.small_plain(" ".join(state)))
    return [*layout, blocks.row(_buttons(news))]


def _at(news: News) -> list[str]:
    """Where it can be followed."""
    return [news.link] if news.kind == "status" and news.link else []


def _linked(link: str) -> list[Block]:
    return [blocks.small(f"<{link}|Where to follow it>")] if link else []


def _yours(news: News) -> list[str]:
    """Why they hear of it."""
    if news.kind == "back":
        return []
    if news.words:
        return [f"You wrote, {news.said_on}: {blocks.quoted(news.words)}"]
    if news.taken_back:
        return ["What you had said about it is taken back."]
    if news.said_on:
        return [f"You reported it, {news.said_on}."]
    return [f"You voted for “{cut(news.title, 150)}”." if news.title else "You voted for it."]


def _state(news: News) -> list[str]:
    """What they have answered so far."""
    told = [SAID[news.answer]] if news.answer in SAID else []
    told += [f"You are not counted in {news.handle} any more."] if news.left else []
    return told + ([f"You hear no more about {news.handle}."] if news.muted else [])


def _buttons(news: News) -> list[Block]:
    about, cluster = f"{news.fact_id}:{news.cluster_id}", str(news.cluster_id)
    asked = news.kind == "gone" or (news.kind == "status" and news.status == "shipped")
    buttons = []
    if asked:
        gone = "Gone" if news.kind == "gone" else "Gone for me"
        buttons += [blocks.button(gone, "hearing_gone", about), blocks.button("Still there", "hearing_still", about)]
    if news.kind == "back":
        return [blocks.button("Show", "cluster_show", cluster), _mute(news)]
    return [*buttons, leaving(cluster, left=news.left, asked=asked), _mute(news)]


def leaving(cluster: str, *, left: bool, asked: bool = False) -> Block:
    """The button with which somebody says that it is no problem of theirs any more, or takes that back."""
    if left:
        return blocks.button("It still is a problem for me", "hearing_return", cluster)
    label = "No longer my thing" if asked else "Not a problem for me any more"
    return blocks.button(label, "hearing_leave", cluster)


def leaving_by_menu(theirs: Sequence[Concern]) -> list[Block]:
    """The same for many, in one row: Slack takes a hundred blocks in a Home."""
    menus = (
        ("What else is no problem any more", "hearing_leave", False),
        ("What is a problem again", "hearing_return", True),
    )
    row = []
    for label, action, left in menus:
        if options := [blocks.option(each.named, str(each.cluster_id)) for each in theirs if each.left == left]:
            row.append(blocks.menu(label, action, options))
    return [blocks.row(row)] if row else []


def _mute(news: News) -> Block:
    if news.muted:
        return blocks.button(f"Unmute {news.handle}", "hearing_unmute", str(news.cluster_id))
    return blocks.button(f"Mute {news.handle}", "hearing_mute", str(news.cluster_id))


def left(handle: str, cluster: str, *, left: bool) -> Message:
    """What somebody is told who says so where no news is. `left`: or takes it back."""
    text = f"You are not counted in {handle} any more." if left else f"You are counted in {handle} again."
    button = leaving(cluster, left=left)
    return Message(text, [blocks.words(text), blocks.row([button]) | {"block_id": ALONE}])


def choice(muted: Collection[str]) -> list[Block]:
    """What somebody wants to hear of, to be ticked where it stands."""
    options = [blocks.option(label, kind) for kind, label in KINDS.items()]
    ticked = [each for each in options if each["value"] not in muted]
    boxes: Block = {"type": "checkboxes", "action_id": "hearing_kinds", "options": options}
    boxes |= {"initial_options": ticked} if ticked else {}
    return [
        blocks.line("I write to you, once, when something that you reported or voted for moves:"),
        blocks.row([boxes]),
    ]


def unnamed(news: Sequence[News]) -> list[Block]:
    """What became of reports without a name, for their author alone, who was known again by nothing that is stored."""
    layout = []
    for each in news:
        layout += [blocks.words(_said(each)), *_linked(each.link)]
        layout += [blocks.small(f"You wrote, {each.said_on}, without your name:"), blocks.quote(each.words)]
    return layout


def concerns(theirs: Sequence[Concern]) -> list[Block]:
    """What somebody has, each with the button to say that they have it no more."""
    return [blocks.words(cut(each.named, 200), leaving(str(each.cluster_id), left=each.left)) for each in theirs]


def counted_twice(handles: Sequence[str]) -> list[str]:
    """What somebody is told, and nobody else, who reported something without their name and votes for it, too."""
    if not handles:
        return []
    return [
        f"Without your name you reported what you vote for as well, in {figures.listed(handles)}: you count twice. "
        "Take your reaction off to count once."
    ]


def mine(said: Message, theirs: Sequence[Concern], hidden: Sequence[News], twice: Sequence[str] = ()) -> Message:
    """What one person has reported, `said`; what is counted for them; and, to them alone, what they reported without
    their name, and the handles of what they vote for `twice`, as it were."""
    layout: list[Block] = []
    spoken = [said.text, *counted_twice(twice)]
    layout += [blocks.small(each) for each in counted_twice(twice)]
    if hidden:
        layout += [blocks.rule(), *unnamed(hidden)]
        spoken += [
            blocks.escape(f"{_said(each)} You wrote, without your name: {blocks.quoted(each.words)}") for each in hidden
        ]
    if theirs:
        layout += [blocks.rule(), blocks.words("What you are counted in, by report or by vote"), *concerns(theirs)]
        spoken += ["You are counted in:", *(blocks.escape(f"{each.named}.") for each in theirs if not each.left)]
    # Slack draws no more than fifty; a report of the list above is two of them.
    kept = (49 - len(layout)) // 2 * 2 + 1
    return Message(" ".join(spoken), [*said.blocks[:kept], *layout])


def gone(fixed: tuple[int, int, int | None]) -> list[str]:
    """`asked 14`, `answered 9`, `gone 7`, never a share; `fixed`: these numbers, the last None of too few answers."""
    asked, answered, gone = fixed
    if not asked:
        return []
    return [f"asked {asked}", f"answered {answered}", *([] if gone is None else [f"gone {gone}"])]
