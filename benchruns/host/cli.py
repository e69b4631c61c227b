"""`rigguide`: one file per command under `benchruns/host/commands/`, imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

# command -> (module, one line of help); nothing is imported to print the list.
COMMANDS = {
    "recommend": ("recommend", "Which engine and rig fit these answers."),
    "estimate": ("estimate", "Memory and speed of a case, or of published measurements."),
    "model": ("model", "What a config.json or GGUF file says of its model."),
    "calibrate": ("calibrate", "Fit the speed model and say how far off it is."),
    "probe": ("probe", "What this machine is: CPU, memory, accelerators, engines."),
    "bench": ("bench", "Measure an engine on this machine."),
    "compare": ("compare", "Measure engines in turns and say which is faster."),
    "engines": ("engines", "What engines are here, what can be installed; install and remove."),
    "attach": ("attach", "Enrol this machine at a site with a one-time code."),
    "detach": ("detach", "Leave the site, from this machine's side."),
    "upload": ("upload", "Bring this machine's own results to its site."),
    "host": ("host", "Run this machine's worker."),
    "sources": ("sources", "What the rules and claims rest on, and how old it is."),
    "schema": ("schema", "The JSON schema of a result document or a plan."),
    "mock-engine": ("mock_engine", "A stand-in engine with known latencies, to test instruments."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"benchruns.host.commands.{COMMANDS[cmd_name][0]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rigguide")
def main() -> None:
    """Find the LLM inference engine and rig that fit, and measure them."""
