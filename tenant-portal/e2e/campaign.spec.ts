/// A new campaign in three steps, each sound; the last one checks and starts.
import { expect, test } from './house';
import { expectSound, picture, visit } from './looks';
import { demo } from './shown';

test('an operator sets up a campaign in three steps', async ({ house, signedIn }) => {
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
  await page.getByRole('button', { name: '保存并检查' }).click();
  await expect(page.getByText('可呼叫').or(page.locator('.bb-check-big')).first()).toBeVisible();
  await expectSound(page, '/campaigns/new, policy and check');
  await picture(page, 'campaigns-new-check');

  await page.getByRole('button', { name: '稍后启动' }).click();
  await expect(page).toHaveURL(/\/campaigns\/cmp_/);
  await expect(page.getByRole('heading', { name: /向导预演/ })).toBeVisible();
});
