"""Completion scripts for shells, generated from the parser of hmp's command line.

hmp --shell-completion bash > ~/.local/share/bash-completion/completions/hmp
hmp --shell-completion zsh > ~/.zfunc/_hmp
hmp --shell-completion fish > ~/.config/fish/completions/hmp.fish
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmp.cli.command_line import make_parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

# Names come from other processes' command lines, so they are only read, matched and
# compared, never evaluated by the shell; names with other characters are left out.
_NAME = "[A-Za-z0-9._:][A-Za-z0-9._:-]*"
_BASH = """\
_hmp_machines() {
    local LC_ALL=C pid name rest
    while read -r pid name rest; do
        if [[ $pid =~ ^[0-9]+$ && $name =~ ^%(name)s$ && $name == "$1"* ]]; then
            COMPREPLY+=("$name")
        fi
    done < <(hmp --list 2>/dev/null)
}
_hmp_files() {
    local file
    while IFS= read -r file; do
        COMPREPLY+=("$file")
    done < <(compgen -f -- "$1")
}
_hmp() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    COMPREPLY=()
    case $before in
%(cases)s
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "%(options)s" -- "$current"))
    else
        _hmp_machines "$current"
        _hmp_files "$current"
    fi
}
complete -o filenames -F _hmp hmp
"""
_ZSH = """\
#compdef hmp
_hmp_machines() {
    local LC_ALL=C pid name rest
    local -a names
    hmp --list 2>/dev/null | while read -r pid name rest; do
        if [[ $pid =~ '^[0-9]+$' && $name =~ '^%(name)s$' ]]; then
            names+=("$name")
        fi
    done
    compadd "$@" -a names
}
_hmp_targets() {
    _alternative 'machines:machine:_hmp_machines' 'files:socket:_files'
}
_arguments -s \\
%(options)s
  '1:target:_hmp_targets'
"""
_FISH = """\
function __hmp_machines
    hmp --list 2>/dev/null | string match -rg '^ *[0-9]+  (%(name)s) '
end
complete -c hmp -a '(__hmp_machines)' -d machine
"""


def script(shell: str) -> str:
    """Return the completion script for ``bash``, ``zsh`` or ``fish``."""
    actions = [a for a in make_parser()._actions if a.option_strings]
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](actions)


def _bash(actions: list[argparse.Action]) -> str:
    options = " ".join(o for a in actions for o in a.option_strings)
    cases = "\n".join(_bash_cases(actions))
    return _BASH % {"cases": cases, "options": options, "name": _NAME}


def _bash_cases(actions: list[argparse.Action]) -> Iterator[str]:
    for action in actions:
        pattern = "|".join(action.option_strings)
        if action.choices:
            words = " ".join(map(str, action.choices))
            reply = f'COMPREPLY=($(compgen -W "{words}" -- "$current")); return'
        elif action.metavar in ("FILE", "DIR"):
            reply = '_hmp_files "$current"; return'
        elif action.nargs != 0 and action.metavar:
            reply = "return"
        else:
            continue
        yield f"    {pattern}) {reply} ;;"


def _about(action: argparse.Action) -> str:
    return (action.help or "").replace("'", "").replace("[", "(").replace("]", ")")


def _zsh(actions: list[argparse.Action]) -> str:
    lines = []
    for action in actions:
        for option in action.option_strings:
            value = _zsh_value(action)
            lines.append(f"  '{option}[{_about(action)}]{value}' \\")
    return _ZSH % {"options": "\n".join(lines), "name": _NAME}


def _zsh_value(action: argparse.Action) -> str:
    if action.choices:
        return f":{action.dest}:({' '.join(map(str, action.choices))})"
    if action.metavar in ("FILE", "DIR"):
        return f":{action.dest}:_files"
    return f":{action.dest}:" if action.nargs != 0 and action.metavar else ""


def _fish(actions: list[argparse.Action]) -> str:
    lines = [_FISH.rstrip() % {"name": _NAME}]
    for action in actions:
        words = ["complete -c hmp"]
        for option in action.option_strings:
            words.append(_fish_option(option))
        if action.choices:
            words.append(f"-x -a '{' '.join(map(str, action.choices))}'")
        elif action.metavar and action.nargs != 0:
            words.append("-r" if action.metavar in ("FILE", "DIR") else "-x")
        words.append(f"-d '{_about(action)}'")
        lines.append(" ".join(words))
    return "\n".join(lines) + "\n"


def _fish_option(option: str) -> str:
    if option.startswith("--"):
        return f"-l {option[2:]}"
    return f"-s {option[1:]}" if len(option) == 2 else f"-o {option[1:]}"
