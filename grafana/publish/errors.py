"""What may go wrong between the files and somebody else's Grafana; each is one line that names the cure."""


class PublishError(Exception):
    """Something could not be read, asked or written."""


class AbsentError(PublishError):
    """Grafana says that there is no such thing (404)."""


class UnreadableError(PublishError):
    """Grafana has it in a form that this API does not give (406)."""


class ConflictError(PublishError):
    """Somebody else changed what would be overwritten (412; Grafana 13 also says 409)."""
