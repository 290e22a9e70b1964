/** The `wattline` command as a process: what a person types, what it prints, how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';

/** What `npx wattline` runs, and the program that it hands over to. */
const command = 'server/bin/wattline.mjs';
const program = 'server/cli/main.ts';

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `wattline <args>` to its end. */
export async function wattline(...args: string[]): Promise<CommandEnd> {
  const running = startWattline(...args);
  return running.end;
}

/** A command that goes on running. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly end: Promise<CommandEnd>;
  /** Resolves with the first match in what it printed so far or will print; rejects when it ends without. */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
}

/** Starts `wattline <args>`. */
export function startWattline(...args: string[]): RunningCommand {
  return start(command, args);
}

/** Starts the program itself, so that a signal that cannot be passed on (SIGKILL) hits it and nothing before it. */
export function startProgram(...args: string[]): RunningCommand {
  return start(program, args);
}

function start(script: string, args: readonly string[]): RunningCommand {
  const env = { ...process.env, UV_THREADPOOL_SIZE: '16' };
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  let onOutput = () => {};
  child.stdout?.on('data', (octets: Buffer) => {
    stdout += octets.toString();
    onOutput();
  });
  child.stderr?.on('data', (octets: Buffer) => {
    stderr += octets.toString();
  });
  const end = new Promise<CommandEnd>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  const says = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      onOutput = () => {
        const match = stdout.match(pattern);
        if (match) resolve(match);
      };
      onOutput();
      void end.then(() =>
        reject(new Error(`wattline ${args.join(' ')} ended without saying ${pattern}: ${stdout}${stderr}`)),
      );
    });
  return { process: child, end, says };
}
