"""What Faust shows the brokers, and how it checks theirs."""

from typing import Any

import faust

from streams.kafka.settings import Settings


def credentials(settings: Settings) -> Any:
    """Faust's credentials; None where the brokers ask for none, and nothing is encrypted."""
    context = settings.ssl_context() if settings.security_protocol.endswith("SSL") else None
    if settings.security_protocol.startswith("SASL") and settings.sasl_password is not None:
        return faust.SASLCredentials(
            username=settings.sasl_username, password=settings.sasl_password.get_secret_value(),
            ssl_context=context, mechanism=settings.sasl_mechanism,
        )  # fmt: skip
    return None if context is None else faust.SSLCredentials(context)
