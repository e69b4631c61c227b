"""Who sees what was measured, and the tokens of a person's programs."""

from __future__ import annotations

from django.urls import URLPattern, path

from benchruns.views import sharing, tokens

urlpatterns: list[URLPattern] = [
    path("runs/<uuid:run_id>/sharing", sharing.run_sharing, name="run-sharing"),
    path("hosts/<int:host_id>/sharing", sharing.host_sharing, name="host-sharing"),
    path("teams/<slug:slug>/sharing", sharing.team_sharing, name="team-sharing"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke", tokens.token_revoke, name="token-revoke"),
]
