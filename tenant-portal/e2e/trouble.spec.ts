/// A line dies: whoever answers for it sees a pop-up and hears it, again and again until it is acknowledged.
import { deadLine } from './dead-line';
import { expect, test, type House } from './house';
import { expectAccessible, picture, toTheme, visit } from './looks';
import { demo } from './shown';

const ALL_DAY = [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }];

/** A campaign over a line that refuses every call. */
async function callOver(house: House, address: string) {
  const [admin, operator] = [await house.api('admin'), await house.api('operator')];
  type Made = { id: string };
  const trunk = await admin.post<Made>('/v1/trunks', { name: '坏线路', kind: 'sip', address, caller_ids: ['02160000001'], max_calls: 5, calls_per_second: 5 });
  const group = await operator.post<Made>('/v1/groups', { name: '坏线路名单', remark: '' });
  for (let i = 0; i < 6; i += 1) await operator.post('/v1/contacts', { name: `陈${i}`, number: `1390000210${i}`, remark: '', group_ids: [group.id], fields: {} });
  const { script } = await demo(house);
  const draft = { name: '坏线路任务', remark: '', group_id: group.id, script_id: script.id, trunk_id: trunk.id, windows: ALL_DAY, max_calls: 2, retry: { attempts: 1, interval_s: 60 } };
  const campaign = await operator.post<Made>('/v1/campaigns', draft);
  await operator.post(`/v1/campaigns/${campaign.id}/start`, {});
}

test('a failing line raises an alarm with sound until someone acknowledges it', async ({ house, signedIn }) => {
  const line = await deadLine();
  const page = await signedIn('admin');
  // Counts the tones that the page really starts.
  await page.addInitScript(() => {
    const counted = window as unknown as { tones: number };
    counted.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at?: number) {
      counted.tones += 1;
      return start.call(this, at);
    };
  });
  const tones = () => page.evaluate(() => (window as unknown as { tones: number }).tones);
  await page.clock.install();
  await visit(page, `${house.url}/trunks`);
  // A new document is locked until a person touches it, and says so.
  await expect(page.getByRole('button', { name: /浏览器已静音/ })).toBeVisible();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(page.getByRole('button', { name: '声音已开启' })).toBeVisible();

  await callOver(house, line.address);
  const alarm = page.getByRole('alert').filter({ hasText: '坏线路' });
  // The line is tried once the script's sentences have been rendered.
  await expect(alarm).toBeVisible({ timeout: 120_000 });
  await expect(page).toHaveTitle(/^\(\d+\) /);
  await expect.poll(tones).toBeGreaterThan(0);
  await expectAccessible(page, 'the alarm, light');
  await picture(page, 'alert');
  await toTheme(page, 'dark');
  await expectAccessible(page, 'the alarm, dark');
  await toTheme(page, 'light');

  const rung = await tones();
  await page.clock.runFor(31_000);
  await expect.poll(tones, 'the alarm repeats').toBeGreaterThan(rung);

  await page.getByRole('button', { name: '知道了' }).first().click();
  await expect(alarm).toHaveCount(0);
  await expect(page).not.toHaveTitle(/^\(\d+\) /);
  const quiet = await tones();
  await page.clock.runFor(31_000);
  expect(await tones(), 'an acknowledged alarm is quiet').toBe(quiet);
  line.close();
});
