"""Teams, and the links that invite to them."""

from __future__ import annotations

from django.urls import URLPattern, path

from benchruns.team_pages import audit, invitations, members, teams

urlpatterns: list[URLPattern] = [
    path("teams/", teams.teams, name="teams"),
    path("teams/switch", teams.team_switch, name="team-switch"),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("teams/<slug:slug>/rename", teams.team_rename, name="team-rename"),
    path("teams/<slug:slug>/delete", teams.team_delete, name="team-delete"),
    path("teams/<slug:slug>/leave", members.team_leave, name="team-leave"),
    path("teams/<slug:slug>/offer", members.team_offer, name="team-offer"),
    path("teams/<slug:slug>/take", members.team_take, name="team-take"),
    path("teams/<slug:slug>/decline", members.team_decline, name="team-decline"),
    path("teams/<slug:slug>/members/<int:member_id>/role", members.member_role, name="member-role"),
    path(
        "teams/<slug:slug>/members/<int:member_id>/remove",
        members.member_remove,
        name="member-remove",
    ),
    path("teams/<slug:slug>/invite", invitations.team_invite, name="team-invite"),
    path(
        "teams/<slug:slug>/invitations/<int:invitation_id>/withdraw",
        invitations.invitation_withdraw,
        name="invitation-withdraw",
    ),
    path("teams/<slug:slug>/audit/", audit.team_audit, name="team-audit"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
]
