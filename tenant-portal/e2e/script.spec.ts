/// A scripter edits a script, talks with the draft, is told what is wrong, and publishes.
import { expect, test } from './house';
import { expectAccessible, expectSound, picture, visit } from './looks';
import { demo } from './shown';

test('a scripter edits, tries out and publishes a script', async ({ house, signedIn }) => {
  const { script } = await demo(house);
  const page = await signedIn('scripter');
  const worked = await visit(page, `${house.url}/scripts/${script.id}`);
  await expectSound(page, '/scripts/:id', worked);

  // Every part of the form opens, without a fault.
  for (const section of ['客户提问', '异议应答', '自定义意图', '变量', '静音与没听清', '结束与限制', '声音', '意向规则']) {
    await page.locator('.bb-script-steps').getByRole('button', { name: section }).click();
    await expect(page.locator('.bb-script-form').getByRole('heading', { name: section })).toBeVisible();
    await expectAccessible(page, `/scripts/:id, ${section}`);
  }
  await page.locator('.bb-script-steps').getByRole('button').first().click();

  await page.getByRole('button', { name: '开始试聊' }).click();
  const chat = page.locator('.bb-chat');
  await expect(chat.getByText(/您好/).first()).toBeVisible();
  const said = page.getByLabel('输入客户会说的话，回车发送');
  await said.fill('你们利息是多少');
  await said.press('Enter');
  await expect(chat.getByText(/理解为/).first()).toBeVisible();
  await picture(page, 'script');

  // A sentence more, saved by itself, then checked and published as the next version.
  const text = page.getByLabel('机器人说').first();
  const before = await text.inputValue();
  await text.fill(`${before}打扰您了。`);
  await expect(page.getByText('已保存', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: '发布', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: '发布话术' });
  await dialog.getByRole('textbox').fill('开场更客气');
  await dialog.getByRole('button', { name: '发布', exact: true }).click();
  await expect(page.getByText('已发布 v2')).toBeVisible();
  await page.getByRole('tab', { name: '版本' }).click();
  await expect(page.getByText('开场更客气')).toBeVisible();

  // An empty sentence is a fault: it is named and nothing is published.
  await text.fill('');
  await page.getByRole('button', { name: '发布', exact: true }).click();
  await expect(page.locator('.bb-found li').first()).toBeVisible();
  await expect(page.getByText('已发布 v2')).toBeVisible();
  await expectAccessible(page, '/scripts/:id with findings');
  await text.fill(before);
  await expect(page.getByText('已保存', { exact: true })).toBeVisible();
});
