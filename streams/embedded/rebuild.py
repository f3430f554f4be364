"""What a changed profile or playbook means for the records: read anew from the log, or only evaluated anew."""

import logging

import msgspec

from plays.engine import Engine
from scoring.account import FIELDS, Account
from streams.embedded.meta import LAYOUT, PLAYBOOK, PROFILE
from streams.embedded.records import Standing
from streams.embedded.store import Store

AT_ONCE = 0.0
"""A deadline that is over: the next tick evaluates the account."""

REFOLDED = frozenset({"arrivals", "base", "cells", "gap", "watch"})
"""What of a record comes out of the events again, or is derived from the rest."""

logger = logging.getLogger(__name__)


def rebuild(store: Store, engine: Engine) -> None:
    """Make the records fit the engine's profile, in one transaction, before anything is applied.

    When the profile asks for other summaries of the events, every record is made anew from the log. Scores, bands and
    episodes that were published stay, with their numbers, so nothing fires twice; what the new profile makes of the
    accounts is evaluated by the first ticks.
    """
    meta, layout = store.meta, engine.profile.layout.signature
    now_running = {LAYOUT: layout, PROFILE: engine.profile.label, PLAYBOOK: engine.playbook.version}
    before = {key: meta.get(key) for key in now_running}
    if before == now_running:
        return
    with store.transaction():
        if before[LAYOUT] not in (None, layout):
            logger.warning("the profile %s counts other things than before: reading the log anew", engine.profile.label)
            count = _refold_all(store, engine)
            logger.warning("%d account records made anew", count)
        elif before[LAYOUT] is not None:
            logger.info("profile or plays changed: every account is evaluated anew")
            store.records.hasten(AT_ONCE)
        for key, value in now_running.items():
            meta.set(key, value)


def _refold_all(store: Store, engine: Engine) -> int:
    count = 0
    for account_id, record in store.records.all():
        account = engine.account(account_id)
        for event in store.log.of_account(account_id, upto=record.applied):
            engine.fold(account, (event,))
        _carry_over(record.packed, account, engine)
        store.records.save([Standing(account_id, record.applied, AT_ONCE, engine.pack(account))])
        count += 1
    return count


def _carry_over(packed: bytes, account: Account, engine: Engine) -> None:
    """Keep what of the old record does not hang on the layout, some of which the retained log no longer tells."""
    parts = msgspec.msgpack.decode(packed)
    parts[-1] = [None] * len(account.cells)  # the cells stand last; all before them are the same in every layout
    before = engine.unpack(msgspec.msgpack.encode(parts))
    for name in FIELDS:
        if name not in REFOLDED:
            setattr(account, name, getattr(before, name))
