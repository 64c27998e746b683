import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { draftOf, dropDrafts, keepDraft } from '@/shared/drafts';
import { ME } from '@/shared/session';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import type { CampaignDraft } from './api';
import { CampaignWizard } from './CampaignWizard';

const DRAFT: CampaignDraft = {
  name: '秋季', remark: '', group_id: 'g', script_id: 's', trunk_id: 'k', windows: [{ weekdays: [1], from: '09:00', to: '12:00' }], max_calls: 1, retry: { attempts: 1, interval_s: 1800 },
};
const nameOf = (key: string) => draftOf<{ draft: CampaignDraft }>(key)?.draft.name;

beforeAll(browser);
afterEach(() => {
  cleanup();
  dropDrafts();
});

it('keeps what was changed after the campaign was saved, until it is saved again', async () => {
  vi.stubGlobal('fetch', vi.fn(async (_path: string, { method }: { method?: string }) => answer(method === 'POST' || method === 'PATCH' ? { id: 'c' } : { items: [] })));
  const client = makeClient();
  client.setQueryData(ME, { user: { id: 'u', role: 'operator' }, permissions: ['campaigns.read', 'campaigns.manage'] });
  keepDraft('campaign-new', { step: 2, draft: DRAFT });
  render(
    <MemoryRouter>
      <Frame client={client}>
        <CampaignWizard />
      </Frame>
    </MemoryRouter>,
  );
  fireEvent.click(await screen.findByText('保存并检查'));
  await screen.findByText('稍后启动');
  expect(nameOf('campaign-new')).toBeUndefined();
  expect(nameOf('campaign:c')).toBeUndefined();
  fireEvent.change(screen.getByLabelText('任务名称'), { target: { value: '冬季' } });
  await waitFor(() => expect(nameOf('campaign:c')).toBe('冬季'));
  expect(nameOf('campaign-new')).toBeUndefined();
  fireEvent.click(screen.getByText('保存并检查'));
  await screen.findByText('稍后启动');
  expect(nameOf('campaign:c')).toBeUndefined();
});
