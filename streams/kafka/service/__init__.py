"""The HTTP service on Kafka: intake into the input topics, and a read model filled from the output topics."""
