/** `wattline frame decode`: a frame as a tree with offsets. */
import { CodedError, fromHex } from '@wattline/base';
import { decodeFrame, type FrameKeys, type FrameNode } from '@wattline/protocols/dlms';
import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { parseOctets } from './octets-flag.ts';
import { addNoun, printJson, type Shell } from './shell.ts';

interface FrameFlags {
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  readonly st?: Uint8Array;
  readonly json?: true;
}

export function addFrame(program: Command, shell: Shell): void {
  const frame = addNoun(program, 'frame', 'frames of metering protocols');
  frame
    .command('decode <hex...>')
    .description('decode a DLMS/COSEM frame: TCP wrapper, HDLC, or a bare APDU')
    .option('--ek <hex>', 'encryption key: deciphers what is ciphered', parseOctets([16, 32]))
    .option('--ak <hex>', 'authentication key: checks the tag', parseOctets([16, 32]))
    .option(
      '--st <hex>',
      'system title of the sender, 16 digits, when the frame does not carry it',
      parseOctets([8]),
    )
    .option('--json', 'print the tree as JSON')
    .addHelpText(
      'after',
      `
Each line shows the offset and the count of octets of a field. Below a field named plaintext or reassembled, offsets
count in the octets of that field. Exit code 5 when the octets cannot be decoded.

Example:
  wattline frame decode 0001 0010 0001 000D C001C100080000010000FF0200`,
    )
    .action((hex: readonly string[], flags: FrameFlags) => {
      const decoded = decodeFrame(fromHex(hex.join('')), keysOf(flags));
      if (!decoded.ok) {
        const { code, message, where } = decoded.error;
        const at = typeof where.offset === 'number' ? ` at octet ${where.offset}` : '';
        // Given by the person, so bad input, whatever the same code would be from a meter.
        shell.err(`wattline: ${message}${at} (${code})`);
        return shell.end(exitCodes.badInput);
      }
      if (flags.json) printJson(shell, decoded.value);
      else shell.out(renderFrame(decoded.value).join('\n'));
    });
}

function keysOf({ ek, ak, st }: FrameFlags): FrameKeys {
  if (ak && !ek) throw new CodedError('server/bad-usage', '--ak: expected --ek beside it');
  return { ...(ek ? { ek } : {}), ...(ak ? { ak } : {}), ...(st ? { systemTitle: st } : {}) };
}

function renderFrame(node: FrameNode, depth = 0): string[] {
  const place = `${String(node.offset).padStart(5)} ${String(node.length).padStart(5)}`;
  const value = node.value === undefined ? '' : `: ${node.value}`;
  const line = `${place}  ${'  '.repeat(depth)}${node.name}${value}`;
  return [line, ...node.children.flatMap((child) => renderFrame(child, depth + 1))];
}
