/** The page of docs/reference that lists every conformance test, made from the tests themselves. */
import { conformanceTests, type Group, groups } from './index.ts';

/** What is known of each name. */
const sources = `Names and titles of groups HDLC, APPL and SYMSEC_0 are those that public conformance reports and lists print (DLMS UA 1001-3, ATS_DL
V5.0; DLMS UA 1001-6, ATS_AL_COSEM_SYMSEC_0 V1.3); gaps in the numbers are the lists' own. The abstract test suites themselves are sold to
members of the DLMS UA and were not at hand: the steps of each subtest are ours, worked out from IEC 62056-46, -47, -5-3 and the Green Book
as recalled, and so are clause numbers; which policy each of SYMSEC_0_SecPol_1, 2 and 3 activates is recalled too. Tests marked *own* have
no public name. Nothing here is certification.

Tests that change the meter run only when they are told what they may: SYMSEC_0_Key_Tx_* with \`--master-key\` (a new key is the old one with
its last bit changed, and the old one is put back), a SET of the value just read with \`--writable\`, SYMSEC_0_SecPol_* with
\`--strengthen-policy\`: a policy, once activated, cannot be taken back.`;

/** The page. */
export function renderConformanceReference(): string {
  const sections = (Object.keys(groups) as Group[]).map((group) => {
    const tests = conformanceTests.filter((test) => test.group === group);
    const rows = tests.flatMap(({ name, title, clause, origin, needs, subtests }) => [
      `\n### ${name}${origin === 'own' ? ' (own)' : ''}\n`,
      `${title}. ${clause}.${needs.length > 0 ? ` Not applicable when ${needs.map(({ why }) => why).join('; or when ')}.` : ''}\n`,
      ...subtests.map(
        (subtest) => `- ${subtest.title}${subtest.needs?.length ? ' (sometimes not applicable)' : ''}`,
      ),
    ]);
    return `## ${group}: ${groups[group]}\n${rows.join('\n')}\n`;
  });
  return `# DLMS/COSEM: conformance tests

Made from \`protocols/dlms/conformance\` by \`protocols/dlms/conformance/conformance.test.ts\`, which fails when this page differs. Run them with
\`wattline dlms conformance <host:port>\`; one run tests one client of a meter with one framing. For every test the same file knows at least
one defect of a meter that makes it fail (\`defects.case.ts\`).

${sources}

${sections.join('\n')}`;
}
