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
});
