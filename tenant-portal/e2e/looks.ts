/// What a page looks like: settled, in both themes without an accessibility fault, and in a picture.
import AxeBuilder from 'axe-core';
import { expect, type Page } from '@playwright/test';
import { join } from 'node:path';
import { expectCheap, work } from './cost';
import { expectMasked } from './masked';

type Fault = { id: string; nodes: { html: string; failureSummary?: string }[] };
type Axe = { run: (root: Document, options: object) => Promise<{ violations: Fault[] }> };

/** What stands in the place of content that has not come. */
const WAITING = '[aria-busy="true"], .ant-skeleton, .ant-spin-spinning, .ant-btn-loading, .bb-row-skeleton, .bb-shell-wait';

/**
 * The page has its content: a heading, and nothing that waits, in two frames one after the other (between an answer and
 * what it leads to ask there may be one without). The event stream stays open, so the network is never idle.
 */
export async function settled(page: Page) {
  await expect(page.locator('h1').first()).toBeVisible();
  await expect(page.locator(WAITING)).toHaveCount(0);
  await page.waitForFunction(
    async (waiting) => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const quiet = () => document.querySelector(waiting) === null;
      if (!quiet()) return false;
      await document.fonts.ready;
      await frame();
      await frame();
      return quiet();
    },
    WAITING,
    { timeout: 20_000 },
  );
}

async function expectAccessible(page: Page, name: string) {
  // Evaluated, not added: the page's own policy runs no inline script.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AxeBuilder.source);
  const faults = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'], resultTypes: ['violations'] });
    return violations.flatMap((fault) => fault.nodes.slice(0, 3).map((node) => `${fault.id}: ${node.html.slice(0, 160)} ${node.failureSummary?.slice(0, 200)}`));
  });
  expect.soft(faults, `accessibility of ${name}`).toEqual([]);
}

export async function toTheme(page: Page, theme: 'light' | 'dark') {
  await page.getByRole('button', { name: theme === 'dark' ? '切换到深色' : '切换到浅色' }).click();
  await expect(page.locator(`html[data-theme="${theme}"]`)).toBeAttached();
  await page.mouse.move(0, 0);
  await expect(page.locator('.ant-tooltip:not(.ant-tooltip-hidden)')).toHaveCount(0);
  // Colours that are inherited change frame by frame, from the outside in.
  await page.waitForFunction(() => document.getAnimations().every((one) => one.effect?.getComputedTiming().iterations === Infinity));
}

/** Everything that must hold on every page: masked, cheap, and accessible in light and dark. */
export async function expectSound(page: Page, name: string, routeMs?: number) {
  await settled(page);
  await expectMasked(page);
  await expectCheap(page, name, routeMs);
  await expectAccessible(page, `${name}, light`);
  await toTheme(page, 'dark');
  await expectAccessible(page, `${name}, dark`);
  await toTheme(page, 'light');
}

/** Opens an address, waits for its heading, and says what the visit cost. */
export const visit = (page: Page, url: string): Promise<number> =>
  work(page, async () => {
    await page.goto(url);
    await expect(page.locator('h1').first(), url).toBeVisible();
    await settled(page);
  });

/** A picture for the docs, of a page with its content; with BELLBIRD_SIZES=FOLDER also at the sizes that people's screens have, to be looked at. */
export async function picture(page: Page, name: string) {
  await settled(page);
  await page.screenshot({ path: new URL(`../../docs/pictures/${name}.png`, import.meta.url).pathname, animations: 'disabled' });
  const folder = process.env.BELLBIRD_SIZES;
  const usual = page.viewportSize();
  if (!folder || !usual) return;
  for (const [width, height] of [[1366, 768], [1920, 1080], [2560, 1440]] as const) {
    await page.setViewportSize({ width, height });
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), animations: 'disabled' });
  }
  await page.setViewportSize(usual);
}

export { expectAccessible, expectMasked };
