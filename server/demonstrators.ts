/** Three people of the demonstration town who may sign commands; their keys lie beside the data, where a real person's never would. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepEnrolmentFile, openEnrolmentFile, type Person, withPerson } from '@wattline/headend';
import { makePersonKey, publicKeyOf } from './person-key.ts';

const names: Readonly<Record<string, string>> = { asha: 'Asha Rao', ben: 'Ben Okafor', chen: 'Chen Li' };

/** Enrols the three at the signer; what they were enrolled with before stays. */
export function enrolDemonstrators(data: string, signerDirectory: string): void {
  let file = openEnrolmentFile(signerDirectory);
  const before = file.people.length;
  for (const [id, name] of Object.entries(names)) {
    if (file.people.some((person) => person.id === id)) continue;
    const path = join(data, 'people', `${id}.pem`);
    const publicKey = existsSync(path) ? publicKeyOf(readFileSync(path, 'utf8')) : makePersonKey(path);
    const person: Person = { id, name, roles: ['operator', 'authority'], tenants: ['utility'], publicKey };
    file = withPerson(file, person);
  }
  if (file.people.length > before) keepEnrolmentFile(signerDirectory, file);
}
