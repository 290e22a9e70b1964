/** What is to be decoded: octets as pasted, keys that stay in this page, examples to try. */
import { frameExamples } from '../frame-examples.ts';
import { words } from '../words.ts';

/** What a person typed. */
export interface FrameQuestion {
  readonly text: string;
  readonly ek: string;
  readonly ak: string;
  readonly dk: string;
  readonly systemTitle: string;
}

export const noQuestion: FrameQuestion = { text: '', ek: '', ak: '', dk: '', systemTitle: '' };
const keyNames = ['ek', 'ak', 'dk', 'systemTitle'] as const;

/** The form. */
export function FrameForm(props: {
  question: FrameQuestion;
  isBusy: boolean;
  onChange: (question: FrameQuestion) => void;
  onDecode: (question: FrameQuestion) => void;
}) {
  const { question, isBusy, onChange, onDecode } = props;
  const hasKeys = keyNames.some((name) => question[name] !== '');
  return (
    <form
      class="frame-form"
      onSubmit={(event) => {
        event.preventDefault();
        onDecode(question);
      }}
    >
      <label class="frame-text">
        <span>{words.frames.text}</span>
        <textarea
          name="frame"
          rows={5}
          spellcheck={false}
          autocomplete="off"
          placeholder={words.frames.textHint}
          value={question.text}
          onInput={(event) => onChange({ ...question, text: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onDecode(question);
          }}
        />
      </label>
      <details class="frame-keys" open={hasKeys}>
        <summary>{words.frames.keys}</summary>
        <p>{words.frames.keysText}</p>
        <div class="frame-key-fields">
          {keyNames.map((name) => (
            <label key={name}>
              <span>{words.frames.key[name]}</span>
              <input
                name={name}
                spellcheck={false}
                autocomplete="off"
                placeholder={words.frames.digits(name === 'systemTitle' ? 16 : 32)}
                value={question[name]}
                onInput={(event) => onChange({ ...question, [name]: event.currentTarget.value })}
              />
            </label>
          ))}
        </div>
      </details>
      <div class="frame-actions">
        <button type="submit" class="button button-main" disabled={isBusy || question.text.trim() === ''}>
          {words.frames.decode}
        </button>
        <button
          type="button"
          class="button"
          disabled={question === noQuestion}
          onClick={() => onChange(noQuestion)}
        >
          {words.frames.clear}
        </button>
        <fieldset class="frame-examples">
          <legend>{words.frames.examples}</legend>
          {frameExamples.map(({ id, ...example }) => (
            <button
              key={id}
              type="button"
              class="button button-small"
              onClick={() => {
                const filled = { ...noQuestion, ...example };
                onChange(filled);
                onDecode(filled);
              }}
            >
              {words.frames.example[id]}
            </button>
          ))}
        </fieldset>
      </div>
    </form>
  );
}
