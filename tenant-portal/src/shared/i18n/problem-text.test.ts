import { beforeAll, expect, it } from 'vitest';
import { browser } from '@/testing/frame';
import { codeText } from './problem-text';

beforeAll(browser);

it('says the keys inside a problem in the language of the sentence', () => {
  expect(codeText('campaign_incomplete', { missing: 'published_script' })).toBe('任务还不能启动：缺少已发布的话术');
  expect(codeText('campaign_wrong_state', { state: 'running' })).toContain('（进行中）');
  expect(codeText('category_unknown', { known: 'marketing, other' })).not.toMatch(/[a-z]/);
});

it('leaves a value that is no key as it is', () => {
  expect(codeText('import_unknown_column', { column: 'running' })).toContain('running');
  expect(codeText('campaign_incomplete', { missing: 'later' })).toContain('later');
});
