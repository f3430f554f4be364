"""The process that a worker is, as Faust has it."""

import logging

import faust


class Process(faust.Worker):  # type: ignore[misc]
    """Faust's worker process, without a spinner: it turns with every message to a logger, so all of them are made,
    whatever the level.
    """

    def on_setup_root_logger(self, logger: logging.Logger, level: int) -> None:
        """Faust adds the spinner to the loggers here."""
        self.spinner = None
