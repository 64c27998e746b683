/// What the browser's tab says: how many things wait for the person, and which page this is.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

const waiting = new Map<string, number>();
let page = '';
let app = '';

function write(): void {
  const n = [...waiting.values()].reduce((sum, count) => sum + count, 0);
  document.title = `${n > 0 ? `(${n}) ` : ''}${[page, app].filter(Boolean).join(' · ')}`;
  document.querySelector<HTMLLinkElement>('link[rel=icon]')?.setAttribute('href', n > 0 ? '/bellbird-waiting.svg' : '/bellbird.svg');
}

/** The page's name in the tab's title; without one the name stays as it is. */
export function useTabTitle(name: string): void {
  const { t } = useTranslation();
  const house = t('app.name');
  useEffect(() => {
    app = house;
    if (name) page = name;
    write();
  }, [name, house]);
}

/** Counts offers, or alarms, in the tab's title and mark. */
export function useTabCount(what: 'offers' | 'due' | 'alarms', n: number): void {
  useEffect(() => {
    waiting.set(what, n);
    write();
    return () => {
      waiting.delete(what);
      write();
    };
  }, [what, n]);
}
