"""Alembic's way in. It runs inside the connection that `storage.database` hands over, never by itself."""

from alembic import context
from sqlmodel import SQLModel

from storage import developers, homes, inbox, links, models, notices, people, suggestions, verdicts

TABLES = (
    *(models.Report, developers.Developer, homes.Home, inbox.Inbox, links.LinkFit, notices.Notice),
    *(people.Unflagged, suggestions.Suggestion, verdicts.Verdict),
)
connection = context.config.attributes["connection"]
for table in TABLES:
    assert table.metadata is SQLModel.metadata
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
