"""Where a worker keeps the records of its partitions: in memory, or on a disk."""

from collections.abc import Callable

from streams.kafka.record import Records
from streams.kafka.settings import ENV_PREFIX, Settings, SettingsError


def keeping(settings: Settings) -> Callable[[], Records]:
    """Makes an empty place for the records of a partition; SettingsError when there can be none."""
    directory = settings.records_directory
    if directory is None:
        return dict
    name = f"records_directory ({ENV_PREFIX}RECORDS_DIRECTORY) {directory}"
    try:
        from streams.kafka.shelf import ShelfError, Shelves  # noqa: PLC0415 - needs what is only installed for it
    except ImportError as error:
        raise SettingsError(f"{name}: {error.name} is not installed: pip install 'accountpulse[rocks]'") from None
    try:
        return Shelves(directory)
    except (OSError, ShelfError) as error:
        raise SettingsError(
            f"{name}: no records can be kept there: {error}; it is to be a directory that this process may write to"
        ) from None
