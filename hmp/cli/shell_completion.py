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

# Names come from other processes' command lines and from ssh's files, so they are only
# read, matched and compared, never evaluated by the shell; names with other characters are
# left out, and so are ssh's patterns and hashed names.
_NAME = "[A-Za-z0-9._:][A-Za-z0-9._:-]*"
_HOST = "[A-Za-z0-9][A-Za-z0-9._-]*"
# the values of options that shells complete as files
_FILES = ("FILE", "DIR")
_BASH = """\
_hmp_machines() {
    local LC_ALL=C pid name rest
    while read -r pid name rest; do
        if [[ $pid =~ ^[0-9]+$ && $name =~ ^%(name)s$ && $name == "$1"* ]]; then
            COMPREPLY+=("$name")
        fi
    done < <(HMP_LIST_STATES=no hmp --list 2>/dev/null)
}
_hmp_hosts() {
    local LC_ALL=C names rest name
    while read -r -a names; do
        for name in "${names[@]}"; do
            if [[ $name =~ ^%(host)s$ && $name: == "$1"* ]]; then
                COMPREPLY+=("$name:")
            fi
        done
    done < <({
        while read -r name names; do
            [[ ${name,,} == host ]] && printf '%%s\n' "$names"
        done <~/.ssh/config
        while read -r names rest; do
            printf '%%s\n' "${names//,/ }"
        done <~/.ssh/known_hosts
    } 2>/dev/null)
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
        local others=${#COMPREPLY[@]}
        _hmp_hosts "$current"
        # a host's colon is neither escaped nor followed by a blank
        ((others)) || compopt +o filenames -o nospace 2>/dev/null
    fi
}
complete -o filenames -F _hmp hmp
"""
_ZSH = """\
#compdef hmp
_hmp_machines() {
    local LC_ALL=C pid name rest
    local -a names
    HMP_LIST_STATES=no hmp --list 2>/dev/null | while read -r pid name rest; do
        if [[ $pid =~ '^[0-9]+$' && $name =~ '^%(name)s$' ]]; then
            names+=("$name")
        fi
    done
    compadd "$@" -a names
}
_hmp_hosts() {
    local LC_ALL=C names rest name
    local -a hosts words
    {
        while read -r name names; do
            [[ ${name:l} == host ]] && print -r -- "$names"
        done <~/.ssh/config
        while read -r names rest; do
            print -r -- "${names//,/ }"
        done <~/.ssh/known_hosts
    } 2>/dev/null | while read -r -A words; do
        for name in $words; do
            [[ $name =~ '^%(host)s$' ]] && hosts+=("$name")
        done
    done
    compadd -S : "$@" -a hosts
}
_hmp_targets() {
    _alternative 'machines:machine:_hmp_machines' 'hosts:host:_hmp_hosts' \
        'files:socket:_files'
}
_arguments -s \\
%(options)s
  '1:target:_hmp_targets'
"""
_FISH = """\
function __hmp_machines
    HMP_LIST_STATES=no hmp --list 2>/dev/null | string match -rg '^ *[0-9]+  (%(name)s) '
end
function __hmp_hosts
    begin
        test -r ~/.ssh/config
        and string match -rgi '^\\s*host\\s+(.+)' <~/.ssh/config | string split ' '
        test -r ~/.ssh/known_hosts
        and string match -rg '^(\\S+)' <~/.ssh/known_hosts | string split ,
    end | string match -r '^%(host)s$' | string replace -r '$' :
end
complete -c hmp -a '(__hmp_machines)' -d machine
complete -c hmp -a '(__hmp_hosts)' -d host
"""


def script(shell: str) -> str:
    """Return the completion script for ``bash``, ``zsh`` or ``fish``."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]((*OPTIONS, *MONITORS))


def _bash(options: Iterable[Option]) -> str:
    names = " ".join(name for option in options for name in option.names)
    cases = "\n".join(_bash_cases(options))
    return _BASH % {"cases": cases, "options": names, "name": _NAME, "host": _HOST}


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
    # quotes would end the word in the script, and brackets the description in zsh's
    return option.help.replace("'", "").replace("[", "(").replace("]", ")")


def _zsh(options: Iterable[Option]) -> str:
    lines: list[str] = []
    for option in options:
        for name in option.names:
            lines.append(f"  '{name}[{_about(option)}]{_zsh_value(option)}' \\")
    return _ZSH % {"options": "\n".join(lines), "name": _NAME, "host": _HOST}


def _zsh_value(option: Option) -> str:
    if option.choices:
        return f":{option.field}:({' '.join(option.choices)})"
    if option.value in _FILES:
        return f":{option.field}:_files"
    return f":{option.field}:" if option.value else ""


def _fish(options: Iterable[Option]) -> str:
    lines = [_FISH.rstrip() % {"name": _NAME, "host": _HOST}]
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
