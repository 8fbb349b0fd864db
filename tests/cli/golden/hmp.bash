_hmp_machines() {
    local LC_ALL=C pid name rest
    while read -r pid name rest; do
        if [[ $pid =~ ^[0-9]+$ && $name =~ ^[A-Za-z0-9._:][A-Za-z0-9._:-]*$ && $name == "$1"* ]]; then
            COMPREPLY+=("$name")
        fi
    done < <(HMP_LIST_STATES=no hmp --list 2>/dev/null)
}
_hmp_hosts() {
    local LC_ALL=C names rest name
    while read -r -a names; do
        for name in "${names[@]}"; do
            if [[ $name =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ && $name: == "$1"* ]]; then
                COMPREPLY+=("$name:")
            fi
        done
    done < <({
        while read -r name names; do
            [[ ${name,,} == host ]] && printf '%s
' "$names"
        done <~/.ssh/config
        while read -r names rest; do
            printf '%s
' "${names//,/ }"
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
    -c|--command) return ;;
    -f|--file) _hmp_files "$current"; return ;;
    -o|--output) COMPREPLY=($(compgen -W "text rich json" -- "$current")); return ;;
    --timeout) return ;;
    --wait) return ;;
    --clock) return ;;
    --extend) _hmp_files "$current"; return ;;
    --record) _hmp_files "$current"; return ;;
    -x|--exclude) return ;;
    --fanout) return ;;
    -q|--query) return ;;
    --config) _hmp_files "$current"; return ;;
    -d|--interval) return ;;
    -n|--count) return ;;
    --allow) COMPREPLY=($(compgen -W "change destructive" -- "$current")); return ;;
    --shell-completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")); return ;;
    -qmp|--qmp) return ;;
    -qmp-pretty|--qmp-pretty) return ;;
    -monitor|--monitor) return ;;
    -chardev|--chardev) return ;;
    -mon|--mon) return ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "-h --help -c --command -f --file -o --output -e --stop-on-error --trace --timeout --wait --clock --extend --record -y --yes --read-only --hold -x --exclude --all --fanout -b --gather --diff --no-reconnect -q --query -r --raw --config --list --top -d --interval -n --count --mcp --allow --shell-completion --version -qmp --qmp -qmp-pretty --qmp-pretty -monitor --monitor -chardev --chardev -mon --mon" -- "$current"))
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
