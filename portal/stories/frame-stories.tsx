/** Stories of the frame decoder. */
import { FrameForm, noQuestion } from '../src/parts/frame-form.tsx';
import { DecodedView } from '../src/screens/frame-screen.tsx';
import { fixtureDecoded } from './fixture-frames.ts';
import { nothing, type PartStories } from './story.ts';

const form = { isBusy: false, onChange: nothing, onDecode: nothing };

/** The stories. */
export const frameStories: readonly PartStories[] = [
  {
    part: 'frame-form',
    states: [
      { name: 'empty', draw: () => <FrameForm {...form} question={noQuestion} /> },
      {
        name: 'with keys',
        draw: () => (
          <FrameForm
            {...form}
            question={{ ...noQuestion, text: fixtureDecoded.octets, ek: '00'.repeat(16) }}
          />
        ),
      },
      { name: 'busy', draw: () => <FrameForm {...form} isBusy question={{ ...noQuestion, text: 'C0' }} /> },
    ],
  },
  {
    part: 'frame-decoded',
    states: [
      { name: 'deciphered', draw: () => <DecodedView decoded={fixtureDecoded} /> },
      {
        name: 'stopped',
        draw: () => (
          <DecodedView
            decoded={{
              ...fixtureDecoded,
              problem: { code: 'dlms/truncated', message: 'expected 6 octets, found 0', offset: 32 },
            }}
          />
        ),
      },
    ],
  },
];
