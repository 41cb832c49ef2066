"""Who hears what becomes of it, who does not want to, and what they answer"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0008'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column: SQLite cannot rebuild a table that rows of another refer to.
    op.add_column('report', sa.Column('over_at', UtcDateTime(), nullable=True))
    op.add_column('vote', sa.Column('over_at', UtcDateTime(), nullable=True))
    op.create_table('seal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('mark', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('workspace_id', 'key')
    )
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('fact_id', sa.Integer(), nullable=False),
    sa.Column('cluster_id', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('told_at', UtcDateTime(), nullable=True),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('message_ts', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['cluster_id'], ['cluster.id']),
    sa.ForeignKeyConstraint(['fact_id'], ['fact.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('fact_id', 'person', 'kind')
    )
    op.create_index('ix_notice_due', 'notice', ['workspace_id', 'state', 'due_at'])
    op.create_index('ix_notice_person', 'notice', ['workspace_id', 'person', 'state'])
    op.create_index('ix_notice_message', 'notice', ['workspace_id', 'channel', 'message_ts'])
    op.create_table('mute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('muted', sa.Boolean(), nullable=False),
    sa.Column('event_ts', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('workspace_id', 'person', 'what')
    )
    op.create_table('answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('fact_id', sa.Integer(), nullable=False),
    sa.Column('cluster_id', sa.Integer(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('said', sa.String(), nullable=False),
    sa.Column('event_ts', sa.String(), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['cluster_id'], ['cluster.id']),
    sa.ForeignKeyConstraint(['fact_id'], ['fact.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('fact_id', 'person')
    )
    op.create_index('ix_answer_cluster', 'answer', ['workspace_id', 'cluster_id'])


def downgrade() -> None:
    for table in ('answer', 'mute', 'notice', 'seal'):
        op.drop_table(table)
    for table in ('vote', 'report'):
        op.drop_column(table, 'over_at')
