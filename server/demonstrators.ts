/** People of the demonstration town: three who may sign commands, and a maker of firmware; their keys lie beside the data, where real ones never would. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepEnrolmentFile, openEnrolmentFile, type Person, type Role, withPerson } from '@wattline/headend';
import { makePersonKey, publicKeyOf } from './person-key.ts';

const operators: readonly Role[] = ['operator', 'authority'];
const people: Readonly<Record<string, { readonly name: string; readonly roles: readonly Role[] }>> = {
  asha: { name: 'Asha Rao', roles: operators },
  ben: { name: 'Ben Okafor', roles: operators },
  chen: { name: 'Chen Li', roles: operators },
  mira: { name: 'Mira Meter Works', roles: ['maker'] },
};

/** Enrols them at the signer; what they were enrolled with before stays. */
export function enrolDemonstrators(data: string, signerDirectory: string): void {
  let file = openEnrolmentFile(signerDirectory);
  const before = file.people.length;
  for (const [id, { name, roles }] of Object.entries(people)) {
    if (file.people.some((person) => person.id === id)) continue;
    const path = join(data, 'people', `${id}.pem`);
    const publicKey = existsSync(path) ? publicKeyOf(readFileSync(path, 'utf8')) : makePersonKey(path);
    const person: Person = { id, name, roles, tenants: ['utility'], publicKey };
    file = withPerson(file, person);
  }
  if (file.people.length > before) keepEnrolmentFile(signerDirectory, file);
}
