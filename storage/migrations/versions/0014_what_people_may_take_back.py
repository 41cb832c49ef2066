"""Who does not want to be flagged, and since when a workspace is gone"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('workspace', sa.Column('gone_at', UtcDateTime(), nullable=True))
    op.create_table('unflagged',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('workspace_id', 'person')
    )


def downgrade() -> None:
    op.drop_table('unflagged')
    op.drop_column('workspace', 'gone_at')
