"""HTTP around the embedded service: intake as Segment's libraries speak it, the read API, and what operations watch."""
