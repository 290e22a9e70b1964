/** `wattline vee explain`: why an interval has the value it has. */
import type { IntervalExplanation } from '@wattline/model';
import type { Command } from 'commander';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

export function addVee(program: Command, shell: Shell): void {
  const vee = addNoun(program, 'vee', 'validation, estimation and editing');
  withServer(vee.command('explain <usage-point> <interval-start>'))
    .description('explain an interval: every version, what the rules said, the frame it came in')
    .option('--reading-type <type>', 'reading type', 'delivered')
    .addHelpText('after', '\nExample:\n  wattline vee explain UP-0001 2026-11-20T00:30:00Z')
    .action(async (usagePoint: string, start: string, flags: ServerFlags & { readingType: string }) => {
      const path = `usage-points/${encodeURIComponent(usagePoint)}/intervals/${encodeURIComponent(start)}/explanation`;
      const answer = await findServer(flags).get<IntervalExplanation>(path, {
        readingType: flags.readingType,
      });
      if (flags.json) printJson(shell, answer);
      else shell.out(renderInterval(answer));
    });
}

function renderInterval({
  channel,
  start,
  intervalSeconds,
  versions,
  verdicts,
  exchange,
}: IntervalExplanation) {
  const parts = [`${channel} ${start}, ${intervalSeconds} s`, ''];
  if (versions.length === 0) parts.push('No value is known for this interval.');
  else {
    const rows = versions.map(({ knownAt, value, flags, method, source, reference }) => [
      knownAt,
      String(value ?? ''),
      flags.join(', '),
      method || 'as it came',
      `${source} ${reference}`,
    ]);
    parts.push(renderTable(['known at', 'value', 'quality', 'method', 'from'], rows));
  }
  if (verdicts.length > 0) {
    const rows = verdicts.map(({ knownAt, rule, outcome, detail }) => [knownAt, rule, outcome, detail]);
    parts.push('', renderTable(['known at', 'rule', 'outcome', 'detail'], rows));
  }
  if (exchange) {
    const { id, serial, at, digest, hex } = exchange;
    parts.push('', `Read from meter ${serial} in exchange ${id} at ${at}, SHA-256 of the octets ${digest}`);
    if (hex !== null)
      parts.push(`  ${hex.length > 160 ? `${hex.slice(0, 160)}... (${hex.length / 2} octets)` : hex}`);
  }
  return parts.join('\n');
}
