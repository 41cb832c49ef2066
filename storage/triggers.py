"""`developer` follows from reports, votes and cards, and the database itself keeps it so.

Ranking asks how each person stands in each cluster. Finding that out from every signal took a second for a hundred
thousand reports; kept as a table, it is read in a twentieth. Triggers keep it, not code, because many flows change what
counts (a report placed, moved, withdrawn, merged, told more of; a reaction; a card posted or moved), and none of them
can forget to. Nothing is counted up or down: a trigger takes the people and the clusters that a change concerns, and
derives their rows anew from all they said.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

#: What makes a row count for somebody, by table; other columns may change as they like.
_WATCHED = {
    "report": "cluster_id, reporter, said_at, severity, channel, message_ts, over_at",
    "vote": "given, voted_at, channel, message_ts, over_at",
    "card": "cluster_id, channel, message_ts",
}

#: A row stands for several changes of a table: what there was, and what there is.
_ROWS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}


def drop(connection: Connection) -> None:
    """Take the triggers away: SQLite can rename no table that one of them mentions."""
    for table in _WATCHED:
        for event in _ROWS:
            place = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            # Before the first migration there is no table that could have one, and PostgreSQL minds.
            if not place or connection.dialect.has_table(connection, table):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_name(table, event)}{place}")


def install(connection: Connection) -> None:
    """Derive every row anew, and put the triggers there."""
    connection.exec_driver_sql("DELETE FROM developer")
    connection.exec_driver_sql(everybody())
    for table in _WATCHED:
        for event in _ROWS:
            for statement in _trigger(table, event, postgresql=connection.dialect.name == "postgresql"):
                connection.exec_driver_sql(statement)


def everybody() -> str:
    """The statement that writes the rows of all people in all clusters."""
    return _derived()


def _trigger(table: str, event: str, *, postgresql: bool) -> Iterator[str]:
    name, rows = _name(table, event), _ROWS[event]
    clusters = " UNION ".join(_CLUSTERS[table].format(row=row) for row in rows)
    people = " UNION ".join(_PEOPLE[table].format(row=row) for row in rows)
    unnamed = ", ".join(f"{row}.id" for row in rows) if table == "report" else ""
    body = (
        f"DELETE FROM developer WHERE cluster_id IN ({clusters}) AND person IN ({people}); "
        f"{_derived(clusters, people, rows[-1], unnamed)};"
    )
    when = f"UPDATE OF {_WATCHED[table]}" if event == "update" else event.upper()
    if not postgresql:
        yield f"CREATE TRIGGER {name} AFTER {when} ON {table} BEGIN {body} END"
        return
    # Two reactions of one person at the same moment would each not see the other: the second waits for the first to be
    # committed, and then looks. In order, so that two who change several people never wait for one another.
    locked = f"PERFORM pg_advisory_xact_lock(hashtext(one.person)) FROM ({people} ORDER BY 1) AS one;"
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {locked} {body} RETURN NULL; END $$"
    )
    yield f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


def _name(table: str, event: str) -> str:
    return f"developer_follows_{table}_{event}"


#: The clusters, and the people, for whom a changed row may count.
_CLUSTERS = {
    "report": "SELECT {row}.cluster_id AS cluster_id",
    "vote": (
        "SELECT report.cluster_id FROM report WHERE report.workspace_id = {row}.workspace_id"
        " AND report.channel = {row}.channel AND report.message_ts = {row}.message_ts AND report.message_ts <> ''"
        " UNION SELECT card.cluster_id FROM card WHERE card.workspace_id = {row}.workspace_id"
        " AND card.channel = {row}.channel AND card.message_ts = {row}.message_ts"
    ),
    "card": "SELECT {row}.cluster_id AS cluster_id",
}
_VOTERS = (
    "SELECT vote.person AS person FROM vote WHERE vote.workspace_id = {row}.workspace_id"
    " AND vote.channel = {row}.channel AND vote.message_ts = {row}.message_ts AND {row}.message_ts <> ''"
)
_PEOPLE = {
    "report": "SELECT coalesce({row}.reporter, 'unnamed ' || {row}.id) AS person UNION " + _VOTERS,
    "vote": "SELECT {row}.person AS person",
    "card": _VOTERS,
}


def _derived(clusters: str = "", people: str = "", row: str = "", unnamed: str = "") -> str:
    """The statement that writes the rows of these people in these clusters; of everybody, when none are given.

    `row`: a changed row; `unnamed`: the reports whose authors are among the people without being named.
    """
    # CROSS JOIN, because SQLite then takes the tables in this order: the few votes of these people first.
    who = f"({people}) AS who CROSS JOIN " if people else ""

    def of(table: str, person: str) -> str:
        if not people:
            return f" AND {table}.cluster_id IS NOT NULL"
        here = f"{person.partition('.')[0]}.workspace_id = {row}.workspace_id AND {person} = who.person"
        return f" AND {here} AND {table}.cluster_id IN ({clusters})"

    said = "report.said_at AS at, report.severity AS severity, 1 AS reports FROM "
    voted = f"vote.person, 0, vote.voted_at, CAST(NULL AS INTEGER), 0 FROM {who}vote CROSS JOIN "
    on = "{0}.workspace_id = vote.workspace_id AND {0}.channel = vote.channel AND {0}.message_ts = vote.message_ts"
    signals = [
        "SELECT report.workspace_id AS workspace_id, report.cluster_id AS cluster_id, report.reporter AS person,"
        f" 0 AS unnamed, {said}{who}report WHERE report.reporter IS NOT NULL AND report.over_at IS NULL"
        + of("report", "report.reporter"),
        f"SELECT report.workspace_id, report.cluster_id, {voted}report WHERE {on.format('report')}"
        " AND vote.given AND vote.over_at IS NULL AND report.message_ts <> ''" + of("report", "vote.person"),
        f"SELECT card.workspace_id, card.cluster_id, {voted}card WHERE {on.format('card')} AND vote.given"
        " AND vote.over_at IS NULL" + of("card", "vote.person"),
    ]
    if unnamed or not people:
        themselves = f" AND report.id IN ({unnamed})" if unnamed else ""
        signals.append(
            f"SELECT report.workspace_id, report.cluster_id, 'unnamed ' || report.id, 1, {said}report"
            f" WHERE report.cluster_id IS NOT NULL AND report.reporter IS NULL{themselves}"
        )
    # The latest severity that was said, however long ago; of two said at one moment the worse.
    said_last = "max(at) FILTER (WHERE severity IS NOT NULL)"
    levels = "".join(f" WHEN max(at) FILTER (WHERE severity = {level}) = {said_last} THEN {level}" for level in "3210")
    return (
        "INSERT INTO developer (workspace_id, cluster_id, person, unnamed, first_at, last_at, severity, reports)"
        " SELECT workspace_id, cluster_id, person, max(unnamed) = 1, min(at), max(at),"
        f" CASE{levels} END, sum(reports) FROM ({' UNION ALL '.join(signals)}) AS signals"
        " GROUP BY workspace_id, cluster_id, person"
    )
