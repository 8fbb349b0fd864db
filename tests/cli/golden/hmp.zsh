#compdef hmp
_hmp_machines() {
    local LC_ALL=C pid name rest
    local -a names
    HMP_LIST_STATES=no hmp --list 2>/dev/null | while read -r pid name rest; do
        if [[ $pid =~ '^[0-9]+$' && $name =~ '^[A-Za-z0-9._:][A-Za-z0-9._:-]*$' ]]; then
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
            [[ $name =~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' ]] && hosts+=("$name")
        done
    done
    compadd -S : "$@" -a hosts
}
_hmp_targets() {
    _alternative 'machines:machine:_hmp_machines' 'hosts:host:_hmp_hosts'         'files:socket:_files'
}
_arguments -s \
  '-h[show this help message and exit]' \
  '--help[show this help message and exit]' \
  '-c[run LINE and exit; repeatable, in order]:sources:' \
  '--command[run LINE and exit; repeatable, in order]:sources:' \
  '-f[run the lines of FILE (-: standard input) and exit]:sources:_files' \
  '--file[run the lines of FILE (-: standard input) and exit]:sources:_files' \
  '-o[how results are shown (rich on a terminal, text elsewhere)]:output:(text rich json)' \
  '--output[how results are shown (rich on a terminal, text elsewhere)]:output:(text rich json)' \
  '-e[stop at the first command that fails]' \
  '--stop-on-error[stop at the first command that fails]' \
  '--trace[show the QMP messages on stderr]' \
  '--timeout[time limit for one QMP command, for waiting, and for connecting]:timeout:' \
  '--wait[wait this long for the machine to start and its socket to answer]:wait:' \
  '--clock[alarm timer of the demonstration machine (help: list them)]:clock:' \
  '--extend[load more commands from DIR/commands and DIR/info; repeatable]:extend:_files' \
  '--record[record lines and QMP messages in FILE, replacing it]:record:_files' \
  '-y[do not ask for confirmation before destructive commands]' \
  '--yes[do not ask for confirmation before destructive commands]' \
  '--read-only[refuse commands that might change the machine]' \
  '--hold[keep TARGETs own monitor, instead of a private one (QEMU 11.1 and later)]' \
  '-x[leave these machines out of the set; repeatable]:exclude:' \
  '--exclude[leave these machines out of the set; repeatable]:exclude:' \
  '--all[all machines of this host]' \
  '--fanout[how many machines of a set to ask at the same time (64)]:fanout:' \
  '-b[show equal results of a sets machines once]' \
  '--gather[show equal results of a sets machines once]' \
  '--diff[show how results differ from the most frequent one]' \
  '--no-reconnect[exit when the machine goes away]' \
  '-q[JSON output, filtered by the JMESPath expression EXPR]:query:' \
  '--query[JSON output, filtered by the JMESPath expression EXPR]:query:' \
  '-r[with --query, plain values, each on a line]' \
  '--raw[with --query, plain values, each on a line]' \
  '--config[the configuration file]:config:_files' \
  '--list[list the QEMUs and guest agents of this host, or of the target HOST:, and how to reach them]' \
  '--top[show what the TARGETs, or all machines of this host, do: CPU, memory, disks, network, migration, jobs]' \
  '-d[with --top, the time between two looks (2)]:interval:' \
  '--interval[with --top, the time between two looks (2)]:interval:' \
  '-n[with --top, as text, and the number of looks]:count:' \
  '--count[with --top, as text, and the number of looks]:count:' \
  '--mcp[offer the TARGETs, or all machines of this host, to agents: a Model Context Protocol server on standard input and output]' \
  '--allow[what agents may do, besides reading (--mcp): change, or even destroy]:allow:(change destructive)' \
  '--shell-completion[print the completion script for this shell and exit]:shell_completion:(bash zsh fish)' \
  '--version[show the version and exit]' \
  '-qmp[QMP on DEV]:monitors:' \
  '--qmp[QMP on DEV]:monitors:' \
  '-qmp-pretty[the same, indented]:monitors:' \
  '--qmp-pretty[the same, indented]:monitors:' \
  '-monitor[the human monitor on DEV (none: not on this terminal)]:monitors:' \
  '--monitor[the human monitor on DEV (none: not on this terminal)]:monitors:' \
  '-chardev[a socket, stdio or null backend named ID]:monitors:' \
  '--chardev[a socket, stdio or null backend named ID]:monitors:' \
  '-mon[a monitor on that backend: mode=readline|control,pretty=on|off]:monitors:' \
  '--mon[a monitor on that backend: mode=readline|control,pretty=on|off]:monitors:' \
  '1:target:_hmp_targets'
