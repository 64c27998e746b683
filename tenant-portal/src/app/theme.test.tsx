import { act, cleanup, render } from '@testing-library/react';
import { useEffect } from 'react';
import { afterEach, expect, it } from 'vitest';
import { usePrefs } from '@/shared/prefs';
import { useThemeOnPage } from './theme';

afterEach(cleanup);

it('is on the page before a drawing inside reads its colours', () => {
  const read: (string | undefined)[] = [];
  const Drawing = () => {
    const theme = usePrefs((p) => p.theme);
    useEffect(() => void read.push(document.documentElement.dataset.theme), [theme]);
    return null;
  };
  const House = () => {
    useThemeOnPage(usePrefs((p) => p.theme));
    return <Drawing />;
  };
  render(<House />);
  act(() => usePrefs.getState().set({ theme: 'dark' }));
  act(() => usePrefs.getState().set({ theme: 'light' }));
  expect(read).toEqual(['light', 'dark', 'light']);
});
