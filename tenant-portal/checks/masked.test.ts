/// The pattern that finds full numbers finds the ways people write them, and nothing else.
import { expect, it } from 'vitest';
import { fullNumbers } from '../e2e/masked';

it.each(['13812345678', '电话13812345678。', '+8613812345678', '008613812345678', '86 138 1234 5678', '138 1234 5678', '138-1234-5678', '138.1234.5678', '+86-199-0000-1234'])('finds %s', (text) => {
  expect(fullNumbers(text)).toHaveLength(1);
});

it.each(['138****5678', '1732310400000', '2026-11-23 14:15:16', '02160000000', '400-820-8820', '12,345,678,901', 'cal_01m8b8skhnf9rhdrxccjf2c4q3', '123.13812345678'])('leaves %s', (text) => {
  expect(fullNumbers(text)).toEqual([]);
});
