import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { answer, browser, Frame, makeClient } from '@/testing/frame';
import { useUrlState } from '@/shared/hooks/url-state';
import { ME } from '@/shared/session';
import { FilterBar } from './FilterBar';

const NAMES = ['q', 'status', 'label'] as const;
const SEARCHED = ['q'] as const;

function List() {
  const [filters, setFilters] = useUrlState(NAMES, SEARCHED);
  return (
    <FilterBar views={{ list: 'contacts', filters, searched: SEARCHED, onPick: setFilters }} dirty={false} onClear={() => undefined}>
      {null}
    </FilterBar>
  );
}

beforeAll(browser);
afterEach(() => {
  cleanup();
  localStorage.clear();
  window.dispatchEvent(new StorageEvent('storage', { key: 'bellbird.views' }));
});

function open(at: string, person = 'a') {
  const me = { user: { id: person, role: 'operator' }, permissions: [] };
  vi.stubGlobal('fetch', vi.fn(async () => answer(me)));
  const client = makeClient();
  client.setQueryData(ME, me);
  const router = createMemoryRouter([{ path: '/contacts', Component: List }], { initialEntries: [at] });
  render(
    <Frame client={client}>
      <RouterProvider router={router} />
    </Frame>,
  );
  return router;
}

const control = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });

async function save(name: string, what: string) {
  fireEvent.click(control(what));
  fireEvent.change(await screen.findByLabelText('为当前筛选命名'), { target: { value: name } });
  fireEvent.click(control('保存'));
  await screen.findAllByText(`已保存“${name}”`);
}

it('offers to save, once there is something to save', () => {
  open('/contacts?q=Li');
  expect(control('保存当前筛选').disabled).toBe(true);
  cleanup();
  open('/contacts?status=never');
  expect(control('保存当前筛选').disabled).toBe(false);
});

it('saves filters without the search, and picks them', async () => {
  const router = open('/contacts?q=4567&status=never&label=high');
  await save('未呼叫', '保存当前筛选');
  expect(localStorage.getItem('bellbird.views')).toBe('{"a/contacts":[{"name":"未呼叫","filters":{"status":"never","label":"high"}}]}');
  await router.navigate('/contacts?q=Li&status=answered');
  fireEvent.click(control('已存筛选'));
  fireEvent.click(await screen.findByRole('button', { name: '未呼叫' }));
  await waitFor(() => expect(router.state.location.search).toBe('?status=never&label=high'));
});

it('replaces what has the name already', async () => {
  const router = open('/contacts?status=never');
  await save('春季', '保存当前筛选');
  await router.navigate('/contacts?status=answered');
  await save('春季', '已存筛选');
  expect(localStorage.getItem('bellbird.views')).toBe('{"a/contacts":[{"name":"春季","filters":{"status":"answered"}}]}');
});

it('removes a view, and takes that back to its place', async () => {
  keep('a/contacts', ['甲', '乙', '丙']);
  open('/contacts');
  fireEvent.click(control('已存筛选'));
  const list = await screen.findByRole('dialog', { name: '已存筛选' });
  const names = () => within(list).getAllByRole('listitem').map((one) => one.textContent);
  fireEvent.click(within(list).getByRole('button', { name: '移除“乙”' }));
  await waitFor(() => expect(names()).toEqual(['甲', '丙']));
  fireEvent.click(await screen.findByText('撤销'));
  await waitFor(() => expect(names()).toEqual(['甲', '乙', '丙']));
});

it('keeps no more than twenty, and says so', async () => {
  keep('a/contacts', Array.from({ length: 20 }, (_, i) => `第 ${i}`));
  open('/contacts?status=never');
  fireEvent.click(control('已存筛选'));
  fireEvent.change(await screen.findByLabelText('为当前筛选命名'), { target: { value: '第 20' } });
  expect(screen.getByText('最多保存 20 组，请先移除一组。')).toBeTruthy();
  expect(control('保存').disabled).toBe(true);
  fireEvent.change(screen.getByLabelText('为当前筛选命名'), { target: { value: '第 3' } });
  expect(control('保存').disabled).toBe(false);
});

it('shows nobody the views of another person or of another list', () => {
  keep('b/contacts', ['甲']);
  keep('a/calls', ['乙']);
  open('/contacts?status=never');
  expect(control('保存当前筛选')).toBeTruthy();
});

it('makes do with what is no list of views', () => {
  localStorage.setItem('bellbird.views', '[');
  window.dispatchEvent(new StorageEvent('storage', { key: 'bellbird.views' }));
  open('/contacts?status=never');
  expect(control('保存当前筛选').disabled).toBe(false);
});

/** As another tab keeps them. */
function keep(place: string, names: string[]) {
  const kept = JSON.parse(localStorage.getItem('bellbird.views') ?? '{}') as object;
  localStorage.setItem('bellbird.views', JSON.stringify({ ...kept, [place]: names.map((name) => ({ name, filters: { label: name } })) }));
  window.dispatchEvent(new StorageEvent('storage', { key: 'bellbird.views' }));
}
