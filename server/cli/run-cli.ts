/** Runs one command line and gives its exit code; nothing that goes wrong leaves more than one line. */
import { codeOf, messageOf } from '@wattline/base';
import { CommanderError } from 'commander';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import type { Shell } from './shell.ts';

/** Runs `wattline <args>`; resolves when the command has ended. */
export async function runCli(args: readonly string[], streams: Omit<Shell, 'end'>): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const shell: Shell = {
    ...streams,
    end: (code) => {
      exitCode = code;
    },
  };
  try {
    await buildProgram(shell).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    const isShown = error instanceof CommanderError && isHelp(error);
    if (!isShown) streams.err(`wattline: ${oneLine(error)} (${codeShown(error)})`);
    return exitCodeOf(error);
  }
}

/** Help and version were printed already. */
function isHelp({ code }: CommanderError): boolean {
  return ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code);
}

function codeShown(error: unknown): string {
  return error instanceof CommanderError ? 'server/bad-usage' : codeOf(error);
}

function oneLine(error: unknown): string {
  return messageOf(error)
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
