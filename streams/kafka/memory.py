"""How memory is looked after in a process that keeps much of it for long."""

import gc

GC_YOUNG = 1_000_000
"""Objects made and not gone again before the collector looks: more than what is fetched ahead and decoded holds, all of
which goes by itself.
"""


def settle() -> None:
    """Records live long, and every full look of the cycle collector would go through all of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_YOUNG, 50, 100)
