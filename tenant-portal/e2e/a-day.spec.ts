/// The main job as its people do it: the operator watches the campaign, the agent takes a hot lead and follows up,
/// the manager reads the report.
import { expect, test } from './house';
import { expectMasked, expectSound, picture, settled } from './looks';
import { answeredCall } from './shown';

type Page<T> = { items: T[] };
type Lead = { id: string; call_id: string };

test('a campaign calls, a hot lead reaches the agent, the report adds up', async ({ house, signedIn }) => {
  test.slow();
  const agent = await signedIn('agent');
  await picture(agent, 'agent-offline');
  await agent.getByRole('button', { name: '上线并启用声音' }).first().click();
  await expect(agent.getByText('在线').first()).toBeVisible();

  const operator = await signedIn('operator');
  await operator.goto(`${house.url}/campaigns`);
  await operator.getByRole('link', { name: /信用贷款邀约/ }).first().click();
  await expect(operator.getByText('已呼叫').first()).toBeVisible();

  // The first answered call with transcript, recording and label.
  const done = await answeredCall(house);
  await picture(operator, 'campaign-monitor');
  await expectMasked(operator);

  await operator.goto(`${house.url}/calls/${done.id}`);
  await expect(operator.getByText(/您好/).first()).toBeVisible();
  await settled(operator);
  await expect(operator.locator('.bb-wave canvas').first()).toBeVisible();
  await picture(operator, 'call');
  await expectMasked(operator);

  // A lead is offered to the agent who is online; F2 accepts it.
  const asAgent = await house.api('agent');
  await expect.poll(async () => (await asAgent.get<Page<Lead>>('/v1/leads')).items.length, { timeout: 240_000, intervals: [1_000] }).toBeGreaterThan(0);
  // A window behind others lays out late; an agent looks at the own one.
  await agent.bringToFront();
  await agent.goto(`${house.url}/leads`);
  // Beside what an agent works on, not over it.
  await expect(agent.locator('.bb-queue').getByRole('alertdialog').first()).toBeVisible();
  await agent.getByRole('button', { name: /^接受/ }).first().click();
  await expect(agent.getByText('沟通结果')).toBeVisible();
  await expectSound(agent, '/leads with an accepted lead');
  await expect(agent.locator('.bb-wave canvas').first()).toBeVisible();
  await picture(agent, 'agent-workbench');
  await agent.getByRole('button', { name: '查看号码' }).click();
  await agent.getByLabel('查看事由').click();
  await agent.getByLabel('查看事由').press('Enter');
  await agent.getByRole('button', { name: '查看', exact: true }).click();
  await expect(agent.getByText(/199\s?0000\s?\d{4}/).first()).toBeVisible();
  await agent.getByLabel('沟通结果').fill('已联系，沟通顺利');
  await agent.getByLabel('沟通结果').press('Tab');
  await agent.getByText('已成交', { exact: true }).last().click();
  await agent.getByLabel('沟通要点与后续计划').fill('客户同意办理，明天提交资料。');
  await agent.getByRole('button', { name: /保存并处理下一条/ }).click();
  await expect(agent.getByText('跟进已保存')).toBeVisible();

  const viewer = await signedIn('viewer', { width: 1920, height: 1080 });
  await viewer.goto(`${house.url}/reports`);
  await expect(viewer.getByText(/接通率/).first()).toBeVisible();
  await settled(viewer);
  await picture(viewer, 'report');
  await expectMasked(viewer);
});
