"""The `friction` command: what it prints, what it reads, and that it is sorry in one sentence."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import logging
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ANA, BACKEND, BEN, CARDS, DOCS, DOCS_TOO, ELSEWHERE, LEA, TIM, VPN, Team
from fakes import slack as fakes
from fakes.slack import FakeSlack, refused

from bot import cli
from bot import clock as clocks
from bot.flows import export, outbox
from classifiers import grouping
from classifiers.area import AreaClassifier
from storage import workspaces

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Friction = Callable[..., Awaitable[Ended]]


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Any:
    """The real one: commands run by it."""

    class Real:
        def __call__(self) -> Any:
            return clocks.now()

        def forward(self, **_: float) -> Any:
            return clocks.now()

    return Real()


@pytest.fixture
def environment(
    slack: FakeSlack, database_url: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything `.env` asks for, and nobody's `.env` in sight."""
    monkeypatch.chdir(tmp_path)
    settings = {
        "SLACK_BOT_TOKEN": fakes.BOT_TOKEN,
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": "signing-secret",
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": database_url,
        "FRICTION_CHANNEL": "friction",
        "FRICTION_CACHE": str(cache),
        "LEADS": LEA,
        "ADMINS": "",
        "AREAS_FILE": "",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def logs_as_they_were() -> Iterator[None]:
    """The command sets up logging for a process of its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def friction(environment: None, logs_as_they_were: None, monkeypatch: pytest.MonkeyPatch) -> Friction:
    """Type `friction …`, in a thread: the fake Slack answers meanwhile."""

    def run(words: tuple[str, ...], typed: str) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as typing:
            typing.setattr(sys, "argv", ["friction", *words])
            typing.setattr(sys, "stdin", io.StringIO(typed))
            typing.setattr(sys, "stdout", out)
            typing.setattr(sys, "stderr", err)
            try:
                cli.main()
            except SystemExit as ended:
                return Ended(int(ended.code or 0), out.getvalue(), err.getvalue())
        return Ended(0, out.getvalue(), err.getvalue())

    async def friction(*words: str, typed: str = "") -> Ended:
        return await asyncio.to_thread(run, words, typed)

    return friction


def json_lines(*texts: str) -> str:
    return "".join(json.dumps({"id": f"r{number}", "text": text}) + "\n" for number, text in enumerate(texts, 1))


# Texts in, answers out


async def test_classify_reads_json_lines_and_writes_json_lines(friction: Friction, classifier: AreaClassifier) -> None:
    ended = await friction("classify", typed=json_lines(DOCS, "lunch is in the kitchen") + "\n")
    assert ended.code == 0
    assert [list(line) for line in ended.lines] == [["id", "area", "confidence"]] * 2
    assert [(line["id"], line["area"]) for line in ended.lines] == [("r1", "docs"), ("r2", "unsorted")]
    assert ended.lines[0]["confidence"] == round(classifier.answer(DOCS).confidence, 4)


async def test_classify_answers_words_for_people(friction: Friction) -> None:
    assert (await friction("classify", *DOCS.split())).out.startswith("docs (")
    assert (await friction("classify", "lunch")).out.startswith("unsorted (likeliest ")


async def test_classify_answers_by_what_the_one_workspace_has_taught(
    friction: Friction, team: Team, cache: Path, classifier: AreaClassifier
) -> None:
    assert (await friction("classify", "the yak shaver is jammed")).out.startswith("unsorted")
    for text in ("the yak shaver is jammed", "yak shaver jammed again", "our yak shaver got stuck, jammed"):
        await team.file(text, area="debugging")
    trained = await friction("train")
    assert trained.code == 0
    assert trained.out.splitlines()[1].startswith(f"{fakes.TEAM}: ")
    assert trained.out.splitlines()[1].endswith("It is in use.")
    assert (await friction("classify", "the yak shaver is jammed")).out.startswith("debugging (")
    doctor = await friction("doctor")
    assert "ok   The area classifier was fitted on 20" in doctor.out


async def test_the_classifier_needs_no_database(
    friction: Friction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'none.db'}")
    assert (await friction("classify", *DOCS.split())).out.startswith("docs (")
    assert not (tmp_path / "none.db").exists()
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/test")
    assert (await friction("classify", *DOCS.split())).out.startswith("docs (")


async def test_evaluate_measures_labelled_reports_and_draws_how_sure_and_how_right_it_was(
    friction: Friction, tmp_path: Path
) -> None:
    known = [(DOCS, "docs"), (VPN, "onboarding"), ("lunch is in the kitchen", "none"), ("it crashed", "errors")]
    labelled, plot = tmp_path / "known.jsonl", tmp_path / "plot.png"
    labelled.write_text("".join(json.dumps({"text": text, "area": area}) + "\n" for text, area in known), "utf-8")
    ended = await friction("evaluate", "--labelled", str(labelled), "--plot", str(plot))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"On the 4 reports of {labelled}:\naccuracy ")
    for part in ("macro-F1", "calibration error", "precision", "recall", "coverage", "taken for", "how sure"):
        assert part in ended.out
    raw = plot.read_bytes()
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", raw[16:24])
    data = zlib.decompress(raw[raw.index(b"IDAT") + 4 : raw.index(b"IEND") - 8])
    assert len(data) == height * (1 + 3 * width)
    assert bytes((38, 99, 188)) in data


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "line 2 is not JSON"),
        ("[" * 5000, "line 2 is not JSON"),
        ("[1]", 'line 2 must be an object with "text" and "area"'),
        ('{"text": 7, "area": "docs"}', 'line 2 must be an object with "text" and "area"'),
        ('{"text": "x", "area": "astrology"}', "line 2: 'astrology' is no area here. There are docs, errors,"),
        ('{"text": "x", "area": ["docs"]}', "line 2: ['docs'] is no area here."),
    ],
)
async def test_a_labelled_line_that_cannot_be_meant_is_named(
    friction: Friction, tmp_path: Path, line: str, said: str
) -> None:
    path = tmp_path / "known.jsonl"
    path.write_text(json.dumps({"text": DOCS, "area": "docs"}) + f"\n{line}\n", "utf-8")
    ended = await friction("evaluate", "--labelled", str(path))
    assert ended.code == 2
    assert ended.err.startswith(f"{path}, {said}")
    assert ended.err.count("\n") == 1


async def test_a_labelled_file_that_is_not_there_or_empty_is_named(friction: Friction, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    for name, said in (("none.jsonl", "cannot be read: No such file"), ("empty.jsonl", "has no reports in it.")):
        ended = await friction("evaluate", "--labelled", str(tmp_path / name))
        assert ended.code == 2
        assert said in ended.err


async def test_a_bad_areas_file_is_named_by_every_command_that_needs_it(
    friction: Friction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "areas.toml"
    path.write_text('[[area]]\nkey = "docs"\nowner = "tina"\n', "utf-8")
    monkeypatch.setenv("AREAS_FILE", str(path))
    for words in (("classify", "x"), ("evaluate",), ("train",), ("doctor",)):
        ended = await friction(*words)
        assert ended.code == 2
        assert ended.err == f"AREAS_FILE: {path}, line 3: 'tina' is not a Slack user id, such as U024BE7LH.\n"


async def test_the_doctor_says_when_slack_does_not_know_who_looks_after_an_area(
    friction: Friction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "areas.toml"
    path.write_text('[[area]]\nkey = "docs"\nowner = "U0NOBODY"\n', "utf-8")
    monkeypatch.setenv("AREAS_FILE", str(path))
    ended = await friction("doctor")
    assert ended.code == 1
    assert "NOT  AREAS_FILE names U0NOBODY, whom Slack does not know" in ended.out


async def test_group_puts_the_same_problems_together_in_the_order_they_came(
    friction: Friction, likeness: grouping.Space
) -> None:
    ended = await friction("group", typed=json_lines(DOCS, VPN, DOCS_TOO, "🔥"))
    assert ended.code == 0
    assert [list(line) for line in ended.lines] == [["id", "cluster", "candidates"]] * 4
    assert [line["cluster"] for line in ended.lines] == ["F-1", "F-2", "F-1", "F-3"]
    (candidate,) = [each for each in ended.lines[2]["candidates"] if each["cluster"] == "F-1"]
    assert list(candidate) == ["id", "cluster", "score"]
    assert candidate["id"] == "r1"


async def test_group_answers_as_the_bot_would(friction: Friction, team: Team) -> None:
    texts = [DOCS, VPN, DOCS_TOO, "the docs are wrong about deploys", "no VPN access for new people", "flag docs"]
    for text in texts:
        await team.file(text)
    rows = await export.rows(team.kit.database, team.kit.house.workspace_id, "reports", leads=(), now=clocks.now())
    ended = await friction("group", typed=json_lines(*texts))
    assert [line["cluster"] for line in ended.lines] == [row["cluster"] for row in rows]


async def test_evaluate_tells_how_well_grouping_agrees_with_people(friction: Friction, tmp_path: Path) -> None:
    kept = tmp_path / "groups.jsonl"
    lines = [{"id": 1, "text": DOCS, "group": "a"}, {"id": 2, "text": VPN, "group": "b"}]
    kept.write_text("\n".join(json.dumps(line) for line in [*lines, {"id": 3, "text": DOCS, "group": "a"}]), "utf-8")
    ended = await friction("evaluate", "--groups", str(kept))
    assert ended.code == 0
    for word in ("3 reports", "recall@3", "pairwise precision", "B-cubed", "mutual information", "asked"):
        assert word in ended.out
    kept.write_text(json.dumps(lines[0]) + "\n{}\n", "utf-8")
    ended = await friction("evaluate", "--groups", str(kept))
    assert ended.code != 0
    assert "line 2 must be an object" in ended.out + ended.err
    assert (await friction("evaluate", "--groups", str(tmp_path / "none"))).code != 0


@pytest.mark.parametrize("command", ["classify", "group"])
async def test_a_line_that_is_no_report_is_named(friction: Friction, command: str) -> None:
    for wrong in ("not json", "[1]", '{"id": 1}', '{"text": "x"}', '{"id": 1, "text": 7}'):
        ended = await friction(command, typed=json_lines(DOCS) + wrong + "\n")
        assert ended.code == 2
        assert ended.err.startswith("line 2 ")
        assert ended.err.count("\n") == 1


# What is stored


async def test_export_writes_json_lines_and_csv_with_the_same_rows(
    friction: Friction, team: Team, slack: FakeSlack
) -> None:
    await team.file(DOCS, by=ANA)
    await team.file('a "quoted", comma\nand a line about docs', by=BEN)
    for what in export.WHAT:
        rows = (await friction("export", what)).lines
        written = (await friction("export", what, "--format", "csv")).out
        read = list(csv.DictReader(io.StringIO(written, newline="")))
        assert written.splitlines()[0] == ",".join(export.COLUMNS[what])
        assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows] == read
    assert slack.called("chat.postMessage") == []


async def test_export_writes_the_one_workspace_that_is_meant(
    friction: Friction, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    await team.file(DOCS)
    async with team.kit.database.transaction() as session:
        for other in ("T0ELSE", "T0LATER"):
            await workspaces.ensure(session, other, "Else")
    assert [row["text"] for row in (await friction("export", "reports")).lines] == [DOCS]
    assert [row["text"] for row in (await friction("export", "reports", "--workspace", fakes.TEAM)).lines] == [DOCS]
    assert (await friction("export", "reports", "--workspace", "T0ELSE")).lines == []
    choice = "Choose one: --workspace T0ELSE or T0LATER or T0TEAM.\n"
    unknown = await friction("export", "reports", "--workspace", "T0NONE")
    assert (unknown.code, unknown.err) == (2, f"There is no workspace 'T0NONE' in this database. {choice}")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    without = await friction("export", "reports")
    assert (without.code, without.err) == (2, f"There are several workspaces in this database. {choice}")


async def test_export_of_what_there_is_not_is_refused_in_a_sentence(friction: Friction) -> None:
    for words in (("export", "feelings"), ("export", "reports", "--format", "xml")):
        ended = await friction(*words)
        assert ended.code == 2
        assert "Choose" in ended.err
        assert ended.err.count("\n") == 1


async def test_migrate_brings_a_new_database_to_this_version(
    friction: Friction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    for _ in range(2):
        ended = await friction("migrate")
        assert (ended.code, ended.err) == (0, "")
        assert "is up to date" in ended.out


# Digests


async def test_a_person_is_subscribed_shown_their_digest_sent_it_and_unsubscribed(
    friction: Friction, team: Team, slack: FakeSlack
) -> None:
    slack.people[TIM].tz = "Asia/Tokyo"
    ended = await friction("subscribe", TIM, "--areas", "docs,errors", "--weekday", "thu", "--at", "10:00")
    assert ended.code == 0
    assert ended.out.startswith("Tim: Your digest: docs, errors · every week, Thursday 10:00 (Asia/Tokyo). Next: ")
    await team.file("the deploy :boom: docs [red]still[/red] show the old flag")
    shown = await friction("digest", TIM)
    assert "the deploy :boom: docs [red]still[/red] show the old flag" in shown.out
    assert slack.told(TIM) == []
    assert (await friction("digest", TIM, "--send")).code == 0
    assert len(slack.told(TIM)) == 1
    assert len(slack.posted(CARDS)) == 1
    assert (await friction("unsubscribe", TIM)).out == "Unsubscribed.\n"
    assert (await friction("unsubscribe", TIM)).out == f"{TIM} was not subscribed.\n"


async def test_a_channel_is_subscribed_in_the_zone_that_was_named(friction: Friction, slack: FakeSlack) -> None:
    ended = await friction("subscribe", BACKEND, "--tz", "Asia/Kolkata", "--every", "day", "--length", "3")
    assert ended.out.startswith("The digest of #backend: all areas · every day 09:00 (Asia/Kolkata) · the worst three.")
    assert (await friction("digest", BACKEND)).code == 0
    assert (await friction("unsubscribe", BACKEND)).out == "Unsubscribed.\n"


async def test_what_would_have_been_sent_is_listed_and_shown(friction: Friction, team: Team) -> None:
    await friction("subscribe", TIM, "--every", "day", "--at", "00:00")
    await team.file(DOCS)
    today = clocks.now().date().isoformat()
    listed = await friction("replay", TIM, "--from", today, "--to", today)
    assert listed.out.startswith(f"{TIM}\n  {today} 00:00  silent  ")
    shown = await friction("digest", TIM, "--as-of", clocks.now().isoformat())
    assert "this would have been sent:" in shown.out and DOCS in shown.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("subscribe", "U0NOBODY"), "Slack knows no person 'U0NOBODY'"),
        (("subscribe", TIM, "--areas", "astrology"), "'astrology' is not an area"),
        (("subscribe", TIM, "--tz", "Berlin"), "'Berlin' is not a time zone"),
        (("subscribe", TIM, "--at", "noon"), "'noon' is not a time of day"),
        (("subscribe", TIM, "--weekday", "xyz"), "'xyz' is not a weekday"),
        (("subscribe", TIM, "--every", "hour"), "'hour' is not a cadence"),
        (("subscribe", TIM, "--length", "50"), "'50' is not a length"),
        (("subscribe", "C0NOBODY"), "Slack knows no channel 'C0NOBODY'"),
        (("subscribe", ELSEWHERE, "--tz", "Europe/Berlin"), "I am not in #elsewhere"),
        (("subscribe", BACKEND), "A channel has no time zone of its own."),
        (("digest", BEN), f"{BEN} is not subscribed"),
        (("digest", BEN, "--send"), f"{BEN} is not subscribed"),
        (("digest", BEN, "--as-of", "2026-11-02"), f"{BEN} is not subscribed"),
        (("digest", BEN, "--as-of", "2026-11-02", "--send"), "What would have been sent cannot be sent any more"),
        (("replay", BEN, "--from", "2026-11-02", "--to", "2026-11-02"), f"{BEN} is not subscribed"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_a_sentence(
    friction: Friction, words: tuple[str, ...], said: str
) -> None:
    ended = await friction(*words)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert ended.err.strip().splitlines()[-1].startswith(said[:5])


async def test_a_digest_that_slack_refuses_is_not_called_sent(friction: Friction, team: Team, slack: FakeSlack) -> None:
    await friction("subscribe", TIM)
    await team.file(DOCS)
    await team.kit.database.close()
    slack.next("chat.postMessage", fakes.Scripted(), refused("messages_tab_disabled"))
    ended = await friction("digest", TIM, "--send")
    assert slack.told(TIM) == []
    assert "Sent" not in ended.out


# The doctor


async def test_the_doctor_finds_nothing_wrong_where_nothing_is(friction: Friction) -> None:
    ended = await friction("doctor")
    assert ended.code == 0
    assert "NOT" not in ended.out
    assert "Every scope is granted." in ended.out


async def test_the_doctor_says_what_is_wrong_and_ends_with_one(
    friction: Friction, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.scopes = fakes.SCOPES - {"reactions:read"}
    monkeypatch.setenv("LEADS", "S0NOWHERE")
    ended = await friction("doctor")
    assert ended.code == 1
    assert "NOT  The scope reactions:read is missing: votes." in ended.out
    assert "NOT  LEADS names S0NOWHERE" in ended.out


# What Slack did not take


async def test_what_was_given_up_is_listed_and_tried_again_by_its_number_or_all_at_once(
    friction: Friction, team: Team, slack: FakeSlack, workers: outbox.Workers
) -> None:
    slack.next("chat.postMessage", refused("is_archived"))
    await team.file(DOCS)
    await workers.until_settled()
    listed = await friction("outbox")
    assert listed.code == 0
    number = re.search(r"#(\d+) card:1: is_archived, given up after 1 try", listed.out)
    assert number is not None
    assert "0 wait to be sent." in listed.out
    again = await friction("outbox", "retry", number[1])
    assert "1 to be tried again" in again.out
    await workers.until_settled()
    assert len(slack.posted(CARDS)) == 1
    assert "0 to be tried again" in (await friction("outbox", "retry", "all")).out
    for wrong in (("retry",), ("retry", "card:1"), ("retry", number[1]), ("resend", "all")):
        ended = await friction("outbox", *wrong)
        assert ended.code == 2
        assert ended.err.strip().count("\n") == 0


# Settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN is missing"),
        ("SLACK_BOT_TOKEN", "xoxb-wrong", "Slack does not accept SLACK_BOT_TOKEN"),
        ("SLACK_API_URL", "slack.com", "SLACK_API_URL: must begin with https://"),
        ("PORT", "eighty", "PORT: "),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: must be DEBUG"),
        ("FRICTION_CHANNEL", "elsewhere", "I am not in #elsewhere"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL names 'mysql'"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is not a database address"),
    ],
)
async def test_a_wrong_setting_is_named_in_one_sentence(
    friction: Friction, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    ended = await friction("doctor")
    assert ended.code == 2
    assert said in ended.err
    assert ended.err.strip().count("\n") == 0


def test_run_from_a_shell_is_sorry_in_one_sentence_and_leaves_with_two(tmp_path: Path) -> None:
    clean = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", "bot", "run"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == "SLACK_BOT_TOKEN is missing: the token that begins with xoxb-, from the app's page.\n"
    assert ended.stdout == ""
