/** Starts the portal in the page. */
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './tokens.css';
import './page.css';
import './parts.css';
import './screens.css';
import './print.css';
import { App } from './app.tsx';
import { startStore } from './store.ts';
import { showTheme } from './theme.ts';

showTheme();
startStore();
render(<App />, document.getElementById('app') as HTMLElement);
