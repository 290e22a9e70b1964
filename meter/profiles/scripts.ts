/** Scripts that companion profiles come with, as initial values of their script tables. */
import { dataOf } from '../cosem/data-type.ts';
import { standardObis } from './common-objects.ts';

const { number, structure, array, obis } = dataOf;
const execute = 2;

/** Script 1 opens the switch, script 2 closes it (IDIS, disconnector script table). */
export const switchScripts = array(
  ...[1, 2].map((method) =>
    structure(
      number('long-unsigned', method),
      array(
        structure(
          number('enum', execute),
          number('long-unsigned', 70),
          obis(standardObis.disconnectControl),
          number('integer', method),
          number('integer', 0),
        ),
      ),
    ),
  ),
);
