"""Facts that last: merges, splits, and what they moved"""

import sqlalchemy as sa
from alembic import op
from storage.moments import UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('workspace', schema=None) as batch_op:
        batch_op.add_column(sa.Column('regrouped_at', UtcDateTime(), nullable=True))

    with op.batch_alter_table('cluster', schema=None) as batch_op:
        batch_op.add_column(sa.Column('area_by', sa.String(), nullable=False, server_default='reports'))
        batch_op.add_column(sa.Column('split_from', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('speaker_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key('cluster_split_from_fkey', 'cluster', ['split_from'], ['id'])
        batch_op.create_index('ix_cluster_merged', ['merged_into'], unique=False)

    with op.batch_alter_table('card', schema=None) as batch_op:
        batch_op.add_column(sa.Column('home_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key('card_home_id_fkey', 'cluster', ['home_id'], ['id'])
        batch_op.create_index('ix_card_cluster', ['cluster_id'], unique=False)
    op.execute('UPDATE card SET home_id = cluster_id')
    with op.batch_alter_table('card', schema=None) as batch_op:
        batch_op.alter_column('home_id', existing_type=sa.Integer(), nullable=False)

    with op.batch_alter_table('fact', schema=None) as batch_op:
        batch_op.add_column(sa.Column('other_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('undone_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('undone_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('overruled_by', sa.Integer(), nullable=True))
        batch_op.alter_column('made_by', existing_type=sa.String(), nullable=True)
        batch_op.create_foreign_key('fact_other_id_fkey', 'cluster', ['other_id'], ['id'])
        batch_op.create_foreign_key('fact_overruled_by_fkey', 'fact', ['overruled_by'], ['id'])
        batch_op.create_index('ix_fact_cluster', ['workspace_id', 'cluster_id'], unique=False)
        batch_op.create_index('ix_fact_other', ['workspace_id', 'other_id'], unique=False)

    op.create_table('move',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fact_id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('from_id', sa.Integer(), nullable=False),
    sa.Column('to_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['fact_id'], ['fact.id'], ),
    sa.ForeignKeyConstraint(['from_id'], ['cluster.id'], ),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], ),
    sa.ForeignKeyConstraint(['to_id'], ['cluster.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('fact_id', 'report_id')
    )
    with op.batch_alter_table('move', schema=None) as batch_op:
        batch_op.create_index('ix_move_from', ['from_id'], unique=False)
        batch_op.create_index('ix_move_report', ['report_id'], unique=False)

    op.create_table('suggestion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('cluster_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=True),
    sa.Column('leaving', sa.JSON(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['cluster_id'], ['cluster.id'], ),
    sa.ForeignKeyConstraint(['other_id'], ['cluster.id'], ),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('workspace_id', 'kind', 'cluster_id', 'other_id')
    )

    # A report that was set apart until now named the cluster it left, and went to a new one of its own.
    op.execute("""
        INSERT INTO move (fact_id, report_id, from_id, to_id)
        SELECT fact.id, fact.report_id, fact.cluster_id, report.cluster_id FROM fact
        JOIN report ON report.id = fact.report_id
        WHERE fact.kind = 'not_same_as' AND report.cluster_id IS NOT NULL AND report.cluster_id <> fact.cluster_id
    """)
    op.execute("UPDATE fact SET other_id = cluster_id, cluster_id = NULL WHERE kind = 'not_same_as'")
    op.execute("""
        UPDATE fact SET cluster_id = (SELECT move.to_id FROM move WHERE move.fact_id = fact.id)
        WHERE kind = 'not_same_as'
    """)
    # An area that somebody gave a report is about that report.
    op.execute("UPDATE fact SET cluster_id = NULL WHERE kind IN ('area', 'audience')")


def downgrade() -> None:
    raise NotImplementedError("what people merged cannot be told apart by an older version; restore a backup")
