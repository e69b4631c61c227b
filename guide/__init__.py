"""The Django project and the public site. Empty on purpose: the supervisor imports little."""
