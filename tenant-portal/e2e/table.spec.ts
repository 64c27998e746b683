/// A table of a hundred thousand rows: a step of scrolling stays within its work, the document and the memory stay small.
import { expectCheap, timesSlower, work } from './cost';
import { expect, test } from './house';
import { settled } from './looks';
import { demo } from './shown';

const ROWS = 100_000;
const STEPS = 50;
const RUNS = 5;
const STEP_MS = 6;

const contact = (i: number) => ({
  id: `con_${i}`,
  name: `客户 ${i}`,
  number: `138****${String(i % 10_000).padStart(4, '0')}`,
  number_type: 'mobile',
  province: '浙江',
  city: '杭州',
  carrier: '移动',
  zone: 'Asia/Shanghai',
  remark: i % 7 ? '' : '官网咨询过',
  fields: {},
  groups: [{ id: 'grp_1', name: '春季名单' }],
  call_status: i % 3 ? 'never' : 'answered',
  label: null,
  last_call_at: null,
  archived: false,
  dead: false,
  blacklisted: false,
  created_at: '2026-11-22T08:09:10Z',
});

test('a hundred thousand rows scroll without effort', async ({ house, signedIn }) => {
  const page = await signedIn('operator');
  const body = JSON.stringify({ items: Array.from({ length: ROWS }, (_, i) => contact(i)), next_cursor: null });
  await page.route(/\/v1\/contacts\?/, (route) => route.fulfill({ contentType: 'application/json', body }));
  await page.goto(`${house.url}/contacts`);
  const box = page.getByRole('table', { name: '客户名单' });
  await expect(box).toHaveAttribute('aria-rowcount', String(ROWS + 1));
  await settled(page);

  const scroll = (distance: number) =>
    box.evaluate(
      async (element, [steps, by]) => {
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        for (let i = 0; i < steps; i += 1) {
          element.scrollTop += by;
          await frame();
        }
        await frame();
      },
      [STEPS, distance] as const,
    );
  // Once without counting: the first rows of a kind are made and compiled.
  await scroll(44);
  for (const [name, distance] of [['a row', 44], ['a notch of the wheel', 120]] as const) {
    const steps: number[] = [];
    for (let i = 0; i < RUNS; i += 1) steps.push((await work(page, () => scroll(distance))) / STEPS);
    if (process.env.BELLBIRD_COSTS) process.stdout.write(`scrolling ${name} at a time: ${steps.map((ms) => ms.toFixed(2)).join(' ')} ms a step\n`);
    // The least of the runs: what else the processor does in between only adds to the work.
    expect.soft(Math.min(...steps), `work of a step of ${name} in ms`).toBeLessThanOrEqual(STEP_MS * (await timesSlower(page)));
  }
  await box.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(page.getByRole('link', { name: `客户 ${ROWS - 1}` })).toBeVisible();
  await expectCheap(page, 'a hundred thousand rows');
});

test('a cell whose text does not fit says it whole in a tooltip', async ({ house, signedIn }) => {
  const page = await signedIn('operator');
  const remark = '客户在外地出差，下周一上午十点以后再联系，先发一份利率说明到邮箱';
  const body = JSON.stringify({ items: [{ ...contact(1), remark }], next_cursor: null });
  await page.route(/\/v1\/contacts\?/, (route) => route.fulfill({ contentType: 'application/json', body }));
  await page.goto(`${house.url}/contacts`);
  const cell = page.getByRole('cell', { name: remark });
  await cell.hover();
  await expect(cell).toHaveAttribute('title', remark);
  const short = page.getByRole('cell', { name: '移动' });
  await short.hover();
  await expect(short).not.toHaveAttribute('title');
});

test('a campaign is named whole on the smallest window', async ({ house, signedIn }) => {
  const { group, script, trunk } = await demo(house);
  const operator = await house.api('operator');
  const name = '春季信用贷款回访第二批（华东）';
  await operator.post('/v1/campaigns', { name, remark: '', group_id: group.id, script_id: script.id, trunk_id: trunk.id, windows: [], max_calls: 2, retry: { attempts: 1, interval_s: 60 } });
  const page = await signedIn('operator');
  await page.goto(`${house.url}/campaigns`);
  const cell = page.getByRole('cell', { name });
  await cell.hover();
  // Only what is cut is said in a tooltip.
  await expect(cell).not.toHaveAttribute('title');
  expect(await cell.locator('.bb-wraps').evaluate((text) => text.scrollHeight <= text.clientHeight + 4)).toBe(true);
});
