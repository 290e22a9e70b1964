/** A browser, the fixture server and pages that report what the console complains of. */
import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchChromium } from '../chromium.ts';
import { builtPortal } from './built-portal.ts';
import { type FixtureApi, startFixtureApi } from './fixture-api.ts';

/** How a page is opened. */
export interface PageOptions {
  readonly width?: number;
  readonly isDark?: boolean;
  /** The test expects requests to fail: the browser's own note of a failed request is no complaint then. */
  readonly failsRequests?: boolean;
}

/** What a test has at hand. */
export interface ScreenSession {
  readonly api: FixtureApi;
  open(path: string, options?: PageOptions): Promise<Page>;
}

/** Opens browser and server for the tests of a file; after each test the console must have been silent. */
export function screenSession(): ScreenSession {
  let browser: Browser | undefined;
  let api: FixtureApi | undefined;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  before(async () => {
    api = await startFixtureApi(builtPortal());
    browser = await launchChromium();
  });
  afterEach(async () => {
    api?.mend();
    for (const context of contexts.splice(0)) await context.close();
    assert.deepEqual(complaints.splice(0), []);
  });
  after(async () => {
    await browser?.close();
    await api?.close();
  });
  return {
    get api() {
      assert(api, 'the server is started before the tests');
      return api;
    },
    async open(path, { width = 1280, isDark = false, failsRequests = false } = {}) {
      assert(browser && api, 'the browser is started before the tests');
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: isDark ? 'dark' : 'light',
        reducedMotion: 'reduce',
      });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      await page.clock.install();
      page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
      page.on('console', (message) => {
        const isExpected = failsRequests && message.text().startsWith('Failed to load resource');
        if (['error', 'warning'].includes(message.type()) && !isExpected)
          complaints.push(`${path}: ${message.text()}`);
      });
      await page.goto(api.url + path);
      return page;
    },
  };
}

/** The text of an element as it is seen, with every kind of space as one plain space. */
export async function textOf(element: Locator): Promise<string> {
  await element.first().waitFor();
  const [text = ''] = await element.allInnerTexts();
  return text.replace(/\s+/g, ' ').trim();
}
