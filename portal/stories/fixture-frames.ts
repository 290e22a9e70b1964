/** A decoded capture as the API answers it: a GET of the Green Book, deciphered. */
import type { DecodedFrames } from '@wattline/model';

export const fixtureDecoded: DecodedFrames = {
  octets: 'C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B',
  frames: [
    {
      name: 'glo-get-request',
      offset: 0,
      length: 32,
      value: null,
      octets: null,
      children: [
        {
          name: 'security-control',
          offset: 2,
          length: 1,
          value: '30: suite 0, authenticated and encrypted',
          octets: null,
          children: [],
        },
        {
          name: 'invocation-counter',
          offset: 3,
          length: 4,
          value: '19088743',
          octets: null,
          children: [],
        },
        {
          name: 'ciphertext',
          offset: 7,
          length: 13,
          value: '411312FF935A47566827C467BC',
          octets: null,
          children: [],
        },
        {
          name: 'authentication-tag',
          offset: 20,
          length: 12,
          value: '7D825C3BE4A77C3FCC056B6B',
          octets: null,
          children: [],
        },
        {
          name: 'plaintext',
          offset: 0,
          length: 13,
          value: 'C0010000080000010000FF0200',
          octets: 'C0010000080000010000FF0200',
          children: [
            {
              name: 'get-request',
              offset: 0,
              length: 13,
              value: null,
              octets: null,
              children: [
                {
                  name: 'get-request-normal',
                  offset: 2,
                  length: 11,
                  value: null,
                  octets: null,
                  children: [
                    {
                      name: 'invoke-id-and-priority',
                      offset: 2,
                      length: 1,
                      value: '0',
                      octets: null,
                      children: [],
                    },
                    {
                      name: 'attribute-descriptor',
                      offset: 3,
                      length: 10,
                      value: null,
                      octets: null,
                      children: [
                        {
                          name: 'class-id',
                          offset: 3,
                          length: 2,
                          value: '8',
                          octets: null,
                          children: [],
                        },
                        {
                          name: 'obis',
                          offset: 5,
                          length: 6,
                          value: '0.0.1.0.0.255',
                          octets: null,
                          children: [],
                        },
                        {
                          name: 'attribute',
                          offset: 11,
                          length: 1,
                          value: '2',
                          octets: null,
                          children: [],
                        },
                        {
                          name: 'access-selection',
                          offset: 12,
                          length: 1,
                          value: 'absent',
                          octets: null,
                          children: [],
                        },
                      ],
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  problem: null,
};
