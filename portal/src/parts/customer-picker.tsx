/** Finds a customer: a search field and the usage points that fit. */
import type { UsagePointSummary } from '@wattline/model';
import { useRef } from 'preact/hooks';
import type { ListResult } from '../api.ts';
import { formatPower, quantityText } from '../format.ts';
import type { Remote } from '../resource.ts';
import { hrefOf } from '../route.ts';
import { words } from '../words.ts';
import { Empty, Loaded, Skeleton } from './condition.tsx';

/** The picker. Arrow keys go from the field through the list. */
export function CustomerPicker(props: {
  find: string;
  found: Remote<ListResult<UsagePointSummary>>;
  nowMs: number;
  onFind: (text: string) => void;
  onRetry: () => void;
}) {
  const root = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const stops = [...(root.current?.querySelectorAll<HTMLElement>('input, a') ?? [])];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = stops[Math.max(0, Math.min(stops.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))];
    next?.focus();
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys go from the field through the links below it.
    <div class="picker" ref={root} onKeyDown={onKeyDown}>
      <SearchField
        label={words.start.find}
        hint={words.start.findHint}
        value={props.find}
        onInput={props.onFind}
      />
      <Loaded
        remote={props.found}
        nowMs={props.nowMs}
        onRetry={props.onRetry}
        skeleton={<Skeleton kind="list" />}
      >
        {({ items, isCut }) =>
          items.length === 0 ? (
            <Empty
              title={props.find === '' ? words.start.none : words.start.noneFound}
              text={props.find === '' ? words.start.noneText : words.start.noneFoundText}
            />
          ) : (
            <>
              <ul class="picker-list">
                {items.map((point) => (
                  <li key={point.id}>
                    <a href={hrefOf({ screen: 'customer', usagePointId: point.id })}>
                      <KindIcon kind={point.kind} />
                      <span class="picker-name">
                        <b>{point.customer}</b>
                        <small>{point.address}</small>
                      </span>
                      <span class="tag-solar">{point.solarW > 0 && <SunIcon watts={point.solarW} />}</span>
                      <span class="code-like">{point.id}</span>
                    </a>
                  </li>
                ))}
              </ul>
              {isCut && <p class="picker-cut">{words.start.cut}</p>}
            </>
          )
        }
      </Loaded>
    </div>
  );
}

/** A field to search with. */
export function SearchField(props: {
  label: string;
  hint: string;
  value: string;
  onInput: (text: string) => void;
}) {
  return (
    <label class="search">
      <span class="unseen">{props.label}</span>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 14 14" class="stroke" />
      </svg>
      <input
        type="search"
        placeholder={props.hint}
        value={props.value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}

const kindPaths: Readonly<Record<UsagePointSummary['kind'], string>> = {
  home: 'M2.5 8.5 10 2.5l7.5 6M5 7v10h10V7M8.5 17v-5h3v5',
  shop: 'M3 8h14l-1.5-5h-11zM4 8v9h12V8M8 17v-5h4v5',
  public: 'M3 17h14M4.5 17V8M15.5 17V8M8.2 17V8M11.8 17V8M2.5 8h15L10 3z',
};

/** What kind of customer, as a picture that says its name. */
export function KindIcon({ kind }: { kind: UsagePointSummary['kind'] }) {
  return (
    <svg
      class="kind-icon"
      viewBox="0 0 20 20"
      width="20"
      height="20"
      role="img"
      aria-label={words.customer.kinds[kind]}
    >
      <path d={kindPaths[kind]} class="stroke" />
    </svg>
  );
}

function SunIcon({ watts }: { watts: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      role="img"
      aria-label={words.customer.solar(quantityText(formatPower(watts)))}
    >
      <path
        d="M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1v1.7M8 13.3V15M1 8h1.7M13.3 8H15M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3"
        class="stroke"
      />
    </svg>
  );
}
