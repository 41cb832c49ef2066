"""What has come in and is not filed yet"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('inbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('reporter', sa.String(), nullable=True),
    sa.Column('said_at', UtcDateTime(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('private', sa.Boolean(), nullable=False),
    sa.Column('lift', sa.Boolean(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('severity', sa.Integer(), nullable=True),
    sa.Column('minutes_lost', sa.Integer(), nullable=True),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('taker', sa.String(), nullable=False),
    sa.Column('arrived_at', UtcDateTime(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('workspace_id', 'key')
    )
    op.create_index('ix_inbox_reporter', 'inbox', ['workspace_id', 'reporter'], unique=False)


def downgrade() -> None:
    op.drop_table('inbox')
