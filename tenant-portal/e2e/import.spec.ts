/// A list comes in: chosen, mapped, counted, its faults opened; every step sound.
import { expect, test } from './house';
import { expectSound, picture, settled, visit } from './looks';
import { workbook, XLSX } from './sheet';

const LIST = workbook([
  ['姓名', '手机号', '城市意向', '备注'],
  ['周明', '13900001101', '杭州', ''],
  ['吴倩', 13900001102, '宁波', '老客户'],
  ['郑凯', '13900001101', '杭州', ''],
  ['王芳', '1390000', '绍兴', ''],
  ['冯超', '139 0000 1105', '温州', '下午联系'],
]);

test('an operator imports a list in three steps', async ({ house, signedIn }) => {
  const page = await signedIn('operator');
  const worked = await visit(page, `${house.url}/contacts/import`);
  await expectSound(page, '/contacts/import, upload', worked);
  await picture(page, 'contacts-import');

  await page.locator('input[type=file]').setInputFiles({ name: '春季名单.xlsx', mimeType: XLSX, buffer: LIST });
  await expect(page.getByText(/整份预览（5 行）/)).toBeVisible();
  await expectSound(page, '/contacts/import, mapping');
  await page.getByLabel('导入到分组').fill('春季名单');
  await picture(page, 'import-mapping');

  await page.getByRole('button', { name: '开始导入' }).click();
  await expect(page.getByRole('button', { name: '用这份名单新建任务' })).toBeVisible();
  await expect(page).toHaveURL(/\/contacts\/import\?id=/);
  const figure = (name: string) => page.locator('.bb-buckets div').filter({ has: page.getByText(name, { exact: true }) }).locator('dd');
  await expect(figure('总行数')).toHaveText('5');
  await expect(figure('已导入')).toHaveText('3');
  await expect(figure('重复')).toHaveText('1');
  await expect(figure('号码无效')).toHaveText('1');
  await expectSound(page, '/contacts/import, result');
  await picture(page, 'import-result');

  // The result is the server's: a reload shows it again. Each bucket opens its rows.
  await page.reload();
  await expect(figure('已导入')).toHaveText('3');
  await figure('号码无效').getByRole('button').click();
  await expect(page.getByRole('dialog').getByText(/王芳/)).toBeVisible();
  await settled(page);
  await page.keyboard.press('Escape');
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: /下载错误文件/ }).click();
  expect((await file).suggestedFilename()).toMatch(/春季名单.*\.xlsx$/);
});
