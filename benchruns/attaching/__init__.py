"""What a machine needs to become a host, given out by the site itself: package, script, files."""
