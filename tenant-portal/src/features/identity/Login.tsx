/// The door: Bellbird's own look, one form.
import { Alert, Button, Form, Input } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation, useNavigate } from 'react-router';
import { api } from '@/api/http';
import { isProblem } from '@/api/problem';
import type { Session } from '@/api/types';
import { chooseLanguage } from '@/shared/i18n';
import { codeText, problemText } from '@/shared/i18n/problem-text';
import { hasRunOut, ME, meet } from '@/shared/session';
import { useTabTitle } from '@/shared/tab';
import { Mark } from '@/shared/ui/Mark';
import './login.css';

type Fields = { email: string; password: string };

export function Login() {
  const { t, i18n } = useTranslation();
  useTabTitle(t('login.title'));
  const go = useNavigate();
  const client = useQueryClient();
  // Where the session ran out, and whose it was.
  const { from = '/', who } = (useLocation().state ?? {}) as { from?: string; who?: string };
  const [error, setError] = useState<unknown>(null);
  const [thrownOut] = useState(hasRunOut);
  const [busy, setBusy] = useState(false);
  const signIn = async (fields: Fields) => {
    setBusy(true);
    setError(null);
    try {
      await api.post('/v1/sessions', fields);
      const me = await meet(client);
      await go(who && who !== me?.user.id ? '/' : from, { replace: true });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  if (!busy && client.getQueryData<Session | null>(ME)) return <Navigate to={from} replace />;
  const trouble = error ? problemText(t, error) : null;
  return (
    <div className="bb-login">
      <aside className="bb-login-side">
        <div className="bb-login-brand">
          <Mark size={40} />
          <b>
            {t('app.name')} {t('app.name') !== 'Bellbird' && <small>Bellbird</small>}
          </b>
        </div>
        <div className="bb-login-words">
          <p className="bb-login-slogan">{t('login.slogan')}</p>
          <p>{t('login.about')}</p>
        </div>
        <Rings />
      </aside>
      <main className="bb-login-main">
        <button type="button" className="bb-link bb-login-language" onClick={() => void chooseLanguage(i18n.language === 'en' ? 'zh-CN' : 'en')}>
          {i18n.language === 'en' ? '中文' : 'English'}
        </button>
        <div className="bb-login-box">
          <h1>{t('login.title')}</h1>
          <p className="bb-muted">{t('login.note')}</p>
          {thrownOut && !trouble && <Alert type="warning" showIcon title={codeText('signed_out')} style={{ marginBottom: 16 }} />}
          {trouble && (
            <Alert
              type="error"
              showIcon
              title={trouble.title}
              description={[trouble.next, isProblem(error) && error.requestId ? t('error.requestId', { id: error.requestId }) : null].filter(Boolean).join(' ') || undefined}
              style={{ marginBottom: 16 }}
            />
          )}
          <Form layout="vertical" requiredMark={false} onFinish={(f: Fields) => void signIn(f)} size="large">
            <Form.Item name="email" label={t('login.email')} rules={[{ required: true, message: t('login.emailMissing') }]}>
              <Input autoFocus autoComplete="username" spellCheck={false} placeholder="name@company" />
            </Form.Item>
            <Form.Item name="password" label={t('login.password')} rules={[{ required: true, message: t('login.passwordMissing') }]}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
            <Button block type="primary" htmlType="submit" loading={busy}>
              {t('login.enter')}
            </Button>
          </Form>
          <p className="bb-login-help">{t('login.help')}</p>
        </div>
      </main>
    </div>
  );
}

/** Sound going out from the bell-bird, drawn once and still. */
function Rings() {
  return (
    <svg className="bb-login-rings" viewBox="0 0 600 600" aria-hidden="true">
      {[90, 150, 210, 270, 330, 390, 450].map((r, i) => (
        <circle key={r} cx="600" cy="600" r={r} fill="none" stroke="#fff" strokeOpacity={0.22 - i * 0.028} strokeWidth="1.5" />
      ))}
      <g transform="translate(456 488) scale(4)" fill="#fff" fillOpacity="0.95">
        <path d="M7.2 22.6c1.9-1.6 2.6-3.6 2.6-7.1 0-4.7 3.2-8.3 7.4-8.3 2.7 0 4.9 1.5 6 3.7l4.3 1.7c.5.2.5.9 0 1.1l-3.8 1.3c0 3.4.8 5.9 2.5 7.6.5.5.1 1.3-.6 1.3H7.9c-.8 0-1.2-.9-.7-1.3z" />
        <circle cx="19.3" cy="11.6" r="1.35" fill="#0b3a86" fillOpacity="1" />
      </g>
    </svg>
  );
}
