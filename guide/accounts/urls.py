"""Accounts: django-allauth's addresses, and the page that leads to them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from guide.accounts.pages import account, account_delete

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", account, name="account"),
    path("account/delete", account_delete, name="account-delete"),
    path("accounts/", include("allauth.urls")),
]
