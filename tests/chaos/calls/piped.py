"""A process whose log goes through a pipe, as under `ringback up`, systemd and Docker: whoever may
write no file can still log."""

import os
import shutil
import threading

from tests.chaos.process import Process


class Piped(Process):
    def start(self) -> None:
        reader, writer = os.pipe()
        threading.Thread(target=self._copy, args=(reader,), daemon=True).start()
        with os.fdopen(writer, "wb") as log:
            self.start_into(log)

    def _copy(self, reader: int) -> None:
        with os.fdopen(reader, "rb", 0) as source, self.log.open("ab", 0) as log:
            shutil.copyfileobj(source, log, 1)
