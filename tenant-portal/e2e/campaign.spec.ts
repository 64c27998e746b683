/// A new campaign in three steps, each sound, the last one checks; then every verb of a campaign is pressed on its page.
import type { Page } from '@playwright/test';
import { expect, test } from './house';
import { expectSound, picture, settled, visit } from './looks';
import { demo } from './shown';

test('an operator sets up a campaign in three steps, runs it and copies it', async ({ house, signedIn }) => {
  const { group, script, trunk } = await demo(house);
  const page = await signedIn('operator');
  const worked = await visit(page, `${house.url}/campaigns/new`);
  const next = page.getByRole('button', { name: '下一步' });
  await expect(next).toBeDisabled();
  await page.getByRole('button', { name: new RegExp(`^${group.name}`) }).click();
  await expectSound(page, '/campaigns/new, list', worked);
  await picture(page, 'campaigns-new');

  await next.click();
  await page.getByRole('button', { name: new RegExp(`^${script.name}`) }).click();
  await page.getByRole('button', { name: new RegExp(`^${trunk.name}`) }).click();
  await expectSound(page, '/campaigns/new, script and line');
  await picture(page, 'campaigns-new-script');

  await next.click();
  await expect(page.getByLabel('任务名称')).toHaveValue(`${group.name} · ${script.name}`);
  await page.getByLabel('任务名称').fill('向导预演');
  // One call at a time: the demo's campaign needs the line too.
  await page.getByLabel('最大并发').fill('1');
  await page.getByRole('button', { name: '保存并检查' }).click();
  await expect(page.getByText('可呼叫').or(page.locator('.bb-check-big')).first()).toBeVisible();
  await expectSound(page, '/campaigns/new, policy and check');
  await picture(page, 'campaigns-new-check');

  await page.getByRole('button', { name: '稍后启动' }).click();
  await expect(page).toHaveURL(/\/campaigns\/cmp_/);
  await expectOffers(page, '向导预演 待启动', ['启动', '编辑', '复制', '删除']);

  await press(page, '启动', '“向导预演”已启动，首次拨号前可在此暂停');
  await expectOffers(page, '向导预演 进行中', ['暂停', '调整设置', '终止', '复制']);
  await press(page, '暂停', '已暂停，进行中的通话会自然结束');
  await expectOffers(page, '向导预演 已暂停', ['恢复', '调整设置', '终止', '复制']);
  await press(page, '恢复', '已恢复');
  await expectOffers(page, '向导预演 进行中', ['暂停', '调整设置', '终止', '复制']);

  await stop(page, '让进行中的通话自然结束');
  await expectOffers(page, '向导预演 已终止', ['重启', '调整设置', '复制', '删除']);
  await press(page, '重启', '“向导预演”已重启');
  await expectOffers(page, '向导预演 进行中', ['暂停', '调整设置', '终止', '复制']);
  await stop(page, '立即挂断进行中的通话');
  await expectOffers(page, '向导预演 已终止', ['重启', '调整设置', '复制', '删除']);
  // Newest first.
  const log = page.getByRole('region', { name: '运行记录' }).getByRole('listitem');
  for (const [at, event] of ['终止任务', '重启任务', '终止任务', '恢复任务', '暂停任务', '启动任务'].entries()) await expect(log.nth(at)).toContainText(event);

  const settings = await (await settingsOf(page)).allInnerTexts();
  expect(settings).toEqual(expect.arrayContaining(['客户分组', group.name, '话术', script.name, '线路', trunk.name, '最大并发', '1', '外呼时间段']));

  // The copy opens in the wizard, with all that was chosen.
  await press(page, '复制', '已复制为新任务');
  await expect(page).toHaveURL(/\/campaigns\/new\?edit=cmp_/);
  const chosen = page.locator('.bb-choice [aria-pressed="true"] b');
  await expect(chosen).toHaveText([group.name]);
  await next.click();
  await expect(chosen).toHaveText([script.name, trunk.name]);
  await next.click();
  await expect(page.getByLabel('任务名称')).toHaveValue('向导预演 (2)');
  await expect(page.getByLabel('最大并发')).toHaveValue('1');
  await page.getByRole('button', { name: '保存并检查' }).click();
  await page.getByRole('button', { name: '稍后启动' }).click();
  await expectOffers(page, '向导预演 (2) 待启动', ['启动', '编辑', '复制', '删除']);
  // All but when it was started.
  const started = settings.indexOf('启动时间') + 1;
  await expect(await settingsOf(page)).toHaveText(settings.map((text, at) => (at === started ? '—' : text)));
});

/** Terms and values, one after the other. */
async function settingsOf(page: Page) {
  await page.getByRole('tab', { name: '任务设置' }).click();
  return page.getByRole('tabpanel', { name: '任务设置' }).locator('dt, dd');
}

/** The page shows what the campaign is now, and offers what may be done next, in this order. */
async function expectOffers(page: Page, title: string, actions: string[]) {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  await expect(page.locator('.bb-page-actions').getByRole('button')).toHaveText(actions);
  await settled(page);
}

/** Presses an action of the page and hears what is said of it: the notice of a start goes with the first call. */
async function press(page: Page, action: string, said: string) {
  const heard = hear(page, said);
  await page.locator('.bb-page-actions').getByRole('button', { name: action, exact: true }).click();
  await heard;
}

async function stop(page: Page, calls: string) {
  await page.locator('.bb-page-actions').getByRole('button', { name: '终止', exact: true }).click();
  const sure = page.getByRole('dialog', { name: '终止任务“向导预演”' });
  const confirm = sure.getByRole('button', { name: '终止', exact: true });
  await sure.getByText(calls).click();
  await expect(confirm).toBeDisabled();
  await sure.getByLabel('请输入 终止 以确认').fill('终止');
  const heard = hear(page, '已终止');
  await confirm.click();
  await heard;
  await expect(sure).toBeHidden();
}

/** Looks at every frame. */
const hear = (page: Page, said: string) =>
  page.waitForFunction((text) => [...document.querySelectorAll('.ant-message-notice, .ant-notification-notice')].some((one) => one.textContent?.includes(text)), said, { polling: 'raf' });
