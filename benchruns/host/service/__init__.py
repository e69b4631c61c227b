"""What keeps a machine's worker running: a systemd unit, a launchd list, a container."""
