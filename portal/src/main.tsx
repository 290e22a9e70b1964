/** Starts the portal in the page. */
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles/index.css';
import { App } from './app.tsx';
import { startStore } from './store.ts';
import { showTheme } from './theme.ts';

showTheme();
startStore();
render(<App />, document.getElementById('app') as HTMLElement);
