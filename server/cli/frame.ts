/** `wattline frame decode`: octets of any metering capture as trees with offsets. */
import { readFileSync } from 'node:fs';
import { CodedError, codeOf, messageOf } from '@wattline/base';
import { describeCapture, type FrameKeys } from '@wattline/protocols/dlms';
import type { Command } from 'commander';
import { octetsOfText } from '../frame-text.ts';
import { exitCodes } from './exit-codes.ts';
import { renderFrame } from './frame-text.ts';
import { parseOctets } from './octets-flag.ts';
import { addNoun, printJson, type Shell } from './shell.ts';

interface FrameFlags {
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  readonly dk?: Uint8Array;
  readonly st?: Uint8Array;
  readonly file?: string;
  readonly json?: true;
}

/** Standard input in place of a file. */
const standardInput = '-';

export function addFrame(program: Command, shell: Shell): void {
  const frame = addNoun(program, 'frame', 'frames of metering protocols');
  frame
    .command('decode [hex...]')
    .description(
      'decode frames: DLMS/COSEM over TCP wrapper, HDLC, M-Bus or bare, ciphered or not, and P1 telegrams; several in a row',
    )
    .option(
      '--file <path>',
      'read the octets from a file, `-` from standard input: digits, or the octets themselves',
    )
    .option('--ek <hex>', 'encryption key: deciphers what is ciphered', parseOctets([16, 32]))
    .option('--ak <hex>', 'authentication key: checks the tag', parseOctets([16, 32]))
    .option('--dk <hex>', 'dedicated key of the association', parseOctets([16, 32]))
    .option(
      '--st <hex>',
      'system title of the sender, 16 digits, when the frame does not carry it',
      parseOctets([8]),
    )
    .option('--json', 'print the trees as JSON')
    .addHelpText(
      'after',
      `
Digits may have spaces, lines, colons, commas, 0x and the like between them. Each line shows the offset and the count of octets of a
field. Below a field named plaintext or reassembled, offsets count in the octets of that field. Exit code 5 when something cannot be
decoded; what came before it is shown all the same.

Examples:
  wattline frame decode 0001 0010 0001 000D C001C100080000010000FF0200
  wattline frame decode 7E:A0:07:03:21:93:0F:01:7E
  wattline frame decode --file capture.hex --ek <hex> --ak <hex> --st <hex>`,
    )
    .action((hex: readonly string[], flags: FrameFlags) => {
      const { frames, problem } = describeCapture(octetsGiven(hex, flags), keysOf(flags));
      const [only] = frames;
      if (flags.json)
        printJson(shell, frames.length === 1 && !problem ? only : { frames, problem: problem ?? null });
      else if (frames.length > 0) shell.out(frames.flatMap((tree) => renderFrame(tree)).join('\n'));
      if (!problem) return;
      const { offset } = problem.where;
      const at = typeof offset === 'number' ? ` at octet ${offset}` : '';
      // Given by the person, so bad input, whatever the same code would be from a meter.
      shell.err(`wattline: ${problem.message}${at} (${problem.code})`);
      shell.end(exitCodes.badInput);
    });
}

function octetsGiven(hex: readonly string[], { file }: FrameFlags): Uint8Array {
  if (file === undefined && hex.length === 0) {
    throw new CodedError('server/bad-usage', 'expected octets as hexadecimal digits, or --file');
  }
  if (file !== undefined && hex.length > 0) {
    throw new CodedError('server/bad-usage', 'expected octets or --file, found both');
  }
  if (file === undefined) return octetsOfText(hex.join(' '));
  const content = readContent(file);
  const isText = content.every(
    (octet) => octet < 0x7f && (octet >= 0x20 || (octet >= 0x09 && octet <= 0x0d)),
  );
  return isText ? octetsOfText(content.toString('latin1')) : new Uint8Array(content);
}

function readContent(file: string): Buffer {
  try {
    return readFileSync(file === standardInput ? 0 : file);
  } catch (error) {
    throw new CodedError('server/no-file', `${file} cannot be read: ${messageOf(error)}`, {
      cause: codeOf(error),
    });
  }
}

function keysOf({ ek, ak, dk, st }: FrameFlags): FrameKeys {
  if (ak && !ek && !dk) throw new CodedError('server/bad-usage', '--ak: expected --ek beside it');
  return {
    ...(ek ? { ek } : {}),
    ...(ak ? { ak } : {}),
    ...(dk ? { dk } : {}),
    ...(st ? { systemTitle: st } : {}),
  };
}
