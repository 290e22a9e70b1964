/** `wattline dlms`: what an AMI engineer does with DLMS/COSEM beyond reading. */
import type { Command } from 'commander';
import { addDlmsConformance } from './dlms-conformance.ts';
import { addNoun, type Shell } from './shell.ts';

export function addDlms(program: Command, shell: Shell): void {
  addDlmsConformance(addNoun(program, 'dlms', 'DLMS/COSEM for AMI engineers'), shell);
}
