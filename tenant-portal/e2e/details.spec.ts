/// Pages with one thing on them: masked, cheap and accessible in light and dark.
import { countShifts, expectCheap, work } from './cost';
import { expect, test } from './house';
import { expectAccessible, expectMasked, expectSound, picture, toTheme, visit } from './looks';
import { answeredCall, demo, talkative, waiting } from './shown';

test('the login page is sound in light and dark', async ({ browser, house }) => {
  const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  await countShifts(page);
  for (const theme of ['light', 'dark'] as const) {
    const worked = await work(page, async () => {
      await page.goto(`${house.url}/login`);
      await expect(page.getByLabel('账号')).toBeVisible();
    });
    await expectMasked(page);
    await expectCheap(page, `/login, ${theme}`, worked);
    await expectAccessible(page, `/login, ${theme}`);
    await picture(page, theme === 'light' ? 'login' : 'login-dark');
    await page.evaluate(() => localStorage.setItem('bellbird.prefs', JSON.stringify({ theme: 'dark' })));
  }
  await page.context().close();
});

test('an address that leads nowhere says so', async ({ house, signedIn }) => {
  const page = await signedIn('viewer');
  const worked = await visit(page, `${house.url}/nowhere`);
  await expect(page.getByText('这个页面不存在')).toBeVisible();
  await expectSound(page, '/nowhere', worked);
});

test('a contact, a campaign, a script and a call are sound', async ({ house, signedIn }) => {
  const page = await signedIn('operator');
  const call = await answeredCall(house);
  const { campaign, script } = await demo(house);
  const { id } = await talkative(house);
  const look = async (path: string, name: string, ready: string | RegExp) => {
    const worked = await visit(page, `${house.url}/${path}`);
    await expect(page.getByText(ready).first()).toBeVisible();
    await expectSound(page, `/${name}`, worked);
  };
  await look(`contacts/${id}`, 'contacts/:id with numbers in the remark', '紧急联系人');
  await look(`contacts/${call.contact.id}`, 'contacts/:id', '基本信息');
  await picture(page, 'contact');
  for (const tab of ['跟进', '意向变化', '外呼任务']) {
    await page.getByRole('tab', { name: new RegExp(tab) }).click();
    await expectAccessible(page, `/contacts/:id, ${tab}`);
  }
  await look(`campaigns/${(await waiting(house)).id}`, 'campaigns/:id', '已呼叫');
  await visit(page, `${house.url}/campaigns/${campaign.id}`);
  await expectMasked(page);
  await expectAccessible(page, '/campaigns/:id while it calls');
  await look(`scripts/${script.id}`, 'scripts/:id, to read', '对话步骤');
  await visit(page, `${house.url}/calls/${call.id}`);
  await expect(page.locator('.bb-wave canvas').first()).toBeVisible();
  await look(`calls/${call.id}`, 'calls/:id', /您好/);
  await toTheme(page, 'dark');
  await expect(page.locator('.bb-wave canvas').first()).toBeVisible();
  await picture(page, 'call-dark');
});
