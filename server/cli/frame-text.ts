/** A tree of fields as lines for a terminal, in colour where the terminal shows any. */
import { styleText } from 'node:util';
import type { FrameNode } from '@wattline/protocols/dlms';

type Style = Parameters<typeof styleText>[0];

/** Names of what cannot be read or is wrong. */
const isWrong = ({ name, value }: FrameNode) =>
  name === 'error' || name === 'trailing-octets' || / wrong: |^dlms\//.test(value ?? '');

/** Lines of a tree: offset, count of octets, name, value. */
export function renderFrame(node: FrameNode, depth = 0): string[] {
  const place = `${String(node.offset).padStart(5)} ${String(node.length).padStart(5)}`;
  const indent = '  '.repeat(depth);
  const name = paint(styleOf(node), node.name);
  const value = node.value === undefined ? '' : `: ${paint(isWrong(node) ? 'red' : 'none', node.value)}`;
  const line = `${paint('gray', place)}  ${indent}${name}${value}`;
  return [line, ...node.children.flatMap((child) => renderFrame(child, depth + 1))];
}

function styleOf(node: FrameNode): Style {
  if (isWrong(node)) return 'red';
  if (node.octets !== undefined) return ['bold', 'magenta'];
  return node.children.length > 0 ? 'bold' : 'cyan';
}

/** Colours only on a terminal that shows them, and never with NO_COLOR. */
function paint(style: Style | 'none', text: string): string {
  return style === 'none' ? text : styleText(style, text, { stream: process.stdout });
}
