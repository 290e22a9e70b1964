import { readFileSync } from 'node:fs';
import { fromHex } from '@wattline/base';
import { decodeFrame, type FrameNode } from './frame-tree.ts';
const v = JSON.parse(readFileSync('../shared/vectors/dlms.json','utf8')).vectors;
const show=(n:FrameNode,d=0):string=>`${' '.repeat(d*2)}${n.name} @${n.offset}+${n.length} ${n.value??''}\n${n.children.map(c=>show(c,d+1)).join('')}`;
const want = process.argv[2];
for (const x of v) {
  if (want && x.id!==want) continue;
  const k=x.keys??{};
  const r = decodeFrame(fromHex(x.hex), {...(k.block_cipher_key?{ek:fromHex(k.block_cipher_key)}:{}), ...(k.authentication_key?{ak:fromHex(k.authentication_key)}:{}), ...(k.system_title?{systemTitle:fromHex(k.system_title)}:{})});
  if(want && r.ok) console.log(show(r.value));
  if(!r.ok) console.log(x.id, x.layer, r.error.code, r.error.message, JSON.stringify(r.error.where), x.quirk??'');
  else { const t=show(r.value); const bad=t.match(/dlms\/[a-z-]+|wrong.*|trailing-octets.*/g); if(bad) console.log('  ',x.id,bad.slice(0,3).join('; ')); }
}
