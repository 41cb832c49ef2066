"""How both classifiers read a report: cleaned, cut into pieces, stemmed, with its identifiers named by their shape.

Nothing here raises, whatever the text. Only the first `LIMIT` characters count; a report is a sentence, not a log file.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from classifiers import lexicon

LIMIT = 5_000  # characters of a report that are read
OPENING = 3  # words at the beginning that are also features of their own: "add", "cannot", "thanks"
LONGEST = 80  # characters of one piece that are read; longer ones are hashes and base64

_SLACK = re.compile(
    r"<@[A-Z0-9]{1,30}(?:\|(?P<person>[^<>|]*))?>"
    r"|<[#][A-Z0-9]{1,30}(?:\|(?P<channel>[^<>|]*))?>"
    r"|<!(?P<special>[^<>]*)>"
    r"|<(?P<link>(?:https?|ftp|mailto|tel):[^<>|]*)(?:\|(?P<label>[^<>]*))?>"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_PIECE = re.compile(
    r"(?P<url>(?:https?|ftp)://[^\s<>`\"']+|www\.[^\s<>`\"']+)"
    r"|(?P<path>(?<![\w/])(?:~|\.{1,2}|[A-Za-z]:)?[\\/][\w.@-]+(?:[\\/]+[\w.@-]+)*|[\w.@-]+(?:/[\w.@-]+)+\.\w{1,5}\b)"
    r"|(?P<flag>(?<![\w-])--?[A-Za-z][\w-]*)"
    r"|(?P<run>\w+(?:(?:::|[.'@:-])\w+)*)"
)
_UUID_OR_HASH = re.compile(r"(?=.*\d)(?:[0-9a-f]{7,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z", re.I)
_CODE = re.compile(r"(?:0x[0-9a-f]+|[A-Z]{1,6}[-_]?\d{3,6}|[a-z]{2,4}-?\d{4,6}|E[A-Z]{4,15})\Z")
_EXCEPTION = re.compile(r"[\w.:]*[a-z_]{3}(?:error|exception)\Z", re.I)
_STATUS = re.compile(r"[45]\d\d\Z")
_NUMBER = re.compile(r"[\d.,:_-]+[a-z]{0,3}\Z", re.I)
_VERSION = re.compile(r"v?\d+(?:\.\d+)+[\w.+-]*\Z", re.I)
_PART = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Piece(NamedTuple):
    """One stretch of a report, as the classifiers see it."""

    words: tuple[str, ...]  # lower case, unstemmed, one spelling per synonym
    stems: tuple[str, ...]  # one for each word
    shape: str  # "" for plain words, else what kind of identifier it is, as in SHAPES
    name: str  # the identifier itself, lower case; "" when its exact spelling carries no meaning
    fused: bool = False  # the first word is the others written as one, as in camelCase
    typed: tuple[str, ...] = ()  # the words as they were spelled, lower case, one for each


SHAPES: dict[str, str] = {
    "<url>": "a link",
    "<path>": "a file path",
    "<flag>": "a command-line flag",
    "<hash>": "a hash",
    "<code>": "an error code",
    "<exception>": "an exception's name",
    "<status>": "an HTTP status",
    "<version>": "a version",
    "<number>": "a number",
    "<identifier>": "an identifier",
    "<tick>": "quoted code",
    "<lines>": "several lines",
    "<?>": "a question mark",
}


def clean(text: str) -> str:
    """The readable part of a report: NFKC, no control characters, Slack's markup replaced by what people see."""
    text = unicodedata.normalize("NFKC", _CONTROL.sub(" ", text[:LIMIT]))[:LIMIT]
    text = _SLACK.sub(_shown, text.replace("\u2019", "'"))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(markup: re.Match[str]) -> str:
    return f" {markup['label'] or markup['link'] or markup['channel'] or ''} "


def pieces(text: str) -> list[Piece]:
    """A report in reading order."""
    return [_read(match[0][:LONGEST], str(match.lastgroup)) for match in _PIECE.finditer(clean(text))]


def shapes(text: str) -> list[str]:
    """What the look of the whole report says, as keys of SHAPES: quoted code, several lines, a question."""
    seen = {"<tick>": "`" in text, "<lines>": "\n" in text.strip(), "<?>": "?" in text}
    return [shape for shape, there in seen.items() if there]


