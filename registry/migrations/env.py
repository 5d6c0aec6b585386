"""Alembic's entry: runs the migrations on the connection that `registry.migrate` hands over."""

from alembic import context

from registry.models import Tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Tables.metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
