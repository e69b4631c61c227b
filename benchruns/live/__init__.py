"""Pages that change while one looks at them: server-sent events beside the polling."""
