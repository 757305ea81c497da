/** What a shell may complete of one command. */
export interface CompletionCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly {
    readonly name: string;
    readonly letter?: string;
    readonly summary: string;
    /** Absent: it takes no value. Empty: any value, files by default. */
    readonly values?: readonly string[];
  }[];
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script to be sourced. All words in it are those of our own commands. */
export function completionScript(shell: Shell, bin: string, commands: readonly CompletionCommand[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(bin, commands);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(bin, commands)}`;
    case 'fish':
      return fishScript(bin, commands);
  }
}

const longOf = ({ options }: CompletionCommand): string => options.map(({ name }) => `--${name}`).join(' ');

/** Where it offers nothing of its own, the shell completes names of files. */
function bashScript(bin: string, commands: readonly CompletionCommand[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap(({ name: option, values: words = [] }) =>
      words.length === 0 ? [] : [`    '${name} --${option}') words='${words.join(' ')}' ;;`],
    ),
  );
  return `_${bin}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words='' word
  COMPREPLY=()
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')}'
  elif [ -z "$words" ]; then
    case "$cur" in
    -*)
      case "\${COMP_WORDS[1]}" in
${commands.map((command) => `      '${command.name}') words='${longOf(command)}' ;;`).join('\n')}
      esac
      ;;
    esac
  fi
  for word in $words; do
    case "$word" in "$cur"*) COMPREPLY+=("$word") ;; esac
  done
}
complete -o default -F _${bin} ${bin}
`;
}

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishScript(bin: string, commands: readonly CompletionCommand[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c ${bin} -f -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
    ...options.map(({ name: option, letter, summary: what, values }) => {
      const value = values === undefined ? '' : values.length === 0 ? ' -r' : ` -x -a ${fishQuoted(values.join(' '))}`;
      const short = letter === undefined ? '' : ` -s ${letter}`;
      return `complete -c ${bin} -n '__fish_seen_subcommand_from ${name}' -l ${option}${short}${value} -d ${fishQuoted(what)}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}
