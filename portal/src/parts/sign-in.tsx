/** Asks for the access token. It is kept in memory alone and forgotten when the page is left. */
import { useState } from 'preact/hooks';
import type { Problem } from '../problem.ts';
import { adviceFor, words } from '../words.ts';

/** The form; `problem` is why the last token was refused. */
export function SignIn(props: {
  text: string;
  problem: Problem | null;
  onToken: (token: string) => void;
  onCancel: (() => void) | undefined;
}) {
  const [token, setToken] = useState('');
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== '') props.onToken(token.trim());
      }}
    >
      <h2>{words.signIn.title}</h2>
      <p>{props.text}</p>
      {props.problem && (
        <p class="sign-in-problem" role="alert">
          {adviceFor(props.problem).title}: {props.problem.message} <code>{props.problem.code}</code>
        </p>
      )}
      <label>
        <span>{words.signIn.token}</span>
        <input
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <p class="sign-in-actions">
        <button type="submit" class="button button-main">
          {words.signIn.submit}
        </button>
        {props.onCancel && (
          <button type="button" class="button" onClick={props.onCancel}>
            {words.signIn.cancel}
          </button>
        )}
      </p>
    </form>
  );
}
