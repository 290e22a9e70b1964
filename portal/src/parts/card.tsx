/** A titled field of a screen. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A section with its heading, a hint and what can be done with it. */
export function Card(props: {
  title: string;
  text?: string;
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={`card ${props.class ?? ''}`} aria-labelledby={id}>
      <header class="card-head">
        <div>
          <h2 id={id}>{props.title}</h2>
          {props.text && <p>{props.text}</p>}
        </div>
        {props.aside && <div class="card-aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
}

/** A choice among few, all in sight. */
export function Segments<T extends string>(props: {
  label: string;
  options: readonly { readonly value: T; readonly name: string }[];
  value: T;
  onChoose: (value: T) => void;
}) {
  return (
    <fieldset class="segments">
      <legend class="unseen">{props.label}</legend>
      {props.options.map(({ value, name }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => props.onChoose(value)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

/** A number with its unit, set so that the number leads. */
export function Measure({
  number,
  unit,
  class: name = '',
}: {
  number: string;
  unit: string;
  class?: string;
}) {
  return (
    <span class={`measure ${name}`}>
      <span class="measure-number">{number}</span>
      <span class="measure-unit">{unit}</span>
    </span>
  );
}
