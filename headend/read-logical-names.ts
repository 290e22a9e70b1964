/** Reading by logical name: GET, the likely classes tried in turn where none is given. */
import { codeOf } from '@wattline/base';
import { formatObis, parseObis } from '@wattline/protocols/dlms';
import { headendError } from './errors.ts';
import { likelyClasses } from './likely-classes.ts';
import { type MeterReader, readValueOf } from './meter-reader.ts';
import type { Session } from './session/session.ts';

/** Answers that say that the object is there under another class, or not at all. */
const isOtherClass = new Set(['object-undefined', 'object-class-inconsistent', 'object-unavailable']);

/** A reader over a session with logical names. */
export function logicalNameReader(session: Session): MeterReader {
  return {
    serverSystemTitle: session.serverSystemTitle,
    async read({ classId, attribute = 2, access, ...asked }) {
      const obis = formatObis(parseObis(asked.obis));
      const classes = classId === undefined ? likelyClasses(obis) : [classId];
      for (const candidate of classes) {
        try {
          const reference = { classId: candidate, obis, attribute, ...(access ? { access } : {}) };
          return readValueOf(reference, await session.get(reference));
        } catch (error) {
          const result = codeOf(error) === 'headend/attribute-refused' ? whereResult(error) : undefined;
          if (classId !== undefined || result === undefined || !isOtherClass.has(result)) throw error;
        }
      }
      const what = `expected ${obis} in one of the classes ${classes.join(', ')}, the meter has it in none`;
      throw headendError('headend/object-not-found', what, { obis });
    },
    async readList(asked) {
      const references = asked.map((one) => {
        const obis = formatObis(parseObis(one.obis));
        const { classId = likelyClasses(obis)[0] ?? 3, attribute = 2, access } = one;
        return { classId, obis, attribute, ...(access ? { access } : {}) };
      });
      const outcome = await session.ask({ kind: 'get-list', references });
      if (outcome.kind !== 'get-list') {
        throw headendError('headend/unexpected', `expected the outcome of a list, found ${outcome.kind}`);
      }
      return references.map((reference, index) => {
        const result = outcome.results[index];
        if (result?.ok) return readValueOf(reference, result.encoded);
        const { classId, obis, attribute } = reference;
        return { classId, obis, attribute, refusal: result?.result ?? 'other-reason' };
      });
    },
  };
}

function whereResult(error: unknown): string | undefined {
  const result = (error as { where?: { result?: unknown } }).where?.result;
  return typeof result === 'string' ? result : undefined;
}
