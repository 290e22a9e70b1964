/** Sealed telegrams of others with their keys: the examples of OMS Volume 2 Annex N, and those that wmbusmeters is tested with. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { context } from './exchange-fixture.ts';
import { exchangeFormatOf } from './index.ts';
import { aesCmac } from './wmbus-cipher.ts';
import { readTelegram } from './wmbus-frame.ts';
import { openTelegram } from './wmbus-layers.ts';

/** OMS Vol. 2 Annex N.2: a gas meter that shows 28,504.27 m3, by security profile A (mode 5) and B (mode 7, key derived, authenticated). */
const profileA = {
  key: '0102030405060708090A0B0C0D0E0F11',
  hex: '2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3',
};
const profileB = {
  key: '000102030405060708090A0B0C0D0E0F',
  hex: '434493157856341233038C2075900F002C25B30A000021924D4F2FB66E017A75002007109058475F4BC91DF878B80A1B0F98B629024AAC727942BFC549233C0140829B93',
};
/** Annex N.5.3: a heat cost allocator behind a radio of another number; its first block alone is sealed. */
const partly = {
  key: profileB.key,
  hex: '304493444433221155378C00757288776655934455080004100500DFE2A782146D1513581CD2F83F39040CFD1078563412',
};
/** Of simulation_aes.msg: ten blocks by mode 5 whose meter was given another number after they were sealed, which spoils the first; and a water meter whose extended link layer is sealed by AES-CTR. */
const tenBlocks = {
  key: '5065747220486F6C79737A6577736B69',
  hex: 'AE44EE4D777777773C077A4400A025E78F4A01F9DCA029EDA03BA452686E8FA917507B29E5358B52D77C111EA4C41140290523F3F6B9F9261705E041C0CA41305004605F42D6C9464E5A04EEE227510BD0DC0983C665C3A5E4739C2082975476AC637BCDD39766AEF030502B6A7697BE9E1C49AF535C15470FCF8ADA36CAB9D0B2A1A8690F8DDCF70859F18B3414D8315B311A0AFA57325531587CB7E9CC110E807F24C190D7E635BEDAF4CAE8A161',
};
const linkLayer = {
  key: '28F64A24988064A079AA2C807D6102AE',
  hex: '2A442D2C998734761B168D2091D37CAC21E1D68CDAFFCD3DC452BD802913FF7B1706CA9E355D6C2701CC24',
};
const all = { profileA, profileB, partly, tenBlocks, linkLayer };

const open = ({ hex, key }: { hex: string; key: string }) =>
  readTelegram(Uint8Array.fromHex(hex), () => Uint8Array.fromHex(key));
const opened = (telegram: { hex: string; key: string }) => {
  const read = open(telegram);
  assert.ok(read.ok, read.ok ? '' : read.error.message);
  return read.value;
};

describe('a sealed telegram whose key the owner gave', () => {
  test('of OMS profile A and of profile B shows the same gas meter', () => {
    for (const telegram of [profileA, profileB]) {
      const { manufacturer, id, deviceType, records } = opened(telegram);
      assert.deepEqual([manufacturer, id, deviceType], ['ELS', '12345678', 3]);
      assert.deepEqual(
        records.filter(({ unit }) => unit === 'm3').map(({ text, exponent }) => [text, exponent]),
        [['2850427', -2]],
      );
    }
  });
  test('of which the first block alone is sealed gives the records before and after its end', () => {
    const { manufacturer, id, records } = opened(partly);
    assert.deepEqual([manufacturer, id], ['QDS', '55667788']);
    assert.deepEqual(
      records.map(({ text }) => text).filter((text) => ['1234', '23456', '12345678'].includes(text)),
      ['1234', '23456', '12345678'],
    );
  });
  test('sealed in its link layer has the total that another reader found', () => {
    const total = opened(linkLayer).records.find(({ unit, storage }) => unit === 'm3' && storage === 0);
    assert.deepEqual([total?.text, total?.exponent], ['6408', -3]);
  });
  test('of ten blocks is opened to the last: error flags, then fillers', () => {
    const whole = Uint8Array.fromHex(tenBlocks.hex);
    const read = openTelegram(whole, () => Uint8Array.fromHex(tenBlocks.key));
    assert.ok(read.ok);
    assert.equal(read.value.records.length, 160);
    assert.match(read.value.records.toHex(), /^2f2f.+02fd170001(2f){10}$/);
  });
  test('stays shut without its key, with another, and with any octet of an authenticated one changed', () => {
    for (const [name, { hex, key }] of Object.entries(all)) {
      const none = readTelegram(Uint8Array.fromHex(hex));
      assert.equal(none.ok ? '' : none.error.code, 'mdm/exchange-encrypted', name);
      const other = open({ hex, key: key.replace(/.$/, '0') });
      assert.equal(other.ok ? '' : other.error.code, 'mdm/exchange-encrypted', name);
    }
    const whole = Uint8Array.fromHex(profileB.hex);
    // Behind the lengths and the control field of its authentication layer, which no code covers.
    for (let at = 17; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] as number) ^ 1;
      const read = readTelegram(changed, () => Uint8Array.fromHex(profileB.key));
      assert.ok(!read.ok, `octet ${at}`);
    }
  });
  test('is answered whatever its octets are', () => {
    for (const { hex, key } of Object.values(all)) {
      const whole = Uint8Array.fromHex(hex);
      const keyOf = () => Uint8Array.fromHex(key);
      for (let length = 0; length <= whole.length; length++) {
        const cut = whole.slice(0, length);
        if (length > 0) cut[0] = length - 1;
        readTelegram(cut, keyOf);
      }
      for (let at = 0; at < Math.min(whole.length, 40); at++) {
        for (let octet = 0; octet < 256; octet += 5) {
          const changed = whole.slice();
          changed[at] = octet;
          readTelegram(changed, keyOf);
        }
      }
    }
  });
});

test('the code over a message is that of RFC 4493, clause 4', () => {
  const key = Uint8Array.fromHex('2b7e151628aed2a6abf7158809cf4f3c');
  const message = Uint8Array.fromHex(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411',
  );
  const codes = [0, 16, 40].map((length) => aesCmac(key, message.subarray(0, length)).toHex());
  assert.deepEqual(codes, [
    'bb1d6929e95937287fa37d129b756746',
    '070a16b46b4d4144f79bdd9dd04a287c',
    'dfa66747de9ae63030ca32611497c827',
  ]);
});

describe('a drive-by file with keys', () => {
  const file = (...lines: string[]) => `${lines.join('\n')}\n`;
  const read = (text: string) => exchangeFormatOf('wmbus')?.read?.(text, { ...context, readAtMs: 5000 });

  test('opens what is sealed and rejects with its reason what no key is given for', () => {
    const found = read(file(`key 12345678 ${profileB.key}`, profileB.hex, linkLayer.hex));
    assert.deepEqual(
      found?.held.map(({ source, blocks }) => [source.meter, blocks[0]?.value[0]]),
      [['12345678', 2_850_427]],
    );
    assert.deepEqual(
      found?.problems.filter(({ where }) => where.line === 3).map(({ code }) => code),
      ['mdm/exchange-encrypted'],
    );
  });
  test('says that a key line is broken without a digit of it', () => {
    const found = read(file(`key 12345678 ${profileB.key}00`, profileB.hex));
    assert.deepEqual(
      found?.problems.map(({ code }) => code),
      ['mdm/exchange-bad-record', 'mdm/exchange-encrypted'],
    );
    assert.ok(!JSON.stringify(found).includes('00010203'));
  });
});
