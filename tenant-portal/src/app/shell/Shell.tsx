/// The frame around every page: header, sider, content. Sends people who are not signed in to the login page.
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, NavLink, Outlet, useLocation } from 'react-router';
import { openEvents, useStale } from '@/api/events';
import { PopUps } from '@/features/leads/PopUps';
import { Heartbeat } from '@/features/leads/presence';
import { does, isArea, sees, useMe } from '@/shared/session';
import { Trouble } from '@/shared/ui/Trouble';
import { Forbidden } from '../pages';
import { Header } from './Header';
import { menuOf } from './menu';
import './shell.css';

const KeySheet = lazy(() => import('./KeySheet'));

export function Component() {
  const me = useMe();
  const { t } = useTranslation();
  const location = useLocation();
  const stale = useStale();
  const signedIn = Boolean(me.data);
  const [who, setWho] = useState<string>();
  if (me.data && me.data.user.id !== who) setWho(me.data.user.id);
  const [keys, setKeys] = useState(false);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key === '?' && !e.ctrlKey && !e.metaKey && !e.altKey && !e.isComposing && !isTyping(e.target)) setKeys(true);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => {
    if (signedIn) openEvents();
  }, [signedIn]);

  if (me.isPending) return <div className="bb-shell-wait" aria-busy="true" />;
  if (me.error && me.data === undefined)
    return (
      <div className="bb-shell-trouble">
        <Trouble error={me.error} onRetry={() => void me.refetch()} />
      </div>
    );
  if (!me.data) return <Navigate to="/login" replace state={{ from: location.pathname + location.search, who }} />;

  const { permissions } = me.data;
  const works = does(permissions, 'leads');
  const area = location.pathname.split('/')[1] ?? '';
  const allowed = !isArea(area) || sees(permissions, area);
  return (
    <div className="bb-shell">
      <a className="bb-skip" href="#main">
        {t('shell.skip')}
      </a>
      <Header session={me.data} />
      <nav className="bb-sider" aria-label={t('shell.menu')}>
        {menuOf(permissions).map((group) => (
          <div key={group.key} className="bb-menu-group">
            <h2>{t(`menu.${group.key}`)}</h2>
            <ul>
              {group.items.map(({ area: item, icon: Icon }) => (
                <li key={item}>
                  <NavLink to={`/${item}`} className={({ isActive }) => `bb-menu-item ${isActive ? 'is-active' : ''}`}>
                    <Icon />
                    {t(item === 'leads' && !works ? 'nav.leadList' : `nav.${item}`)}
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      {works && (
        <>
          <Heartbeat />
          <PopUps />
        </>
      )}
      <main id="main" className="bb-main" tabIndex={-1}>
        {stale && (
          <div className="bb-stale" role="status">
            {t('shell.stale')}
          </div>
        )}
        {allowed ? <Outlet /> : <Forbidden />}
      </main>
      {keys && (
        <Suspense>
          <KeySheet agent={works} listens={does(permissions, 'listen')} onClose={() => setKeys(false)} />
        </Suspense>
      )}
    </div>
  );
}

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable=true]') !== null;
