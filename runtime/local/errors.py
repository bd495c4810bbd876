"""What keeps the local system from running."""


class StartError(Exception):
    """`ikm up` cannot start or go on; the message is one line: what, which value, and the cure."""


class StoppedError(Exception):
    """Somebody asked the supervisor to stop while it was starting."""
