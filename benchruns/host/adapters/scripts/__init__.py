"""Programs that run in the environments of engines: they import nothing of this project."""
