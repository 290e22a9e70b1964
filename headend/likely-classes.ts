/** Interface classes that an OBIS code suggests, for whoever reads by the code alone. */

/** Interface classes of the objects that have one place (Blue Book 6.2); `pattern` matches the six numbers. */
const classOfObis: readonly { readonly pattern: RegExp; readonly classId: number }[] = [
  { pattern: /^0\.\d+\.1\.0\.0\.255$/, classId: 8 },
  { pattern: /^0\.\d+\.13\.0\.0\.255$/, classId: 20 },
  { pattern: /^0\.\d+\.11\.0\.0\.255$/, classId: 11 },
  { pattern: /^0\.\d+\.10\.\d+\.\d+\.255$/, classId: 9 },
  { pattern: /^0\.\d+\.15\.\d+\.\d+\.255$/, classId: 22 },
  { pattern: /^0\.\d+\.25\.0\.\d+\.255$/, classId: 41 },
  { pattern: /^0\.\d+\.25\.9\.\d+\.255$/, classId: 40 },
  { pattern: /^0\.0\.40\.0\.\d+\.255$/, classId: 15 },
  { pattern: /^0\.0\.41\.0\.0\.255$/, classId: 17 },
  { pattern: /^0\.0\.42\.0\.0\.255$/, classId: 1 },
  { pattern: /^0\.0\.43\.0\.\d+\.255$/, classId: 64 },
  { pattern: /^0\.0\.43\.1\.\d+\.255$/, classId: 1 },
  { pattern: /^0\.\d+\.44\.0\.0\.255$/, classId: 18 },
  { pattern: /^0\.\d+\.96\.3\.10\.255$/, classId: 70 },
  { pattern: /^0\.\d+\.96\.\d+\.\d+\.255$/, classId: 1 },
  { pattern: /^0\.\d+\.17\.0\.\d+\.255$/, classId: 71 },
  { pattern: /^\d+\.\d+\.(98|99)\.\d+\.\d+\.255$/, classId: 7 },
  { pattern: /^0\.\d+\.21\.0\.\d+\.255$/, classId: 7 },
  { pattern: /^1\.\d+\.\d+\.6\.\d+\.255$/, classId: 4 },
  { pattern: /^1\.\d+\.\d+\.[45]\.\d+\.255$/, classId: 5 },
  { pattern: /^1\.\d+\.0\.\d+\.\d+\.255$/, classId: 1 },
  { pattern: /^1\.\d+\.\d+\.\d+\.\d+\.255$/, classId: 3 },
];

/** What is tried when the table's class is not there. */
const fallbackClasses = [3, 1, 7, 8, 4, 5];

/** Classes an object is likely to have, the likeliest first; all but the first are guesses. */
export function likelyClasses(obis: string): readonly number[] {
  const first = classOfObis.find(({ pattern }) => pattern.test(obis))?.classId;
  return first === undefined ? fallbackClasses : [first, ...fallbackClasses.filter((id) => id !== first)];
}
