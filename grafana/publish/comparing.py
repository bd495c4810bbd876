"""`diff`: what the server has against what is committed."""

from collections.abc import Iterator

from grafana.publish.errors import PublishError
from grafana.publish.files import Committed
from grafana.publish.publishing import extras
from grafana.publish.target import Target


def compare(committed: Committed, target: Target) -> Iterator[str]:
    """A line for each field that differs, and for each thing that only one side has.

    Raises:
        PublishError: something could not be compared, so that no lines would not mean that all is equal.
    """
    if committed.faults:
        raise PublishError("; ".join(committed.faults))
    if not target.is_there:
        yield f"folder {target.title}: only in the files"
    for item in committed.items:
        kind = target.kinds[item.kind]
        try:
            found = kind.find(item.key)
            if found is None:
                yield f"{item}: only in the files"
            else:
                yield from (f"{item}: {difference}" for difference in kind.differences(item, found))
        except PublishError as error:
            raise PublishError(f"{item}: {error}") from error
    yield from (f"{extra}: only on the server" for extra in extras(committed, target))
