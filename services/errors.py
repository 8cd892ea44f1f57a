"""The errors of this folder."""


class ServiceError(Exception):
    """Something on this machine is in the way; the text is one sentence with its cure.

    Nothing that was stored has been changed when this is raised.
    """


class StillStarting(ServiceError):
    """A server runs and does not serve yet: whoever stops it now makes it begin anew."""