@lru_cache(maxsize=1 << 13)
def _read(piece: str, group: str) -> Piece:
    lower = piece.lower()
    if group == "url":
        return Piece((), (), "<url>", lower.split("://")[-1].rstrip("./,:;)!?"))
    if group == "path":
        return _named(re.split(r"[\\/]", piece)[-1], "<path>", lower.rstrip("./"))
    if group == "flag":
        return _named(piece, "<flag>", lower)
    if _STATUS.match(piece):
        return Piece((lower,), (lower,), "<status>", "", typed=(lower,))
    if _UUID_OR_HASH.match(piece) and not piece.isdecimal():
        return Piece((), (), "<hash>", lower)
    if _CODE.match(piece):
        return Piece((), (), "<code>", lower)
    if _VERSION.match(piece):
        return Piece((), (), "<version>", lower)
    if _NUMBER.match(piece):
        return Piece((), (), "<number>", "")
    if _EXCEPTION.match(piece):
        return _named(piece, "<exception>", lower)
    if any(mark in piece for mark in "_.:@"):
        return _named(piece, "<identifier>", lower)
    if _CAMEL.search(piece):
        return _named(piece, "<identifier>", "")  # GitHub and GraphQL look like this too: rare, yet no identifiers
    typed = tuple(word for word in lower.replace("'", "").split("-") if word)
    words = tuple(map(spelled, typed))
    return Piece(words, tuple(map(stem, words)), "", "", typed=typed)


def _named(spelling: str, shape: str, name: str) -> Piece:
    parts = [part for part in _PART.findall(_CAMEL.sub(" ", spelling).lower()) if not part.isdecimal()]
    whole = spelling.lower()
    fused = len(parts) > 1 and whole == "".join(parts)
    if fused:
        parts.insert(0, whole)  # so that people who write it in lower case meet
    words = tuple(map(spelled, parts))
    return Piece(words, tuple(map(stem, words)), shape, name, fused, tuple(parts))


def spelled(word: str) -> str:
    """The one spelling of a lower-case word that has several: k8s is kubernetes, can't is not."""
    return lexicon.SYNONYMS.get(word, word)


@lru_cache(maxsize=1 << 13)
def stem(word: str) -> str:
    """A lower-case word without its endings: installed, installer and installation are all `install`.

    A dozen suffixes, not Porter's sixty: words must only meet their own relatives, not be correct.
    """
    if len(word) <= 3 or not word.isascii():
        return word
    word = _singular(word)
    for ending, least in (("ing", 3), ("ed", 3), ("ly", 4), ("er", 4), ("ment", 5), ("ation", 4), ("ion", 4)):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= least and any(vowel in rest for vowel in "aeiouy"):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    for ending, least in (("ate", 4), ("at", 4), ("e", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    return word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=1 << 13)
def grams(word: str) -> tuple[str, ...]:
    """The stretches of 3 to 5 letters in one word, a space at either end: robust to endings and typing errors."""
    padded = f" {word} "
    return tuple(padded[at : at + size] for size in (3, 4, 5) for at in range(len(padded) - size + 1))


Phrases = dict[str, list[tuple[list[str], str]]]  # first stem -> (all stems of a phrase, what it is a phrase for)


def phrases(lists: Mapping[str, str]) -> Phrases:
    """A list of the lexicon, {meaning: "word|two words|..."}, by the stems it is found by."""
    found: Phrases = {}
    for meaning, listed in lists.items():
        for phrase in listed.split("|"):
            stems = [stem(spelled(word)) for word in phrase.split()]
            found.setdefault(stems[0], []).append((stems, meaning))
    return found


def meanings(read: Sequence[Piece], known: Phrases) -> dict[str, str]:
    """Which meanings a report has words for: {meaning: the words}."""
    stems = [stem for piece in read for stem in piece.stems]
    typed = [word for piece in read for word in piece.typed]
    return {
        meaning: " ".join(typed[at : at + len(phrase)])
        for at, first in enumerate(stems)
        for phrase, meaning in known.get(first, ())
        if stems[at : at + len(phrase)] == phrase
    }


_CONCEPTS = phrases(lexicon.CONCEPTS)


def features(report: str) -> tuple[dict[str, str], list[str]]:
    """What areas are told from: {word feature: the words it was read from}, and letter grams, repeated as they occur.

    Word features are stems, pairs of neighbouring stems, shapes, how the report opens, and the concepts of the lexicon.
    """
    read = pieces(report)
    row: list[tuple[str, str]] = []
    letters: list[str] = []
    for piece in read:
        if piece.shape:
            row.append((piece.shape, piece.name or SHAPES[piece.shape]))
        row.extend(zip(piece.stems, piece.typed, strict=True))
        for word in piece.words:
            letters.extend(grams(word))
    pairs = {f"{a} {b}": f"{left} {right}" for (a, left), (b, right) in pairwise(row)}
    opening = {f"^{part}": shown for part, shown in [*row[:OPENING], *list(pairs.items())[:1]]}
    looks = {shape: SHAPES[shape] for shape in shapes(report)}
    return dict(row) | pairs | opening | meanings(read, _CONCEPTS) | looks, letters
