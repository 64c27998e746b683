/// Language and theme: switched in place, kept over a reload.
import { expect, test } from './house';
import { picture, settled, toTheme, visit } from './looks';

test('a person reads the portal in English and returns to Chinese', async ({ house, signedIn }) => {
  const page = await signedIn('viewer');
  await visit(page, `${house.url}/campaigns`);
  await page.getByRole('button', { name: '切换到英文' }).click();
  await expect(page.getByRole('heading', { name: 'Campaigns', level: 1 })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  for (const path of ['reports', 'contacts', 'calls', 'trunks', 'system']) {
    await visit(page, `${house.url}/${path}`);
    // What the portal itself says is English; names and words of customers stay as they are.
    const words = await page.locator('h1, nav, .bb-filters, .bb-panel-head, dt').allInnerTexts();
    expect(words.filter((text) => /\p{Script=Han}/u.test(text.replace(/中/, ''))), `/${path}`).toEqual([]);
  }
  await page.goto(`${house.url}/reports`);
  await expect(page.getByText('Connect rate').first()).toBeVisible();
  await settled(page);
  await picture(page, 'report-english');
  await page.getByRole('button', { name: /Chinese/ }).click();
  await expect(page.getByRole('heading', { name: '数据报表', level: 1 })).toBeVisible();
});

test('a person works in the dark and returns to light', async ({ house, signedIn }) => {
  const page = await signedIn('operator');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await visit(page, `${house.url}/campaigns`);
  const light = await ground();
  await toTheme(page, 'dark');
  expect(await ground()).not.toBe(light);
  await page.reload();
  await settled(page);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await picture(page, 'campaigns-dark');
  await toTheme(page, 'light');
  expect(await ground()).toBe(light);
});
