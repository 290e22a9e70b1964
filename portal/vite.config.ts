/** Builds the screens: the portal and the page of its parts, without inline code, so that a strict CSP holds. */
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact({ devToolsEnabled: false })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ['index.html', 'stories.html'],
      // base and model are written for servers too: what a screen does not use (logs, crypto) stays out of it, unsaid.
      onLog(level, log, handle) {
        if (!log.message.includes('has been externalized for browser compatibility')) handle(level, log);
      },
      treeshake: { moduleSideEffects: (id) => !/\/(base|model)\/[^/]+\.ts$/.test(id) },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
