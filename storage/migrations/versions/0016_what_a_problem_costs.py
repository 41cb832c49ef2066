"""Find what people said that a problem cost, and its messages that are voted on, without reading all its reports"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

COSTS = sa.text('minutes_lost IS NOT NULL AND over_at IS NULL')
HAS_ONE = sa.text("message_ts <> ''")


def upgrade() -> None:
    op.create_index('ix_report_cost', 'report', ['workspace_id', 'cluster_id', 'reporter', 'minutes_lost'],
                    unique=False, sqlite_where=COSTS, postgresql_where=COSTS)
    op.create_index('ix_report_captured', 'report', ['workspace_id', 'cluster_id'],
                    unique=False, sqlite_where=HAS_ONE, postgresql_where=HAS_ONE)


def downgrade() -> None:
    op.drop_index('ix_report_captured', table_name='report')
    op.drop_index('ix_report_cost', table_name='report')
