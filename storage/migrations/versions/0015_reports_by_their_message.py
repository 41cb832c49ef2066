"""Find a report by its message, and count only those that have one"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_one = sa.text("message_ts <> ''")
    op.drop_index('ix_report_message', table_name='report')
    op.create_index('ix_report_message', 'report', ['workspace_id', 'channel', 'message_ts'], unique=False,
                    sqlite_where=has_one, postgresql_where=has_one)


def downgrade() -> None:
    op.drop_index('ix_report_message', table_name='report')
    op.create_index('ix_report_message', 'report', ['workspace_id', 'channel', 'message_ts'], unique=False)
