/// Ctrl+K: pages at once, then contacts, campaigns and scripts from the server, and for an agent the own leads. Only what
/// the person may open is asked for and offered.
import { Modal } from 'antd';
import SearchOutlined from '@ant-design/icons/SearchOutlined';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '@/api/http';
import type { Campaign, Contact, Lead, Script } from '@/api/types';
import { isNamed, useOwnLeads } from '@/features/leads/find';
import { useDebounced } from '@/shared/hooks/debounced';
import type { PageOf } from '@/shared/hooks/pages';
import { problemText } from '@/shared/i18n/problem-text';
import { does, sees, type Granted } from '@/shared/session';
import { menuOf } from './menu';

type Hit = { key: string; to: string; text: string; kind: string };

const MOST = 5;
const ASKED = ['contacts', 'campaigns', 'scripts'] as const;
const NO_LEADS: Lead[] = [];

export function CommandSearch({ granted }: { granted: Granted }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (e: globalThis.KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k' && !e.isComposing) {
        e.preventDefault();
        setOpen(true);
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button type="button" className="bb-search-open" onClick={() => setOpen(true)}>
        <SearchOutlined />
        <span>{t('search.open')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Modal open={open} onCancel={() => setOpen(false)} footer={null} closable={false} width={560} style={{ top: 88 }} styles={{ container: { padding: 0 } }} destroyOnHidden>
        <Finder granted={granted} onDone={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function Finder({ granted, onDone }: { granted: Granted; onDone: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const query = useDebounced(text.trim(), 200);
  const pages: Hit[] = menuOf(granted)
    .flatMap((g) => g.items)
    .map(({ area }) => ({ key: area, to: `/${area}`, text: t(area === 'leads' && !does(granted, 'leads') ? 'nav.leadList' : `nav.${area}`), kind: t('search.page') }))
    .filter((h) => h.text.toLowerCase().includes(text.trim().toLowerCase()));
  const found = useQuery({
    queryKey: ['search', query],
    enabled: query.length > 0,
    queryFn: async ({ signal }): Promise<Hit[]> => {
      const ask = async <T,>(area: (typeof ASKED)[number], make: (row: T) => Hit): Promise<Hit[]> => {
        if (!sees(granted, area)) return [];
        const page = await api.get<PageOf<T>>(`/v1/${area}`, { query: { q: query, limit: MOST }, signal });
        return page.items.map(make);
      };
      const lower = query.toLowerCase();
      const [contacts, campaigns, scripts] = await Promise.all([
        ask<Contact>('contacts', (c) => ({ key: c.id, to: `/contacts/${c.id}`, text: `${c.name} ${c.number}`, kind: t('nav.contacts') })),
        ask<Campaign>('campaigns', (c) => ({ key: c.id, to: `/campaigns/${c.id}`, text: c.name, kind: t('nav.campaigns') })),
        ask<Script>('scripts', (s) => ({ key: s.id, to: `/scripts/${s.id}`, text: s.name, kind: t('nav.scripts') })),
      ]);
      const named = (h: Hit) => h.text.toLowerCase().includes(lower);
      return [...contacts, ...campaigns.filter(named), ...scripts.filter(named)];
    },
  });
  const works = does(granted, 'leads');
  const own = useOwnLeads(works && query.length > 0);
  const leads = (query ? (own.data ?? NO_LEADS) : NO_LEADS)
    .filter((l) => isNamed(l, query))
    .slice(0, MOST)
    .map((l): Hit => ({ key: l.id, to: `/leads?id=${l.id}`, text: `${l.contact.name || t('common.unnamed')} ${l.contact.number}`, kind: t('nav.leadList') }));
  const hits = [...pages, ...leads, ...(query ? (found.data ?? []) : [])];
  const waits = query !== text.trim() || found.isFetching || own.isLoading;
  const trouble = found.error ?? own.error;
  const kinds = ['pages', works && 'leads', ...ASKED.filter((area) => sees(granted, area))].filter(Boolean).map((kind) => t(`search.what.${kind}`));
  const at = Math.min(active, hits.length - 1);
  const choose = (hit: Hit | undefined) => {
    if (!hit) return;
    onDone();
    void go(hit.to);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      setActive((hits.length + at + (e.key === 'ArrowDown' ? 1 : -1)) % Math.max(hits.length, 1));
    } else if (e.key === 'Enter') choose(hits[at]);
  };
  return (
    <div className="bb-command">
      <input
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="bb-command-list"
        aria-activedescendant={hits[at] ? `bb-hit-${hits[at].key}` : undefined}
        aria-label={t('search.open')}
        placeholder={t('search.placeholder', { what: kinds.join(t('common.and')) })}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          setActive(0);
        }}
        onKeyDown={onKey}
      />
      <div id="bb-command-list" role="listbox" aria-label={t('search.results')} className="bb-command-list">
        {hits.map((hit, i) => (
          <div
            key={hit.key}
            id={`bb-hit-${hit.key}`}
            role="option"
            aria-selected={i === at}
            className="bb-command-item"
            onMouseEnter={() => setActive(i)}
            onClick={() => choose(hit)}
          >
            <span>{hit.text}</span>
            <span>{hit.kind}</span>
          </div>
        ))}
      </div>
      {hits.length === 0 && <div className="bb-command-none">{waits ? t('common.loading') : trouble ? problemText(t, trouble).title : t('search.none')}</div>}
    </div>
  );
}
