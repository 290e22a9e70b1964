/** XML as interchange needs it: well-formed, namespaces, five entities; no document type, bounded in depth and size. */
import { failure, type Result, success } from '@wattline/base';

/** An element; names are local names. */
export interface XmlElement {
  readonly name: string;
  /** Namespace name, `''` when there is none. */
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Character data directly inside, white space trimmed at both ends. */
  readonly text: string;
  /** Line of the start tag, from 1. */
  readonly line: number;
}

const deepest = 64;
const mostElements = 2_000_000;
const namePattern = /[\p{L}_][\p{L}\p{N}_.-]*(?::[\p{L}_][\p{L}\p{N}_.-]*)?/uy;
const attributePattern = /\s+([\p{L}_][\p{L}\p{N}_.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/uy;
const startTail = /\s*(\/?>)/uy;
const endTail = /\s*>/uy;
const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface OpenElement {
  readonly qualified: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  readonly scope: ReadonlyMap<string, string>;
  readonly line: number;
  text: string;
}

/** Thrown inside this file only, and turned into a failure at its door. */
class XmlFault extends Error {
  readonly isCutOff: boolean;
  constructor(message: string, isCutOff: boolean) {
    super(message);
    this.isCutOff = isCutOff;
  }
}

/** The root element, or a failure `mdm/exchange-bad-xml` or, when the text just stops, `mdm/exchange-half-written`. */
export function parseXml(text: string): Result<XmlElement> {
  const scanner = new XmlScanner(text);
  try {
    return success(scanner.document());
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    const code = error.isCutOff ? 'mdm/exchange-half-written' : 'mdm/exchange-bad-xml';
    return failure(code, error.message, { line: scanner.line });
  }
}

class XmlScanner {
  line = 1;
  private at = 0;
  private counted = 0;
  private elements = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): XmlElement {
    if (this.text.startsWith('\uFEFF')) this.at = 1;
    const stack: OpenElement[] = [];
    let root: XmlElement | null = null;
    while (this.at < this.text.length) {
      const open = this.text.indexOf('<', this.at);
      this.characters(this.text.slice(this.at, open < 0 ? undefined : open), stack);
      if (open < 0) break;
      this.moveTo(open);
      const next = this.text[this.at + 1];
      if (next === '!' || next === '?') this.markup(stack);
      else if (next === '/') {
        const closed = this.endTag(stack);
        if (stack.length === 0) root = closed;
      } else {
        if (root) throw new XmlFault('a second root element', false);
        const { element, isEmpty } = this.startTag(stack[stack.length - 1]?.scope ?? new Map());
        stack.push(element);
        if (stack.length > deepest) throw new XmlFault(`deeper than ${deepest} elements`, false);
        if (isEmpty) {
          const closed = this.close(stack);
          if (stack.length === 0) root = closed;
        }
      }
    }
    if (stack.length > 0) throw new XmlFault(`'${stack[stack.length - 1]?.qualified}' is not closed`, true);
    if (!root) throw new XmlFault('no root element', true);
    return root;
  }

  /** Counts the lines up to `position` and goes there. */
  private moveTo(position: number): void {
    for (let i = this.counted; i < position; i++) if (this.text.charCodeAt(i) === 10) this.line++;
    this.counted = position;
    this.at = position;
  }

  private characters(raw: string, stack: OpenElement[]): void {
    const top = stack[stack.length - 1];
    if (top) top.text += this.unescape(raw);
    else if (raw.replace('\uFEFF', '').trim() !== '')
      throw new XmlFault('text outside the root element', false);
  }

  private markup(stack: OpenElement[]): void {
    const kinds = [
      ['<!--', '-->'],
      ['<![CDATA[', ']]>'],
      ['<?', '?>'],
    ] as const;
    const rest = this.text.slice(this.at, this.at + 9);
    const kind = kinds.find(([start]) => rest.startsWith(start));
    if (!kind) {
      const isCutOff = kinds.some(([start]) => start.startsWith(rest));
      throw new XmlFault(isCutOff ? 'markup is cut off' : 'a document type is not read', isCutOff);
    }
    const [start, end] = kind;
    const stop = this.text.indexOf(end, this.at + start.length);
    if (stop < 0) throw new XmlFault(`'${start}' is not closed`, true);
    const top = stack[stack.length - 1];
    if (start === '<![CDATA[') {
      if (!top) throw new XmlFault('text outside the root element', false);
      top.text += this.text.slice(this.at + start.length, stop);
    }
    this.moveTo(stop + end.length);
  }

  private startTag(scope: ReadonlyMap<string, string>): { element: OpenElement; isEmpty: boolean } {
    if (++this.elements > mostElements) throw new XmlFault(`more than ${mostElements} elements`, false);
    const { line } = this;
    const qualified = this.name(this.at + 1);
    let at = this.at + 1 + qualified.length;
    const attributes: Record<string, string> = {};
    let inner = scope;
    for (;;) {
      attributePattern.lastIndex = at;
      const match = attributePattern.exec(this.text);
      if (!match) break;
      at = attributePattern.lastIndex;
      const [, name = '', double, single] = match;
      const value = this.unescape(double ?? single ?? '');
      if (Object.hasOwn(attributes, name)) throw new XmlFault(`attribute '${name}' stands twice`, false);
      if (name === '__proto__') throw new XmlFault('a forbidden attribute name', false);
      attributes[name] = value;
      if (name === 'xmlns') inner = new Map(inner).set('', value);
      else if (name.startsWith('xmlns:')) inner = new Map(inner).set(name.slice(6), value);
    }
    startTail.lastIndex = at;
    const end = startTail.exec(this.text);
    if (!end) throw this.cutOrBad(`the tag '${qualified}' is malformed`);
    this.moveTo(startTail.lastIndex);
    const prefix = qualified.includes(':') ? qualified.slice(0, qualified.indexOf(':')) : '';
    const namespace = inner.get(prefix);
    if (namespace === undefined && prefix !== '' && prefix !== 'xml') {
      throw new XmlFault(`prefix '${prefix}' is not declared`, false);
    }
    const element = {
      qualified,
      namespace: namespace ?? '',
      attributes,
      children: [],
      scope: inner,
      line,
      text: '',
    };
    return { element, isEmpty: end[1] === '/>' };
  }

  private endTag(stack: OpenElement[]): XmlElement {
    const qualified = this.name(this.at + 2);
    endTail.lastIndex = this.at + 2 + qualified.length;
    if (!endTail.test(this.text)) throw this.cutOrBad(`the end tag '${qualified}' is malformed`);
    const top = stack[stack.length - 1];
    if (!top || top.qualified !== qualified) {
      throw new XmlFault(`expected '</${top?.qualified ?? ''}>', found '</${qualified}>'`, false);
    }
    this.moveTo(endTail.lastIndex);
    return this.close(stack);
  }

  private close(stack: OpenElement[]): XmlElement {
    const { qualified, namespace, attributes, children, line, text } = stack.pop() as OpenElement;
    const name = qualified.slice(qualified.indexOf(':') + 1);
    const element = { name, namespace, attributes, children, text: text.trim(), line };
    stack[stack.length - 1]?.children.push(element);
    return element;
  }

  private name(at: number): string {
    namePattern.lastIndex = at;
    const match = namePattern.exec(this.text);
    if (!match) throw this.cutOrBad('a name is expected after <');
    return match[0];
  }

  /** A tag whose end never comes was cut off; one that has an end is wrong. */
  private cutOrBad(message: string): XmlFault {
    return new XmlFault(message, this.text.indexOf('>', this.at) < 0);
  }

  private unescape(raw: string): string {
    if (!raw.includes('&')) return raw;
    return raw.replace(/&([^;&\s]{0,12};)?/g, (_, body: string | undefined) => {
      const name = body?.slice(0, -1) ?? '';
      const known = Object.hasOwn(entities, name) ? entities[name] : undefined;
      if (known !== undefined) return known;
      const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
      const point = code ? Number.parseInt(code[1] ?? code[2] ?? '', code[1] ? 16 : 10) : Number.NaN;
      const isCharacter = point <= 0x10_ff_ff && (point < 0xd800 || point > 0xdfff);
      if (!isCharacter || (point < 32 && ![9, 10, 13].includes(point))) {
        throw new XmlFault(`the entity '&${name};' is not read`, false);
      }
      return String.fromCodePoint(point);
    });
  }
}

/** The first child of a name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of a descendant by its path of names, `''` when there is none. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string {
  let at = element;
  for (const name of path) at = childOf(at, name);
  return at?.text ?? '';
}

/** Text as character data or attribute value. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&${nameOfSign[sign]};`);
}
const nameOfSign: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(entities).map(([name, sign]) => [sign, name]),
);
