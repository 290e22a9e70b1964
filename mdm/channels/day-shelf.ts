/** The days of one channel that are in memory: a few as a rule, by start. */
import { daySeconds } from '@wattline/store/readings';
import { type StoredDay, sizeOfDay } from './stored-day.ts';

/** Store days, ascending. */
export type DayShelf = StoredDay[];

/** The day of a number, when it is there. */
export function dayOn(shelf: DayShelf, number: number): StoredDay | undefined {
  const found = shelf[placeOf(shelf, number)];
  return found && numberOf(found) === number ? found : undefined;
}

/** Puts a day in; its number must not be there. */
export function putDay(shelf: DayShelf, day: StoredDay): void {
  const at = placeOf(shelf, numberOf(day));
  if (at === shelf.length) shelf.push(day);
  else shelf.splice(at, 0, day);
}

/** Drops days not used since the last call whose newest batch is in the store; returns the octets that came free. */
export function dropStale(shelf: DayShelf, storedBatch: number): number {
  let octets = 0;
  let kept = 0;
  for (const day of shelf) {
    if (day.isRecent || day.batch > storedBatch) {
      day.isRecent = false;
      shelf[kept++] = day;
    } else octets += sizeOfDay(day);
  }
  shelf.length = kept;
  return octets;
}

/** A day begins less than a day after the midnight that its number counts, whatever the channel's phase. */
function numberOf(day: StoredDay): number {
  return Math.floor(day.start / daySeconds);
}

/** Place of the first day with this number or a later one. */
function placeOf(shelf: DayShelf, number: number): number {
  let low = 0;
  let high = shelf.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberOf(shelf[middle] as StoredDay) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
