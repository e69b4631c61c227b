"""The pages of teams: members, invitations, ownership, the audit log."""
