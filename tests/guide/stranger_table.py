"""Every address of the site and whose it is. The walk fails for one that is not in here.

A new address gets a line: the name it has in its `urls.py`, and

- PUBLIC: for everybody alike, with nothing of a team in it but what is public.
- OWN: for whoever is signed in, about themselves. Visitors are asked to sign in.
- TEAM: about something of a team. Strangers are told what they are told of what is not there.
- HOST: for attached machines, with their token.
- ENTRANCE: signing in and up.

`WRITES` names those that change something of a team when its owner posts `FORM` (test_strangers.py)
to them: the walk checks that it does, so that a stranger's failure to do it says something.
"""

from __future__ import annotations

import enum
from typing import Any, Final


class Whose(enum.Enum):
    PUBLIC = "public"
    OWN = "own"
    TEAM = "team"
    HOST = "host"
    ENTRANCE = "entrance"


_NAMES: Final = {
    Whose.PUBLIC: """
        questionnaire recipe recipe-file own-model own-device too-large share shared shared-json
        shared-markdown shared-file articles article models devices engines engine api-questions
        api-recommendation api-openapi api-unknown healthz claims claim-test accuracy
        accuracy-rows accuracy-csv questions question rulebook account compare compare-csv
        compare-svg runs hosts hosts-board hosts-events schedules upload invitation glossary
        patterns docs docs-page accuracy-picture claims-picture recipe-picture compare-png
        compare-figures evidence readyz metrics api api-hosts api-runs api-results attach
        host-script host-requirements host-requirements-without-engine host-file host-index
        host-index-project host-index-wheel host-wheel oembed recipe-qr my-links shared-badge
        shared-manage shared-picture shared-png shared-qr shared-since
    """,
    Whose.OWN: """
        teams team-switch account-delete tokens account_change_password account_email
        account_reauthenticate account_set_password mfa_index mfa_activate_totp mfa_deactivate_totp
        mfa_add_webauthn mfa_edit_webauthn mfa_list_webauthn mfa_remove_webauthn
        mfa_generate_recovery_codes mfa_view_recovery_codes mfa_download_recovery_codes
        mfa_reauthenticate mfa_reauthenticate_webauthn usersessions_list
    """,
    Whose.TEAM: """
        run run-progress run-cancel run-compare run-log run-result run-events run-raise run-sharing
        host host-install host-rename host-pause host-resume host-rotate host-detach host-revoke
        host-sharing attach-wait attach-progress attach-withdraw schedule-pause schedule-resume
        schedule-remove api-hosts-host api-runs-run api-runs-run-cancel api-results-run
        api-results-run-document team-sharing token-revoke
        team team-rename team-delete team-leave team-offer team-take team-decline member-role
        member-remove team-invite invitation-withdraw team-audit
    """,
    Whose.HOST: """
        host-api-enrol host-api-facts host-api-claim host-api-token host-api-detach host-api-results
        host-api-heartbeat host-api-events host-api-release host-api-failure host-api-cancelled
        host-api-installed host-api-result
    """,
    Whose.ENTRANCE: """
        account_login account_logout account_signup account_inactive account_confirm_email
        account_confirm_login_code account_email_verification_sent account_reset_password
        account_reset_password_done account_reset_password_from_key
        account_reset_password_from_key_done mfa_authenticate mfa_login_webauthn
    """,
}

TABLE: Final = {name: whose for whose, names in _NAMES.items() for name in names.split()}

_WRITES: Final = """
    run-cancel host-install team-rename team-delete team-offer member-role member-remove team-invite
    invitation-withdraw run-raise run-sharing host-sharing team-sharing host-rename host-pause
    host-rotate host-detach host-revoke attach-withdraw schedule-pause schedule-remove
    token-revoke api-runs-run-cancel patch:api-hosts-host patch:api-results-run
"""
WRITES: Final = {
    text.rpartition(":")[2]: text.rpartition(":")[0] or "post" for text in _WRITES.split()
}

VIEWERS: Final = frozenset(
    """
    run run-progress run-log run-result run-events host team
    api-hosts-host api-runs-run api-results-run api-results-run-document
    """.split()  # noqa: SIM905 - one line for many names
)
"""Of TEAM: what a viewer sees."""

VIEWERS_OWN: Final = frozenset({"team-leave"})
"""Of TEAM: what a viewer changes, for it is about themselves."""

OF_THE_DONE: Final = frozenset(
    {"run-result", "run-compare", "run-sharing", "api-results-run", "api-results-run-document"}
)
"""Of TEAM: about a run that has a result; the others are about one that waits."""

BODIES: Final[dict[str, dict[str, Any]]] = {
    "api-hosts-host": {"paused": True},
    "api-results-run": {"visibility": "public"},
}
"""What is said to addresses that take no field they do not know."""
