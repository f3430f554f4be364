"""What the operator of the embedded service may set, with its defaults and why they are so."""

from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Bounds of the service. Times in seconds, sizes in bytes unless the name says otherwise."""

    waiting_events_max: int = 20_000
    """Events taken over HTTP and not yet on disk; beyond, intake answers 503. About a second's work, some 20 MB."""

    backlog_events_max: int = 50_000
    """Events on disk and not yet applied that are also kept in memory, some 75 MB; beyond, they are read back from the
    log. Also the most that is applied together: under load an account is scored once per chunk, not once per event."""

    coalesce_s: float = 0.4
    """Under load events wait so long before they are applied, so that an account's events meet in one chunk."""

    load_events_min: int = 200
    """So many events waiting for the disk are load; with fewer, what is on the disk is applied at once."""

    slice_s_min: float = 0.025
    """How long the writer applies before it looks for requests again, when there is little to apply: an
    acknowledgement waits no longer for it than for a disk."""

    slice_s_max: float = 2.0
    """The longest that it may be when the scores are far behind: clients wait some seconds before they give up."""

    lag_s_max: float = 10.0
    """How far the scores may fall behind in a burst; towards it and beyond, intake is slowed down more and more."""

    tick_s: float = 1.0
    """How often due accounts are looked for; deadlines are days, so a second late is on time."""

    tick_accounts_max: int = 200
    """Accounts ticked in one transaction."""

    accounts_in_memory_max: int = 10_000
    """Unpacked records kept; about 20 KB each."""

    history_s: float = 800 * DAY_S
    """How long an account's daily scores are kept: two years and a quarter to compare with."""

    log_s: float = 800 * DAY_S
    """How long events stay in the log: deduplication, the events behind a score, and rebuilding under a new profile.
    Must exceed the record's horizon, or a rebuilt record would miss what the old one knew."""

    triggers_s: float = 800 * DAY_S
    """How long triggers can be read again."""

    dead_letters_max: int = 100_000
    """Dead letters kept, the newest ones; what went is counted."""

    dead_letter_bytes_max: int = 256 * 1024 * 1024
    """Raw bytes of dead letters kept, so that a broken sender can't fill the disk."""

    outage_s: float = 300.0
    """A stop of the service longer than this is an outage: senders then have events queued."""

    hold_s_max: float = 3_600.0
    """After an outage plays are held for as long as it took, at most so long, until the senders' queues are in."""

    engine_errors_max: int = 100
    """Accounts on which the engine itself may fail before the service stops: one odd record is put aside, a broken
    program is not run on."""
