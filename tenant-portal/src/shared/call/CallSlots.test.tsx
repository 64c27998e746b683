import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { browser } from '@/testing/frame';
import { CallSlots, slotsOf } from './CallSlots';

beforeAll(browser);
afterEach(cleanup);

const shown = (slots: Record<string, string>) => {
  const { container } = render(<CallSlots slots={slotsOf(slots)} />);
  return [...container.querySelectorAll('dl > div')].map((row) => [...row.children].map((cell) => cell.textContent));
};

it('shows each value once, by the name of the question that asked for it, sums in yuan', () => {
  expect(shown({ 想贷: '30000', amount: '30000', time: '明天下午三点', 回访时间: '明天下午三点' })).toEqual([
    ['想贷', '30,000 元'],
    ['回访时间', '明天下午三点'],
  ]);
});

it('keeps a sum and a time that no question asked for', () => {
  expect(shown({ 月收入: '8000', amount: '50000', time: '下周' })).toEqual([
    ['月收入', '8,000'],
    ['金额', '50,000 元'],
    ['时间', '下周'],
  ]);
});

it('leaves a range in words as it was said, and says yes and no in words', () => {
  expect(shown({ 想贷: '三万到五万', amount: '三万到五万', 有房: 'yes', 有车: 'no' })).toEqual([
    ['想贷', '三万到五万'],
    ['有房', '是'],
    ['有车', '否'],
  ]);
});

it('has nothing to show of a call without values', () => {
  expect(slotsOf(undefined)).toEqual([]);
});
