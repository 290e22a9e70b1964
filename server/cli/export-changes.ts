/** `wattline export changes`: the change feed as a file of JSON lines that goes on where it ended, each change once. */
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { messageOf } from '@wattline/base';
import { type Command, InvalidArgumentError } from 'commander';
import { serverError } from '../errors.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell, wholeNumber } from './shell.ts';

const changesAtOnce = 10_000;

interface Page {
  readonly changes: readonly object[];
  readonly position: number;
  readonly isLast: boolean;
}

/** How far the file has come: what lies beyond its octets was being written when it was cut short. */
interface Progress {
  readonly position: number;
  readonly octets: number;
}

export function addExportChanges(noun: Command, shell: Shell): void {
  withServer(noun.command('changes <file>'))
    .description(
      'append what changed since to a file of JSON lines; run it again and it goes on where it ended',
    )
    .option(
      '--after <position>',
      'where a new file begins; default: the beginning',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .addHelpText(
      'after',
      `
Beside the file stands <file>.position: a run that was cut short leaves no half of a change. A new file from the same position has
the same lines.

Example:
  wattline export changes /var/spool/billing/changes.jsonl`,
    )
    .action(async (path: string, flags: ServerFlags & { after?: number }) => {
      const server = findServer(flags);
      let progress = onDisk(path, () => progressOf(path, flags.after));
      let count = 0;
      for (;;) {
        const query = { after: String(progress.position), limit: String(changesAtOnce) };
        const page = await server.get<Page>('changes', query);
        if (page.changes.length === 0) break;
        progress = onDisk(path, () => append(path, page, progress));
        count += page.changes.length;
        if (page.isLast) break;
      }
      if (flags.json) printJson(shell, { changes: count, position: progress.position });
      else shell.out(`${count} changes appended, up to position ${progress.position}`);
    });
}

/** Where the file stands; what was half written is cut off. */
function progressOf(path: string, after: number | undefined): Progress {
  if (!existsSync(`${path}.position`)) {
    if (existsSync(path) && statSync(path).size > 0)
      throw new InvalidArgumentError(`${path} is there and was not written by this command`);
    return { position: after ?? 0, octets: 0 };
  }
  const progress = JSON.parse(readFileSync(`${path}.position`, 'utf8')) as Progress;
  if (after !== undefined)
    throw new InvalidArgumentError(
      `${path} goes on from ${progress.position}: name a new file to begin elsewhere`,
    );
  const { size } = statSync(path);
  if (size < progress.octets)
    throw new InvalidArgumentError(
      `${path} has ${size} octets, expected ${progress.octets}: it lost its end`,
    );
  truncateSync(path, progress.octets);
  return progress;
}

/** The page first, then how far it goes: cut in between, the next run writes the page again. */
function append(path: string, { changes, position }: Page, { octets }: Progress): Progress {
  const lines = Buffer.from(changes.map((change) => `${JSON.stringify(change)}\n`).join(''));
  appendFileSync(path, lines, { flush: true });
  const progress = { position, octets: octets + lines.length };
  writeFileSync(`${path}.position.new`, JSON.stringify(progress), { flush: true });
  renameSync(`${path}.position.new`, `${path}.position`);
  return progress;
}

function onDisk<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    throw serverError('server/no-file', `${path} cannot be written: ${messageOf(error)}`, { path }, error);
  }
}
