"""The form of a schedule: what a person may choose, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from benchruns.host.presets import PRESETS
from benchruns.models import Host, Schedule, Team
from benchruns.models.teams import Person
from benchruns.schedules import check_schedulable
from benchruns.services import RunRefused
from benchruns.timetable import WEEKDAYS, Every
from recommender import catalogue, rulebook

ANY_HOST = "any of the team that can"


class ScheduleForm(forms.Form):
    """Bound to the teams somebody may start measurements for; it takes no others' hosts."""

    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="slug")
    engine = forms.ChoiceField()
    model = forms.ChoiceField()
    quant = forms.ChoiceField(label="Quantisation")
    preset = forms.ChoiceField(label="Plan")
    host = forms.ModelChoiceField(Host.objects.none(), required=False, empty_label=ANY_HOST)
    every = forms.ChoiceField(label="When", choices=Every.choices)
    weekday = forms.TypedChoiceField(
        label="On", coerce=int, choices=tuple(enumerate(WEEKDAYS)), required=False
    )
    at = forms.TimeField(
        label="At (UTC)", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    on_new_version = forms.BooleanField(
        label="Also when a host has a new version of the engine", required=False
    )

    def __init__(
        self,
        teams: Sequence[Team],
        given: Mapping[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(given, initial=dict(initial or {}), label_suffix="")
        known = catalogue.load()
        slugs = [team.pk for team in teams]
        self._choices("team").queryset = Team.objects.filter(pk__in=slugs).order_by("name")
        self._choices("host").queryset = (
            Host.objects.attached().filter(team__in=slugs).order_by("team__name", "name")
        )
        engines = rulebook.load().engines
        self._offer("engine", ((key, engine.name) for key, engine in engines.items()))
        self._offer("model", ((model.id, model.name) for model in known.models.values()))
        self._offer("quant", ((quant, quant) for quant in known.quants))
        self._offer("preset", ((name, name) for name in PRESETS))

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def _choices(self, name: str) -> forms.ModelChoiceField[Any]:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        return field

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        host, team = given["host"], given["team"]
        if host is not None and host.team_id != team.pk:
            self.add_error("host", f"{host.name} is no host of {team}.")
        if given["every"] == Every.NEVER and not given["on_new_version"]:
            self.add_error("every", "Choose a time, or a new version of the engine, or both.")
        try:
            what = (given["engine"], given["model"], given["quant"], given["preset"])
            check_schedulable(*what, host)
        except RunRefused as refused:
            self.add_error(None, refused.reason)
        return given

    def make(self, by: Person) -> Schedule:
        given = {**self.cleaned_data, "weekday": self.cleaned_data["weekday"] or 0}
        schedule = Schedule(**given, made_by=by if by.is_authenticated else None)
        schedule.next_at = schedule.after(timezone.now())
        schedule.save()
        return schedule
