import { beforeAll, expect, it } from 'vitest';
import { startI18n } from '@/shared/i18n';
import { trunkWord } from './tags';

beforeAll(startI18n);

it('calls a trunk whose first calls are under way in use, not unknown', () => {
  expect(trunkWord('unknown', 0)).toBe('未知');
  expect(trunkWord('unknown', 4)).toBe('首次使用中');
  expect(trunkWord('up', 4)).toBe('正常');
});
