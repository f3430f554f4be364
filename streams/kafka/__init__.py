"""The Kafka runtime: topics as log and state, Faust agents as the ones who work through them."""
