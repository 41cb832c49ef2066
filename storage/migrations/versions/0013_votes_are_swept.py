"""When votes were last compared with Slack's own reactions"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('workspace', sa.Column('swept_at', UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column('workspace', 'swept_at')
