"""A passkey under the site's content security policy, with a virtual authenticator of Chromium."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.browser.conftest import shot
from tests.support import RigGuide

PASSWORD = "correct horse battery"


def authenticator(page: Page) -> None:
    """One that holds passkeys and is always confirmed."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def test_the_first_owner_comes_by_the_printed_link_and_signs_in_with_a_passkey(
    page: Page, rig: RigGuide, complaints: list[str]
) -> None:
    """From what `make run` printed to a sign-in without a password."""
    printed = re.search(r"http://\S+/invitations/\S+", rig.said())
    assert printed, rig.said()
    # Browsers take passkeys from names, not from addresses.
    here = rig.address.replace("127.0.0.1", "localhost")
    authenticator(page)

    page.goto(printed[0].replace(rig.address, here))
    page.get_by_role("button", name="Make an account").click()
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    shot(page, "sign-up")
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("button", name="Join This site").click()
    page.get_by_text("You are owner here.").wait_for()

    page.goto(f"{here}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)  # asked once more for such a change
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(re.compile(r"/accounts/2fa/(?!webauthn/add)"))

    page.goto(f"{here}/account/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{here}/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{here}/account/")
    page.get_by_role("heading", name="olga").wait_for()
    assert complaints == []
