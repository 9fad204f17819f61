// Takes the picture of the page that the README shows, from a written report:
//
//   node screenshot.mjs --page build/report/index.html --out reports/web/screenshot.png \
//     --playwright BUILD/reports/web/node_modules/playwright-core/index.mjs --chromium PATH \
//     [--hash '#/?area=server']
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const { values: given } = parseArgs({
  options: { page: text, out: text, playwright: text, chromium: text, hash: text },
});
const { chromium } = await import(pathToFileURL(given.playwright).href);
const profile = mkdtempSync(join(tmpdir(), 'assay-picture-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: given.chromium,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
  colorScheme: 'light',
  viewport: { width: 1280, height: 1080 },
});
try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  await page.goto(pathToFileURL(given.page).href + (given.hash ?? ''));
  await page.locator('h1').waitFor();
  await page.screenshot({ path: given.out });
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
