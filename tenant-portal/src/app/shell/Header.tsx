/// Tenant, search, presence, alerts, language, theme, the person.
import { Button, Popover, Tooltip } from 'antd';
import MoonOutlined from '@ant-design/icons/MoonOutlined';
import MutedOutlined from '@ant-design/icons/MutedOutlined';
import SoundOutlined from '@ant-design/icons/SoundOutlined';
import SunOutlined from '@ant-design/icons/SunOutlined';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api } from '@/api/http';
import { isProblem } from '@/api/problem';
import type { Session } from '@/api/types';
import { leave } from '@/features/leads/presence';
import { PresenceControl } from '@/features/leads/PresenceControl';
import { chooseLanguage } from '@/shared/i18n';
import { usePrefs } from '@/shared/prefs';
import { does, forgetPerson, sees } from '@/shared/session';
import { play, unlockSound, useSoundReady } from '@/shared/sound';
import { Mark } from '@/shared/ui/Mark';
import { MenuButton } from '@/shared/ui/MenuButton';
import { useNotice } from '@/shared/ui/notice';
import { AlertsBell } from '@/features/alerts/AlertsBell';
import { CommandSearch } from './CommandSearch';

const PasswordDialog = lazy(() => import('@/features/identity/PasswordDialog'));

export function Header({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { permissions } = session;
  return (
    <header className="bb-header">
      <Link className="bb-brand" to="/">
        <Mark />
        <span>
          {t('app.name')} {t('app.name') !== 'Bellbird' && <small>Bellbird</small>}
        </span>
      </Link>
      <div className="bb-tenant" title={session.tenant.name}>
        {session.tenant.name}
      </div>
      <div className="bb-header-gap" />
      <CommandSearch granted={permissions} />
      {does(permissions, 'leads') && <PresenceControl />}
      {sees(permissions, 'alerts') && <AlertsBell />}
      <SoundButton />
      <LanguageButton />
      <ThemeButton />
      <PersonMenu session={session} />
    </header>
  );
}

/** As loud as a new browser begins. */
const SOUND_AGAIN = 0.8;

function SoundButton() {
  const { t } = useTranslation();
  const ready = useSoundReady();
  const { volume, set } = usePrefs();
  const state = !ready ? 'locked' : volume > 0 ? 'on' : 'off';
  const turnOn = () => {
    if (volume === 0) set({ volume: SOUND_AGAIN });
    void unlockSound().then(() => play('lead'));
  };
  return (
    <Popover
      trigger="click"
      content={
        <div style={{ width: 200 }}>
          <div>{t(`sound.${state}`)}</div>
          <input className="bb-range" type="range" aria-label={t('sound.volume')} min={0} max={1} step={0.1} value={volume} onChange={(e) => set({ volume: Number(e.target.value) })} />
          <Button size="small" block onClick={turnOn}>
            {t(volume > 0 ? 'sound.test' : 'sound.turnOn')}
          </Button>
        </div>
      }
    >
      <button type="button" className={`bb-icon-button ${state === 'on' ? '' : 'is-warn'}`} aria-label={t(`sound.${state}`)}>
        {state === 'on' ? <SoundOutlined /> : <MutedOutlined />}
      </button>
    </Popover>
  );
}

function LanguageButton() {
  const { i18n, t } = useTranslation();
  const other = i18n.language === 'en' ? 'zh-CN' : 'en';
  return (
    <button type="button" className="bb-icon-button" aria-label={t('shell.language')} onClick={() => void chooseLanguage(other)} style={{ fontSize: 13 }}>
      {other === 'en' ? 'EN' : '中'}
    </button>
  );
}

function ThemeButton() {
  const { t } = useTranslation();
  const { theme, set } = usePrefs();
  const dark = theme === 'dark';
  return (
    <Tooltip title={dark ? t('shell.toLight') : t('shell.toDark')}>
      <button type="button" className="bb-icon-button" aria-label={dark ? t('shell.toLight') : t('shell.toDark')} onClick={() => set({ theme: dark ? 'light' : 'dark' })}>
        {dark ? <SunOutlined /> : <MoonOutlined />}
      </button>
    </Tooltip>
  );
}

function PersonMenu({ session }: { session: Session }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const client = useQueryClient();
  const notice = useNotice();
  const [password, setPassword] = useState(false);
  const signOut = async () => {
    await leave(session.user.id);
    try {
      await api.del('/v1/sessions');
    } catch (error) {
      // A session that has ended needs no ending.
      if (!(isProblem(error) && error.status === 401)) {
        notice.failed(error);
        return;
      }
    }
    forgetPerson(client);
    void go('/login', { replace: true });
  };
  return (
    <>
      <MenuButton
        head={session.user.email}
        actions={[
          { key: 'password', label: t('identity.changePassword'), onClick: () => setPassword(true) },
          { key: 'out', label: t('identity.signOut'), onClick: () => void signOut() },
        ]}
      >
        <button type="button" className="bb-user-button" aria-haspopup="menu">
          <i aria-hidden="true">{session.user.name.slice(0, 1).toUpperCase()}</i>
          <span>{session.user.name}</span>
          <small>{t(`role.${session.user.role}`)}</small>
        </button>
      </MenuButton>
      {password && (
        <Suspense>
          <PasswordDialog onClose={() => setPassword(false)} />
        </Suspense>
      )}
    </>
  );
}
