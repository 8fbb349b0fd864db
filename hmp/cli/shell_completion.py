"""Completion scripts for shells, generated from the table of hmp's options.

hmp --shell-completion bash > ~/.local/share/bash-completion/completions/hmp
hmp --shell-completion zsh > ~/.zfunc/_hmp
hmp --shell-completion fish > ~/.config/fish/completions/hmp.fish
"""

from __future__ import annotations

from hmp.cli.options import MONITORS, OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hmp.cli.options import Option

# Names come from other processes' command lines, so they are only read, matched and
# compared, never evaluated by the shell; names with other characters are left out.
_NAME = "[A-Za-z0-9._:][A-Za-z0-9._:-]*"
_FILES = ("FILE", "DIR")
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
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]((*OPTIONS, *MONITORS))


def _bash(options: Iterable[Option]) -> str:
    names = " ".join(name for option in options for name in option.names)
    cases = "\n".join(_bash_cases(options))
    return _BASH % {"cases": cases, "options": names, "name": _NAME}


def _bash_cases(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        if not option.value:
            continue
        if option.choices:
            words = " ".join(option.choices)
            reply = f'COMPREPLY=($(compgen -W "{words}" -- "$current")); return'
        elif option.value in _FILES:
            reply = '_hmp_files "$current"; return'
        else:
            reply = "return"
        yield f"    {'|'.join(option.names)}) {reply} ;;"


def _about(option: Option) -> str:
    return option.help.replace("'", "").replace("[", "(").replace("]", ")")


def _zsh(options: Iterable[Option]) -> str:
    lines: list[str] = []
    for option in options:
        for name in option.names:
            lines.append(f"  '{name}[{_about(option)}]{_zsh_value(option)}' \\")
    return _ZSH % {"options": "\n".join(lines), "name": _NAME}


def _zsh_value(option: Option) -> str:
    if option.choices:
        return f":{option.field}:({' '.join(option.choices)})"
    if option.value in _FILES:
        return f":{option.field}:_files"
    return f":{option.field}:" if option.value else ""


def _fish(options: Iterable[Option]) -> str:
    lines = [_FISH.rstrip() % {"name": _NAME}]
    for option in options:
        words = ["complete -c hmp"]
        for name in option.names:
            words.append(_fish_option(name))
        if option.choices:
            words.append(f"-x -a '{' '.join(option.choices)}'")
        elif option.value:
            words.append("-r" if option.value in _FILES else "-x")
        words.append(f"-d '{_about(option)}'")
        lines.append(" ".join(words))
    return "\n".join(lines) + "\n"


def _fish_option(name: str) -> str:
    if name.startswith("--"):
        return f"-l {name[2:]}"
    return f"-s {name[1:]}" if len(name) == 2 else f"-o {name[1:]}"
