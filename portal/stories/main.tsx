/** Every part in every state with fixed data: for looking at, and for pictures. `?theme=dark` and `#<part>` choose. */
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import '../src/styles/index.css';
import './stories.css';
import { customerStories } from './customer-stories.tsx';
import { frameStories } from './frame-stories.tsx';
import { meterStories } from './meter-stories.tsx';
import { operatorStories } from './operator-stories.tsx';
import { pageStories } from './page-stories.tsx';
import type { PartStories } from './story.ts';

const parts: readonly PartStories[] = [
  ...pageStories,
  ...customerStories,
  ...operatorStories,
  ...meterStories,
  ...frameStories,
];
const theme = new URLSearchParams(location.search).get('theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;

function Stories() {
  return (
    <div class="stories">
      <nav aria-label="Parts">
        <p>
          <a href="?theme=light">Light</a> <a href="?theme=dark">Dark</a>
        </p>
        {parts.map(({ part }) => (
          <a key={part} href={`#${part}`}>
            {part}
          </a>
        ))}
      </nav>
      <main>
        {parts.map(({ part, states }) => (
          <section key={part} id={part}>
            <h2>{part}</h2>
            {states.map(({ name, draw }) => (
              <figure key={name} data-story={`${part}/${name}`}>
                <figcaption>{name}</figcaption>
                <div class="card">{draw()}</div>
              </figure>
            ))}
          </section>
        ))}
      </main>
    </div>
  );
}

render(<Stories />, document.getElementById('app') as HTMLElement);
