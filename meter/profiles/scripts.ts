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

/** Script 1 ends the demand period: the maximum is taken over and begins anew (IDIS, IS 15959: MDI reset). */
export const demandResetScript = array(
  structure(
    number('long-unsigned', 1),
    array(
      structure(
        number('enum', execute),
        number('long-unsigned', 4),
        obis('1.0.1.6.0.255'),
        number('integer', 1),
        number('integer', 0),
      ),
    ),
  ),
);
