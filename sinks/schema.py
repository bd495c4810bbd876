"""What the store must have before anything flows into it: tables, the rules as tables, views."""

from runtime.clickhouse import Store
from sinks.migrations import migrate
from sinks.reference import write_reference
from sinks.views import create_views


async def prepare(store: Store) -> list[str]:
    """Bring a store of any age, or an empty one, to this program's schema; repeating it changes nothing.

    Returns:
        Names of the migrations that were applied now.

    Raises:
        StoreError: the store is not as it must be.
    """
    applied = await migrate(store)
    await write_reference(store)
    await create_views(store)
    return [migration.name for migration in applied]
