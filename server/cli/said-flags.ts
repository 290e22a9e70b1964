/** Who says something and why, as flags of every command that changes what is known; and how such a change is told. */
import { type Command, InvalidArgumentError } from 'commander';
import { jsonBody } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell } from './shell.ts';

export interface SaidFlags extends ServerFlags {
  readonly author: string;
  readonly reason: string;
}
/** Of commands about one reading type of a point. */
export interface TypeFlags extends SaidFlags {
  readonly readingType: string;
}
/** Of commands about a stretch of time. */
export interface PeriodFlags {
  readonly from: string;
  readonly to: string;
}

/** Gives a command the flags of the server, `--author` and `--reason`. */
export function withSaid(command: Command): Command {
  return withServer(command)
    .requiredOption('--author <name>', 'who says it')
    .requiredOption('--reason <reason>', 'why');
}

/** Path of a usage point in the API. */
export function pathOf(usagePoint: string): string {
  return `usage-points/${encodeURIComponent(usagePoint)}`;
}

/** Posts a change of assets and says what it recorded. */
export async function tellChange(
  shell: Shell,
  flags: ServerFlags,
  path: string,
  body: object,
): Promise<void> {
  const answer = await findServer(flags).post<{ facts?: number[]; accepted?: number }>(
    path,
    {},
    jsonBody(body),
  );
  if (flags.json) printJson(shell, answer);
  else if (answer.facts) shell.out(factsText(answer.facts));
  else shell.out(`${answer.accepted} values have a new version`);
}

/** Posts a body and says in words what was done. */
export async function postSaying(
  shell: Shell,
  flags: ServerFlags,
  path: string,
  body: object,
  said: string,
): Promise<void> {
  const answer = await findServer(flags).post<object>(path, {}, jsonBody(body));
  if (flags.json) printJson(shell, answer);
  else shell.out(said);
}

/** The facts of a change, and how they are taken back. */
export function factsText(facts: readonly number[]): string {
  const numbers = facts.join(' ');
  return `Facts ${numbers}; to take them back: wattline asset undo ${numbers}`;
}

/** A whole amount of at most fifteen digits. */
export function wholeAmount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a whole number, found '${text}'`);
}

/** Reads at an exchange. */
export interface RegisterReads {
  readonly readingType: string;
  readonly final: number;
  readonly initial: number;
}

/** Collects `--read type:final:initial`. */
export function addRead(text: string, before: readonly RegisterReads[]): RegisterReads[] {
  const [readingType = '', final = '', initial = '', ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidArgumentError(`expected type:final:initial, found '${text}'`);
  return [...before, { readingType, final: wholeAmount(final), initial: wholeAmount(initial) }];
}
