"""Every limit of Slack's that a message or a view of ours could break, most of which its SDK does not check.

Sources, as in slack-facts: D = docs.slack.dev, SDK = slack_sdk.models, P5 = tried: Slack refuses it, the SDK does not.
Each check answers with complaints; none is good.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

Thing = dict[str, Any]

TEXT = 40_000  # D 1.6: a message's text is cut beyond that
BLOCKS = {"message": 50, "modal": 100, "home": 100}  # D block-kit/blocks; SDK View
VIEW_BYTES = 250_000  # REF views.publish: view_too_large
HOLDS_TEXT = {"section": 3000, "header": 150}  # SDK SectionBlock, HeaderBlock
FIELDS, FIELD = 10, 2000  # SDK SectionBlock; P5: the length of a field
ELEMENTS = {"actions": 25, "context": 10}  # SDK ActionsBlock, ContextBlock
IDS = 255  # SDK Block, InteractiveElement, View
LABEL = 2000  # SDK InputBlock: label and hint
PLACEHOLDER = 150  # SDK InputInteractiveElement
BUTTON = {"value": 2000, "url": 3000, "accessibility_label": 75}  # SDK ButtonElement
BUTTON_TEXT = 75  # SDK ButtonElement
OPTION = {"text": 75, "value": 150, "description": 75}  # SDK Option
OPTIONS = {"static_select": 100, "multi_static_select": 100, "checkboxes": 10, "radio_buttons": 10, "overflow": 5}
INPUT = 3000  # D plain_text_input: min_length, max_length; the SDK checks neither
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}  # SDK ConfirmObject
TITLES = 24  # SDK View: title, submit, close
METADATA = 3000  # SDK View: private_metadata
CHARTS = 2  # found out by others who asked Slack: github.com/vercel/chat/pull/696
CHART = {"title": 50, "label": 50, "name": 20}  # D block-kit/blocks/data-visualization-block, as the next line
SERIES, CATEGORIES = 6, 20
KNOWN = {"section", "header", "context", "actions", "input", "divider", "data_visualization"}  # more once we use more


def of_message(text: str, blocks: list[Thing]) -> list[str]:
    """What Slack would object to in a message."""
    found = [] if text.strip() else ["text is empty, and screen readers read nothing else (D 1.6)"]
    found += _longer("text", text, TEXT)
    return [*found, *_layout("message", blocks)]


def of_view(view: Thing) -> list[str]:
    """What Slack would object to in a form or a home."""
    kind = view.get("type", "")
    if kind not in ("modal", "home"):
        return [f"a view of type {kind!r}"]
    found = list(_layout(kind, view.get("blocks", [])))
    found += _longer("callback_id", view.get("callback_id", ""), IDS)
    found += _longer("private_metadata", view.get("private_metadata", ""), METADATA)
    for part in ("title", "submit", "close"):
        if part in view:
            found += _text(part, view[part], TITLES, plain=True)
            if kind == "home":
                found.append(f"a home has no {part} (SDK View)")
    if kind == "modal" and "title" not in view:
        found.append("a modal without a title")
    if kind == "modal" and "submit" not in view and any(block.get("type") == "input" for block in view["blocks"]):
        found.append("a modal with an input needs submit (P5)")
    if (size := len(json.dumps(view, ensure_ascii=False).encode())) > VIEW_BYTES:
        found.append(f"the view has {size} bytes, over {VIEW_BYTES}")
    return found


def text_objects(thing: Any, kind: str) -> Iterator[Thing]:
    """The text objects of this kind (`mrkdwn`, `plain_text`), wherever in `thing` they stand."""
    if isinstance(thing, dict):
        if thing.get("type") == kind and isinstance(thing.get("text"), str):
            yield thing
        thing = list(thing.values())
    if isinstance(thing, list):
        for each in thing:
            yield from text_objects(each, kind)


def texts(thing: Any, kind: str) -> list[str]:
    """What they say."""
    return [each["text"] for each in text_objects(thing, kind)]


def _layout(kind: str, blocks: list[Thing]) -> Iterator[str]:
    if not 1 <= len(blocks) <= BLOCKS[kind]:
        yield f"{len(blocks)} blocks in a {kind}; 1 to {BLOCKS[kind]} are allowed"
    yield from _twice("block_id", [block["block_id"] for block in blocks if "block_id" in block])
    charts = sum(block.get("type") == "data_visualization" for block in blocks)
    if charts > (CHARTS if kind == "message" else 0):
        yield f"{charts} charts in a {kind}"
    for number, block in enumerate(blocks, 1):
        for complaint in _block(block):
            yield f"block {number} ({block.get('type')}): {complaint}"


def _block(block: Thing) -> Iterator[str]:
    kind = block.get("type", "")
    if kind not in KNOWN:
        yield "this checker does not know that type"
    yield from _longer("block_id", block.get("block_id", "-"), IDS)
    if kind in HOLDS_TEXT and ("text" in block or "fields" not in block):
        yield from _text("text", block.get("text"), HOLDS_TEXT[kind], plain=kind == "header")
    if kind == "data_visualization":
        yield from _chart(block)
    fields = block.get("fields", [])
    if len(fields) > FIELDS:
        yield f"{len(fields)} fields, over {FIELDS}"
    for field in fields:
        yield from _text("field", field, FIELD)
    elements = _elements(block)
    if kind in ELEMENTS and not 1 <= len(elements) <= ELEMENTS[kind]:
        yield f"{len(elements)} elements; 1 to {ELEMENTS[kind]} are allowed"
    if kind == "input":
        yield from _text("label", block.get("label"), LABEL, plain=True)
        if "hint" in block:
            yield from _text("hint", block["hint"], LABEL, plain=True)
    yield from _twice("action_id", [each["action_id"] for each in elements if "action_id" in each])
    for element in elements:
        yield from _element(element, interactive=kind != "context")


def _chart(block: Thing) -> Iterator[str]:
    """The charts that we draw; Slack has pies, too."""
    chart = block.get("chart", {})
    axes = chart.get("axis_config", {})
    categories, series = axes.get("categories", []), chart.get("series", [])
    yield from _longer("title", block.get("title", ""), CHART["title"], least=1)
    if chart.get("type") not in ("line", "bar", "area"):
        yield f"a chart of type {chart.get('type')!r}"
    for part in ("x_label", "y_label"):
        yield from _longer(part, axes.get(part, "-"), CHART["label"], least=1)
    if not 1 <= len(categories) <= CATEGORIES:
        yield f"{len(categories)} categories; 1 to {CATEGORIES} are allowed"
    if not 1 <= len(series) <= SERIES:
        yield f"{len(series)} series; 1 to {SERIES} are allowed"
    yield from _twice("category", categories)
    yield from _twice("series", [each.get("name") for each in series])
    for name in [*categories, *(each.get("name", "") for each in series)]:
        yield from _longer("name", name, CHART["name"], least=1)
    for each in series:
        if [point.get("label") for point in each.get("data", [])] != categories:
            yield "a series without exactly one point for each category"
        if not all(type(point.get("value")) in (int, float) for point in each.get("data", [])):
            yield "a point without a number"


def _elements(block: Thing) -> list[Thing]:
    alone = [block[place] for place in ("accessory", "element") if place in block]
    return alone + list(block.get("elements", []))


def _element(element: Thing, *, interactive: bool) -> Iterator[str]:
    kind = element.get("type", "")
    if not interactive:
        yield from _text("element", element, 3000)
        return
    yield from _longer("action_id", element.get("action_id", ""), IDS, least=1)
    if "placeholder" in element:
        yield from _text("placeholder", element["placeholder"], PLACEHOLDER, plain=True)
    if "confirm" in element:
        for part, most in CONFIRM.items():
            yield from _text(f"confirm {part}", element["confirm"].get(part), most)
    if kind == "button":
        yield from _text("button", element.get("text"), BUTTON_TEXT, plain=True)
        for part, most in BUTTON.items():
            yield from _longer(f"button {part}", element.get(part, "-"), most)
        if element.get("style", "primary") not in ("primary", "danger"):
            yield f"a button of style {element['style']!r}"
    elif kind == "plain_text_input":
        if not 1 <= element.get("max_length", INPUT) <= INPUT or not 0 <= element.get("min_length", 0) <= INPUT:
            yield f"max_length or min_length beyond {INPUT}"
        yield from _longer("initial_value", element.get("initial_value", "-"), element.get("max_length", INPUT))
    elif kind == "users_select":
        yield from _longer("initial_user", element.get("initial_user", "U1"), IDS, least=1)
    elif kind == "datepicker":
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", element.get("initial_date", "2026-11-24")):
            yield f"initial_date {element['initial_date']!r} is not written YYYY-MM-DD"
    elif kind in OPTIONS:
        yield from _options(element, OPTIONS[kind])
    else:
        yield f"this checker does not know the element {kind!r}"


def _options(element: Thing, most: int) -> Iterator[str]:
    options = element.get("options", [])
    if not 1 <= len(options) <= most:
        yield f"{len(options)} options in {element['type']}; 1 to {most} are allowed"
    yield from _twice("option value", [option.get("value") for option in options])
    for option in options:
        # Options of checkboxes may be mrkdwn; none of ours are.
        yield from _text("option", option.get("text"), OPTION["text"], plain=True)
        yield from _longer("option value", option.get("value", ""), OPTION["value"], least=1)
        if "description" in option:
            yield from _text("option description", option["description"], OPTION["description"], plain=True)
    chosen = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    if "initial_options" in element and not chosen:
        yield "initial_options may not be empty; leave it out"
    if any(each not in options for each in chosen):
        yield "an initial option that is not among the options"


def _text(name: str, text: Any, most: int, *, plain: bool = False) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{name} is no text object"
        return
    if plain and text["type"] != "plain_text":
        yield f"{name} must be plain_text"
    if "verbatim" in text and text["type"] == "plain_text":
        yield f"{name}: plain_text has no verbatim"
    if "emoji" in text and text["type"] == "mrkdwn":
        yield f"{name}: mrkdwn has no emoji"
    if not text.get("text", "").strip():
        yield f"{name} is empty"
    yield from _longer(name, text.get("text", ""), most)


def _longer(name: str, said: str, most: int, *, least: int = 0) -> Iterator[str]:
    if not least <= len(said) <= most:
        yield f"{name} has {len(said)} characters; {least} to {most} are allowed"


def _twice(name: str, given: list[Any]) -> Iterator[str]:
    for value, count in Counter(given).items():
        if count > 1:
            yield f"{name} {value!r} occurs {count} times"
