function __hmp_machines
    HMP_LIST_STATES=no hmp --list 2>/dev/null | string match -rg '^ *[0-9]+  ([A-Za-z0-9._:][A-Za-z0-9._:-]*) '
end
function __hmp_hosts
    begin
        test -r ~/.ssh/config
        and string match -rgi '^\s*host\s+(.+)' <~/.ssh/config | string split ' '
        test -r ~/.ssh/known_hosts
        and string match -rg '^(\S+)' <~/.ssh/known_hosts | string split ,
    end | string match -r '^[A-Za-z0-9][A-Za-z0-9._-]*$' | string replace -r '$' :
end
complete -c hmp -a '(__hmp_machines)' -d machine
complete -c hmp -a '(__hmp_hosts)' -d host
complete -c hmp -s h -l help -d 'show this help message and exit'
complete -c hmp -s c -l command -x -d 'run LINE and exit; repeatable, in order'
complete -c hmp -s f -l file -r -d 'run the lines of FILE (-: standard input) and exit'
complete -c hmp -s o -l output -x -a 'text rich json' -d 'how results are shown (rich on a terminal, text elsewhere)'
complete -c hmp -s e -l stop-on-error -d 'stop at the first command that fails'
complete -c hmp -l trace -d 'show the QMP messages on stderr'
complete -c hmp -l timeout -x -d 'time limit for one QMP command, for waiting, and for connecting'
complete -c hmp -l wait -x -d 'wait this long for the machine to start and its socket to answer'
complete -c hmp -l clock -x -d 'alarm timer of the demonstration machine (help: list them)'
complete -c hmp -l extend -r -d 'load more commands from DIR/commands and DIR/info; repeatable'
complete -c hmp -l record -r -d 'record lines and QMP messages in FILE, replacing it'
complete -c hmp -s y -l yes -d 'do not ask for confirmation before destructive commands'
complete -c hmp -l read-only -d 'refuse commands that might change the machine'
complete -c hmp -l hold -d 'keep TARGETs own monitor, instead of a private one (QEMU 11.1 and later)'
complete -c hmp -s x -l exclude -x -d 'leave these machines out of the set; repeatable'
complete -c hmp -l all -d 'all machines of this host'
complete -c hmp -l fanout -x -d 'how many machines of a set to ask at the same time (64)'
complete -c hmp -s b -l gather -d 'show equal results of a sets machines once'
complete -c hmp -l diff -d 'show how results differ from the most frequent one'
complete -c hmp -l no-reconnect -d 'exit when the machine goes away'
complete -c hmp -s q -l query -x -d 'JSON output, filtered by the JMESPath expression EXPR'
complete -c hmp -s r -l raw -d 'with --query, plain values, each on a line'
complete -c hmp -l config -r -d 'the configuration file'
complete -c hmp -l list -d 'list the QEMUs and guest agents of this host, or of the target HOST:, and how to reach them'
complete -c hmp -l top -d 'show what the TARGETs, or all machines of this host, do: CPU, memory, disks, network, migration, jobs'
complete -c hmp -s d -l interval -x -d 'with --top, the time between two looks (2)'
complete -c hmp -s n -l count -x -d 'with --top, as text, and the number of looks'
complete -c hmp -l mcp -d 'offer the TARGETs, or all machines of this host, to agents: a Model Context Protocol server on standard input and output'
complete -c hmp -l allow -x -a 'change destructive' -d 'what agents may do, besides reading (--mcp): change, or even destroy'
complete -c hmp -l shell-completion -x -a 'bash zsh fish' -d 'print the completion script for this shell and exit'
complete -c hmp -l version -d 'show the version and exit'
complete -c hmp -o qmp -l qmp -x -d 'QMP on DEV'
complete -c hmp -o qmp-pretty -l qmp-pretty -x -d 'the same, indented'
complete -c hmp -o monitor -l monitor -x -d 'the human monitor on DEV (none: not on this terminal)'
complete -c hmp -o chardev -l chardev -x -d 'a socket, stdio or null backend named ID'
complete -c hmp -o mon -l mon -x -d 'a monitor on that backend: mode=readline|control,pretty=on|off'
