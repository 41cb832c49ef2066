"""What people typed: taken in once, and kept whole."""

from __future__ import annotations

import re
import unicodedata

#: C0 and C1 controls but tab and newline, zero-width and bidirectional marks, lone surrogates. Joiners (U+200C, U+200D)
#: stay: emoji and several scripts are written with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

#: Every way to end a line; Slack shows some of them as nothing at all.
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

#: What Slack makes of what it recognises: `<@U024BE7LH|anna>`, `<https://a.com>`, `<http://a.com|a.com>`.
#: A link whose label says something else than its address is left as it is.
_NAMED = re.compile(r"<([@#])\w+\|([^|<>]+)>")
_ADDRESS = re.compile(r"<((?:https?://|mailto:)[^\s|<>]+)>")
_LABELLED = re.compile(r"<(?:https?://|mailto:)([^\s|<>]+)\|\1>")

_EMOJI_CODE = re.compile(r":[a-z0-9_+'-]+:(?::skin-tone-[2-6]:)?", re.IGNORECASE)


def received(raw: str) -> str:
    """The text of a command or a message, as Slack sends it → what the person typed.

    Slack escapes `&`, `<` and `>` on the way to us, and only those; here they are undone, exactly once. Around
    addresses and names that it recognised it puts `<…>`, and takes it off again when it shows them; so do we. What is
    typed into a form comes as it is and needs only `clean`.
    """
    raw = _LABELLED.sub(r"\1", _ADDRESS.sub(r"\1", _NAMED.sub(r"\1\2", raw)))
    return clean(raw.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def clean(typed: str) -> str:
    """Without what cannot be seen, or would turn the reading direction of what stands around it."""
    return _INVISIBLE.sub("", _LINE_END.sub("\n", typed)).strip()


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in it, emoji codes aside."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in _EMOJI_CODE.sub("", text))
