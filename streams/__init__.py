"""The runtimes around the core: wire formats, replay, the embedded service, the command line."""
