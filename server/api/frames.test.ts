/** Decoding over HTTP: free to read in a town, bounded, and nothing of it is kept. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DecodedFrames } from '@wattline/model';
import { type ApiDocument, answerChecker } from './fixture/openapi-check.ts';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';

describe('POST /api/v1/frames/decode', () => {
  let served: ServedSystem;
  let check: ReturnType<typeof answerChecker>;
  before(async () => {
    served = await serveSystem();
    check = answerChecker((await (await served.ask('/api/openapi.json')).json()) as ApiDocument);
  });
  after(() => served.close());

  const post = (body: unknown) =>
    served.ask('/api/v1/frames/decode', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  test('trees come as the document announces them', async () => {
    const response = await post({ text: '7E A0 07 03 21 93 0F 01 7E C0 01' });
    assert.equal(response.status, 200);
    const answer = (await check('decodeFrames', response)) as DecodedFrames;
    assert.deepEqual(
      answer.frames.map(({ name, offset }) => [name, offset]),
      [
        ['hdlc', 0],
        ['get-request', 9],
      ],
    );
    assert.deepEqual([answer.problem?.code, answer.problem?.offset], ['dlms/truncated', 11]);
  });

  test('keys decipher, and empty ones are none', async () => {
    const text = 'C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B';
    const keys = {
      ek: '000102030405060708090A0B0C0D0E0F',
      ak: 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF',
      systemTitle: '4D4D4D0000BC614E',
    };
    const opened = await (await post({ text, ...keys, dk: '' })).text();
    assert.match(opened, /"plaintext"/);
    assert.doesNotMatch(
      await (await post({ text, ek: '', ak: '', dk: '', systemTitle: '' })).text(),
      /"plaintext"/,
    );
  });

  test('what is no request is refused with what was expected', async () => {
    for (const [body, message] of [
      [{}, /text/],
      [{ text: '7E zz' }, /text: expected a hexadecimal digit, found 'z' at line 1, column 4/],
      [{ text: '00', ek: '1234' }, /ek/],
      [{ text: '00', key: '1234' }, /key|additional/],
      [{ text: '00'.repeat(20_000) }, /expected at most 16384 octets, found 20000/],
      [{ text: 'x'.repeat(200_000) }, /text/],
      ['{', /JSON/],
    ] as const) {
      const response = await post(body);
      assert.equal(response.status, 400);
      const problem = (await check('decodeFrames', response)) as { code: string; message: string };
      assert.equal(problem.code, 'server/bad-body');
      assert.match(problem.message, message);
    }
  });

  test('hostile octets are answered within the bound', async () => {
    const response = await post({ text: `0F00000000 00 ${'0101'.repeat(8000)}` });
    assert.equal(response.status, 200);
    assert.ok((await response.text()).length < 8_000_000);
  });
});
