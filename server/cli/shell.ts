/** Where a command writes and how it ends. */
import { type Command, InvalidArgumentError } from 'commander';
import type { ExitCode } from './exit-codes.ts';

/** The two streams of a process; lines come without their end. */
export interface Shell {
  out(line: string): void;
  err(line: string): void;
  /** Sets what the process ends with; 0 unless told. */
  end(code: ExitCode): void;
}

/** A noun with its verbs; without a verb it shows its help and is wrong usage. */
export function addNoun(program: Command, name: string, description: string): Command {
  return program.command(name).description(description);
}

/** A whole number from `least` to `most`, as an option's parser. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`);
  };
}

/** A number above 0, as an option's parser. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a number above 0');
}

/** Prints a value as JSON. */
export function printJson(shell: Shell, value: unknown): void {
  shell.out(JSON.stringify(value, null, 2));
}
