"""Alembic's way in. It runs inside the connection that `storage.database` hands over, never by itself."""

from alembic import context
from sqlmodel import SQLModel

from storage import developers, inbox, links, models, notices, verdicts

connection = context.config.attributes["connection"]
for table in (models.Report, developers.Developer, inbox.Inbox, links.LinkFit, notices.Notice, verdicts.Verdict):
    assert table.metadata is SQLModel.metadata
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
