import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { CliProject } from './cli.js';
import { projectRoot } from './project-root.js';

/**
 * A terminal with the program in it as session leader. What comes on its own standard input is typed. When that ends it closes the
 * terminal: the kernel sends SIGHUP, and every write to the terminal is EIO from then on. The second SIGHUP is the one of a shell.
 */
const TERMINAL = `
import fcntl, os, pty, select, signal, struct, sys, termios
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', int(sys.argv[2]), int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])
while True:
    ready, _, _ = select.select([0, master], [], [])
    if master in ready:
        try:
            os.write(1, os.read(master, 65536))
        except OSError:
            break
    typed = os.read(0, 1) if 0 in ready else None
    if typed:
        os.write(master, typed)
    if typed == b'':
        os.close(master)
        os.kill(pid, signal.SIGHUP)
        break
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
`;

export interface TerminalRun {
  told(): string;
  /** Keys, as a keyboard sends them: Ctrl-C is \u0003. */
  type(keys: string): void;
  /** Closes the window. */
  hangUp(): void;
  /** Of the program; 256 - n when signal n ended it. */
  readonly finished: Promise<number | null>;
}

/** Starts the real program in a terminal window that can be closed. */
export function startInTerminal(project: CliProject, args: readonly string[], columns = 80, rows = 24): TerminalRun {
  const command = ['-c', TERMINAL, `${columns}`, `${rows}`, process.execPath, join(projectRoot, 'bin/run.js'), ...args];
  const child = spawn('python3', command, {
    cwd: project.folder,
    env: { ...process.env, NO_COLOR: '1', TERM: 'xterm', ...project.environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const finished = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { told: () => told, type: (keys) => void child.stdin.write(keys), hangUp: () => child.stdin.end(), finished };
}
