"""The embedded service: log, records, read model and outbox in one directory, and the one thread that writes them."""

from pathlib import Path

from plays.engine import Engine
from scoring.event import Event
from streams.answer import TRIGGER_ID
from streams.embedded.applier import Applier
from streams.embedded.inbox import Inbox, Submission
from streams.embedded.lock import Lock
from streams.embedded.outage import Outage
from streams.embedded.pump import Pump, State
from streams.embedded.reader import Reader
from streams.embedded.rebuild import rebuild
from streams.embedded.settings import Settings
from streams.embedded.store import Store
from streams.embedded.surroundings import Surroundings
from streams.vocabulary import Vocabulary


class Service:
    """Made with everything opened and checked; `start` begins to work, `stop` ends with everything on the disk."""

    def __init__(
        self, directory: Path, engine: Engine, vocabulary: Vocabulary, settings: Settings, around: Surroundings
    ) -> None:
        """Raises StoreError when the directory is in use, or holds what this program can't read."""
        self.engine = engine
        self.vocabulary = vocabulary
        self.telemetry = around.telemetry
        self.clock = around.clock
        self._lock = Lock(directory)
        try:
            self._store = Store(directory, vocabulary, settings)
        except BaseException:
            self._lock.release()
            raise
        rebuild(self._store, engine)
        outage = Outage(self._store.meta, settings, around.clock())
        applier = Applier(engine, self._store, outage, settings, around)
        self._inbox = Inbox(settings.waiting_events_max)
        self._pump = Pump(self._store, applier, outage, self._inbox, settings, around)
        self.reader = Reader(directory, vocabulary)

    @property
    def state(self) -> State:
        """What the service is doing."""
        return self._pump.state

    def start(self) -> None:
        """Begin to work, with what a crash left undone."""
        self._pump.start()
        self._store.checkpointer.start()

    def submit(self, submission: Submission) -> None:
        """Have events and dead letters put on the disk; raises Busy and Stopped."""
        self._inbox.put(submission)

    def names_nothing(self, answer: Event) -> bool:
        """Whether an answer to a cohort's trigger names none that is out: whoever knows of one has it from here."""
        named = answer.properties.get(TRIGGER_ID)
        return named is not None and not self.reader.has_trigger(named, answer.account_id)

    def stop(self) -> None:
        """Take nothing more in, put on the disk and apply what waits, and let go of the directory."""
        self._pump.stop()
        self.reader.close()
        self._store.close()
        self._lock.release()
