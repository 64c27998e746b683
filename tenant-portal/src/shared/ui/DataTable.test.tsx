import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { browser, Frame, makeClient } from '@/testing/frame';
import { DataTable } from './DataTable';

beforeAll(browser);
afterEach(cleanup);

const table = (more: Partial<Parameters<typeof DataTable<string>>[0]>) => (
  <Frame client={makeClient()}>
    <DataTable label="rows" rows={['a', 'b']} rowKey={(r) => r} columns={[{ key: 'r', title: 'r', width: '100px', render: (r) => r }]} {...more} />
  </Frame>
);

describe('a table', () => {
  it('offers to ask again for rows that did not come, and does not ask by itself', () => {
    const onMore = vi.fn();
    render(table({ hasMore: true, failed: true, onMore }));
    expect(onMore).not.toHaveBeenCalled();
    fireEvent.click(screen.getByText('重试'));
    expect(onMore).toHaveBeenCalledTimes(1);
  });

  it('says that its rows are not yet the answer', () => {
    render(table({ dim: true }));
    expect(screen.getByRole('table').getAttribute('aria-busy')).toBe('true');
  });

  it('selects every loaded row', () => {
    const onChange = vi.fn();
    render(table({ selection: { selected: new Set(['a']), onChange } }));
    fireEvent.click(screen.getByLabelText('选择全部'));
    expect([...(onChange.mock.calls[0]?.[0] as Set<string>)]).toEqual(['a', 'b']);
  });

  it('has the rows in sight in the document wherever it is scrolled to, and few others', () => {
    const tall = vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(616);
    const rows = Array.from({ length: 1_000 }, (_, i) => `row ${i}`);
    render(table({ rows }));
    const box = screen.getByRole('table');
    const shown = () => [...box.querySelectorAll('[role=cell]')].map((cell) => cell.textContent);
    let changes = 0;
    let before = shown();
    const steps = 130;
    for (let step = 0; step < steps; step += 1) {
      box.scrollTop = step * 44 + 20;
      fireEvent.scroll(box);
      const now = shown();
      expect(now).toEqual(expect.arrayContaining(rows.slice(step, step + 15)));
      expect(now.length).toBeLessThanOrEqual(36);
      changes += now.join() === before.join() ? 0 : 1;
      before = now;
    }
    // Most steps only move what is there.
    expect(changes).toBeLessThanOrEqual(steps / 12);
    box.scrollTop = 1_000 * 44 - 616;
    fireEvent.scroll(box);
    expect(shown()).toEqual(expect.arrayContaining(rows.slice(-14)));
    tall.mockRestore();
  });
});
