"""The visitor's own model and device: read from a file or written into the answer itself."""
