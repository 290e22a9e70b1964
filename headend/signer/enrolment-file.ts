/** The signer's directory as the person who enrols sees it: `enrolment.json`, replaced whole, never half written. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '@wattline/base';
import type { Person } from '../guard/approval.ts';
import { type EnrolmentFile, readEnrolment } from './enrolment.ts';

const name = 'enrolment.json';

/**
 * The enrolment of a directory, which is made when missing (readable by its owner alone); a new one has nobody and nothing.
 * @throws CodedError `signer/enrolment-invalid`
 */
export function openEnrolmentFile(directory: string): EnrolmentFile {
  makeDirectories(directory, { isPrivate: true });
  const path = join(directory, name);
  if (!existsSync(path)) {
    return { installation: `wattline-${randomBytes(6).toString('hex')}`, people: [], meters: [] };
  }
  const text = readFileSync(path, 'utf8');
  readEnrolment(text);
  return JSON.parse(text) as EnrolmentFile;
}

/** Puts an enrolment in the place of the one before, on disk when it returns. @throws CodedError `signer/enrolment-invalid` */
export function keepEnrolmentFile(directory: string, file: EnrolmentFile): void {
  const text = `${JSON.stringify(file, null, 1)}\n`;
  readEnrolment(text);
  const path = join(directory, name);
  const handle = openSync(`${path}.new`, 'w', 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  renameSync(`${path}.new`, path);
}

/** The file with a person in it; a person of the same id is replaced. */
export function withPerson(file: EnrolmentFile, person: Person): EnrolmentFile {
  return { ...file, people: [...file.people.filter(({ id }) => id !== person.id), person] };
}
