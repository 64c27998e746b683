import { render } from '@testing-library/react';
import { beforeAll, expect, it } from 'vitest';
import { startI18n } from '@/shared/i18n';
import { CallReason, trunkWord } from './tags';

beforeAll(startI18n);

it('calls a trunk whose first calls are under way in use, not unknown', () => {
  expect(trunkWord('unknown', 0)).toBe('未知');
  expect(trunkWord('unknown', 4)).toBe('首次使用中');
  expect(trunkWord('up', 4)).toBe('正常');
});

it('says what a failed call failed by, where there is no label to give a reason for', () => {
  const said = (call: Parameters<typeof CallReason>[0]['call']) => render(<CallReason call={call} />).container.textContent;
  expect(said({ label: null, disposition: 'failed', cause: 'auth_failed' })).toBe('线路鉴权失败');
  expect(said({ label: null, disposition: 'no_answer', cause: 'ring_limit' })).toBe('—');
  expect(said({ label: { key: 'high', name: '', rule: '依据', quote: '好的' }, disposition: 'answered', cause: 'finished' })).toBe('好的');
  expect(said({ label: { key: 'high', name: '', rule: '依据' }, disposition: 'answered', cause: 'finished' })).toBe('依据');
});
