/** Nodes of the tree of a frame: made by hand, or grown while codecs read. */
import { CodedError, type Failure, toHex } from '@wattline/base';
import type { Trace } from './octet-reader.ts';

/** One node of the tree of a frame. */
export interface FrameNode {
  /** The standard's own name of the field. */
  readonly name: string;
  /** Offset of the first octet in the frame; below a node `plaintext` or `reassembled`, in the octets of that node. */
  readonly offset: number;
  readonly length: number;
  /** The value as a person reads it, when the node has one of its own. */
  readonly value?: string;
  /** Hexadecimal digits of the octets that offsets below count in, when they are not those of the frame. */
  readonly octets?: string;
  readonly children: readonly FrameNode[];
}

/** A node while it grows. */
export interface GrowingNode {
  name: string;
  offset: number;
  length: number;
  value?: string;
  octets?: string;
  children: GrowingNode[];
}

/** Collects what codecs read into nodes. */
export class Growth implements Trace {
  readonly root: GrowingNode;
  private readonly path: GrowingNode[];

  constructor(name: string, offset: number) {
    this.root = { name, offset, length: 0, children: [] };
    this.path = [this.root];
  }

  open(name: string, offset: number): void {
    const node = { name, offset, length: 0, children: [] };
    this.path.at(-1)?.children.push(node);
    this.path.push(node);
  }

  close(offset: number, value: string | undefined): void {
    const node = this.path.pop();
    if (!node) return;
    node.length = offset - node.offset;
    if (value !== undefined) node.value = value;
  }

  /** Ends all nodes where reading stopped, and says there why; without a list for problems the error goes on. */
  cutShort(error: unknown, octets: Uint8Array, problems: Failure[] | undefined): FrameNode {
    if (!(error instanceof CodedError) || !problems) throw error;
    const { code, message, where } = error;
    const stopped = typeof where.offset === 'number' ? Math.min(where.offset, octets.length) : octets.length;
    problems.push({ code, message, where });
    for (const open of this.path) open.length = Math.max(0, stopped - open.offset);
    this.root.length = octets.length - this.root.offset;
    this.root.children.push({
      name: 'error',
      offset: stopped,
      length: octets.length - stopped,
      value: `${code}: ${message}`,
      children: [],
    });
    return this.root;
  }
}

/** A node whose offsets count in the octets of the one above it. */
export function node(
  name: string,
  offset: number,
  length: number,
  children: readonly FrameNode[],
  value?: string,
): FrameNode {
  return { name, offset, length, children, ...(value === undefined ? {} : { value }) };
}

/** A node with octets of its own, in which the offsets below it count. */
export function ownSpace(
  name: string,
  octets: Uint8Array,
  children: readonly FrameNode[],
  value?: string,
): FrameNode {
  return { ...node(name, 0, octets.length, children, value), octets: toHex(octets) };
}

/** Nodes are made here alone, so that one that is finished may stand among those that grow. */
export function grown(finished: FrameNode): GrowingNode {
  return finished as GrowingNode;
}
