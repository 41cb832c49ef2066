"""Secrets: our masking beside the peers that are installed (`pip install detect-secrets kingfisher-secret-scanner`).

On the same corpus: what each finds of the secrets, what it takes for one and is none, the time for 3,000 characters.
The corpus is ours, and so it knows our kinds best.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

LENGTH = 3000

#: Whether a text holds `secret`, or anything that is taken for one when none is given.
Finds = Callable[[str, str], bool]


def ours() -> Finds:
    from bot.rules import secrets

    def finds(text: str, secret: str) -> bool:
        masked, count = secrets.mask(text)
        return secret not in masked if secret else count > 0

    return finds


def detect_secrets() -> Finds:
    from detect_secrets.core import scan
    from detect_secrets.settings import default_settings

    def finds(text: str, secret: str) -> bool:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file, default_settings():
            file.write(text)
            file.flush()
            found = [each.secret_value or "" for each in scan.scan_file(file.name)]
        return bool(found) if not secret else any(each in text and len(each) > 3 for each in found)

    return finds


def kingfisher() -> Finds:
    from kingfisher_sdk import Rules, Scanner

    scanner = Scanner(Rules(cache=False), dedup=False)

    def finds(text: str, secret: str) -> bool:
        return any(each.visible for each in scanner.scan(text.encode()))

    return finds


def main() -> None:
    import pasted

    from classifiers import train

    true, false = pasted.true(), pasted.false()
    words = " ".join(text for text, _ in train.corpus())[:LENGTH]
    log = "\n".join(case.text for case in false if case.kind in ("log line", "code"))[:LENGTH]
    print(f"{'':16}{'found of':>12}{'false of':>12}{'prose':>10}{'a log':>10}")
    print(f"{'':16}{len(true):>12}{len(false):>12}  3,000 characters each")
    for name, module, load in (
        ("ours", "bot", ours),
        ("detect-secrets", "detect_secrets", detect_secrets),
        ("kingfisher", "kingfisher_sdk", kingfisher),
    ):
        if find_spec(module) is None:
            print(f"{name:16}  not installed")
            continue
        finds = load()
        found = sum(finds(case.text, case.secret) for case in true)
        wrong = sum(finds(case.text, "") for case in false)
        times = [_milliseconds(finds, text) for text in (words, log)]
        print(f"{name:16}{found / len(true):>12.1%}{wrong / len(false):>12.2%}{times[0]:>7.1f} ms{times[1]:>7.1f} ms")


def _milliseconds(finds: Finds, text: str) -> float:
    taken = []
    for _ in range(15):
        begun = time.perf_counter()
        finds(text, "")
        taken.append(time.perf_counter() - begun)
    return 1000 * sorted(taken)[7]


if __name__ == "__main__":
    main()
