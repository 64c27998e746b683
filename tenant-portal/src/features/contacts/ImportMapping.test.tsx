import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { ImportPreview } from '@/api/types';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { ImportMapping } from './ImportMapping';

beforeAll(browser);
afterEach(cleanup);

const preview = (field: string, rows: ImportPreview['rows']): ImportPreview =>
  ({ columns: [{ index: 0, header: 'h', field }], rows, total_estimate: rows.length, encoding: 'UTF-8', sheet: null });

/** Shows the step with a group typed, so that only the file can stand in the way. */
function show(of: ImportPreview) {
  vi.stubGlobal('fetch', vi.fn(async () => answer({ items: [], next_cursor: null })));
  render(
    <Frame client={makeClient()}>
      <ImportMapping file={new File([], 'f.csv')} preview={of} onBack={() => undefined} onStarted={() => undefined} />
    </Frame>,
  );
  fireEvent.change(document.getElementById('bb-import-group') as HTMLElement, { target: { value: 'g' } });
  return screen.getByText('开始导入').closest('button')?.disabled;
}

const row = [{ value: '138****0000', verdict: 'ok' as const, code: null }];

it('starts an import of rows with numbers', () => {
  expect(show(preview('number', [row]))).toBe(false);
  expect(screen.queryByText('预览中没有发现问题')).not.toBeNull();
});

it('says that a file has no rows, and imports none of it', () => {
  expect(show(preview('number', []))).toBe(true);
  expect(screen.queryAllByText('文件里没有客户数据').length).toBeGreaterThan(0);
  expect(screen.queryByText('预览中没有发现问题')).toBeNull();
});

it('finds fault with a file without a column of numbers', () => {
  expect(show(preview('name', [row]))).toBe(true);
  expect(screen.queryByText('预览中没有发现问题')).toBeNull();
});
