"""What runs Ringback on one machine: the database servers, and the supervisor of `ringback up`."""

from services.errors import ServiceError
from services.local import Servers, local_servers

__all__ = ["Servers", "ServiceError", "local_servers"]
