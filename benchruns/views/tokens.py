"""`/account/tokens/`: the tokens of whoever is signed in, made and revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from benchruns.api_tokens import TokenRefused, make, revoke
from benchruns.models import ApiToken, Scope

LIVES: Final = {"7": "a week", "30": "30 days", "90": "90 days", "365": "a year"}
EVER: Final = "ever"


class TokenForm(forms.Form):
    name = forms.CharField(max_length=80, error_messages={"required": "Give it a name."})
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        error_messages={"required": "Choose what it may do: without any it opens nothing."},
    )
    lives = forms.ChoiceField(choices=[*LIVES.items(), (EVER, "until I revoke it")], initial="90")

    def time(self) -> timedelta | None:
        chosen = self.cleaned_data["lives"]
        return None if chosen == EVER else timedelta(days=int(chosen))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    person = request.user
    assert isinstance(person, User)
    if request.method != "POST":
        return _page(request, person, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, person, form, status=400)
    said = form.cleaned_data
    try:
        row, secret = make(person, said["name"], said["scopes"], form.time())
    except TokenRefused as error:
        form.add_error(None, str(error))
        return _page(request, person, form, status=409)
    return _page(request, person, TokenForm(), made=row, secret=secret)


@login_required
@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """What is not there and what is somebody else's look alike."""
    assert isinstance(request.user, User)
    revoke(get_object_or_404(ApiToken, pk=token_id, user=request.user))
    response = redirect("tokens")
    response.status_code = 303
    return response


def _page(
    request: HttpRequest, person: User, form: TokenForm, status: int = 200, **made: Any
) -> HttpResponse:
    context = {
        "form": form,
        "scopes": Scope.choices,
        "chosen": form["scopes"].value() if form.is_bound else ["read"],
        "tokens": ApiToken.objects.filter(user=person),
        **made,
    }
    return render(request, "benchruns/tokens.html", context, status=status)
