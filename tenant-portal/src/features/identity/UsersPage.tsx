/// Accounts: create, give a role, enable and disable, reset a password.
import { Button, Form, Input, Modal, Select, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/http';
import type { Role, User } from '@/api/types';
import { copied } from '@/shared/copy';
import { time } from '@/shared/format/format';
import { usePages } from '@/shared/hooks/pages';
import { useDoes, useMe } from '@/shared/session';
import { DataTable, type Column } from '@/shared/ui/DataTable';
import { Empty } from '@/shared/ui/Empty';
import { fieldOf, sayAtField } from '@/shared/ui/field-trouble';
import { useNotice } from '@/shared/ui/notice';
import { Page } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';

const ROLES: Role[] = ['admin', 'operator', 'scripter', 'agent', 'viewer'];
type Change = { id: string; name?: string; role?: Role; enabled?: boolean };

export function UsersPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const edits = useDoes('users');
  const me = useMe().data?.user.id;
  const [editing, setEditing] = useState<User | 'new' | null>(null);
  const [resetting, setResetting] = useState<User | null>(null);
  const [password, setPassword] = useState<{ name: string; password: string } | null>(null);
  const pages = usePages<User>(['users'], '/v1/users', {});
  const change = useMutation({
    mutationFn: ({ id, ...body }: Change) => api.patch<User>('/v1/users/{id}', body, { path: { id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
    onError: notice.failed,
  });
  const reset = useMutation({
    mutationFn: async (user: User) => ({ name: user.name, ...(await api.post<{ password: string }>('/v1/users/{id}/password', {}, { path: { id: user.id } })) }),
    onSuccess: setPassword,
    onError: notice.failed,
    onSettled: () => setResetting(null),
  });
  const toggle = (user: User, enabled: boolean) =>
    change.mutate(
      { id: user.id, enabled },
      {
        onSuccess: () =>
          notice.undoable(t(enabled ? 'users.enabledDone' : 'users.disabledDone', { name: user.name }), () => change.mutate({ id: user.id, enabled: !enabled })),
      },
    );
  const columns: Column<User>[] = [
    { key: 'name', title: t('users.name'), width: 'minmax(120px, 1fr)', wraps: true, render: (u) => u.name },
    { key: 'email', title: t('login.email'), width: 'minmax(180px, 1.4fr)', wraps: true, render: (u) => u.email },
    { key: 'role', title: t('users.role'), width: '130px', render: (u) => <StatusTag>{t(`role.${u.role}`)}</StatusTag> },
    { key: 'state', title: t('common.state'), width: '110px', render: (u) => <StatusTag tone={u.enabled ? 'success' : 'danger'}>{u.enabled ? t('users.enabled') : t('users.disabled')}</StatusTag> },
    { key: 'login', title: t('users.lastLogin'), width: '162px', render: (u) => time(u.last_login_at) },
    { key: 'at', title: t('common.createdAt'), width: '162px', render: (u) => time(u.created_at) },
  ];
  if (edits)
    columns.push({
      key: 'act',
      title: t('common.actions'),
      width: '230px',
      render: (u) => (
        <span className="bb-row-actions" style={{ alignItems: 'center' }}>
          <Switch size="small" checked={u.enabled} disabled={u.id === me} aria-label={t('users.toggle', { name: u.name })} onChange={(on) => toggle(u, on)} />
          <button type="button" className="bb-link" onClick={() => setEditing(u)}>
            {t('common.edit')}
          </button>
          <button type="button" className="bb-link" onClick={() => setResetting(u)}>
            {t('users.reset')}
          </button>
        </span>
      ),
    });
  return (
    <Page
      fill
      title={t('nav.users')}
      actions={
        edits && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('users.add')}
          </Button>
        )
      }
    >
      {pages.error ? (
        <Trouble error={pages.error} onRetry={pages.refetch} />
      ) : (
        <DataTable label={t('nav.users')} columns={columns} rows={pages.rows} rowKey={(u) => u.id} {...pages.table} empty={<Empty title={t('common.nothingFound')} />} />
      )}
      {editing && <UserDialog user={editing === 'new' ? null : editing} onClose={() => setEditing(null)} onPassword={setPassword} />}
      <Modal
        open={resetting !== null}
        title={t('users.resetTitle', { name: resetting?.name })}
        okText={t('users.reset')}
        okButtonProps={{ danger: true, loading: reset.isPending }}
        onOk={() => resetting && reset.mutate(resetting)}
        onCancel={() => setResetting(null)}
        width={420}
      >
        {t('users.resetConsequence', { name: resetting?.name })}
      </Modal>
      {/* Shown this once: only a button or its cross closes it. */}
      <Modal open={password !== null} mask={{ closable: false }} keyboard={false} title={t('users.newPassword')} footer={<Button type="primary" onClick={() => setPassword(null)}>{t('common.close')}</Button>} onCancel={() => setPassword(null)} width={420}>
        <p style={{ marginBottom: 12 }}>{t('users.newPasswordNote', { name: password?.name })}</p>
        <Input.Search
          readOnly
          aria-label={t('users.newPassword')}
          value={password?.password}
          enterButton={t('common.copy')}
          onSearch={() => void copied(password?.password ?? '').then(notice.copied)}
        />
      </Modal>
    </Page>
  );
}

const AT_FIELD = ['email', 'name'];

type Fields = { email: string; name: string; role: Role };

function UserDialog({ user, onClose, onPassword }: { user: User | null; onClose: () => void; onPassword: (p: { name: string; password: string }) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const save = useMutation({
    mutationFn: (f: Fields) =>
      user
        ? api.patch<User & { password?: string | null }>('/v1/users/{id}', { name: f.name.trim(), role: f.role }, { path: { id: user.id } })
        : api.post<User & { password?: string | null }>('/v1/users', { email: f.email.trim(), name: f.name.trim(), role: f.role }),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['users'] });
      onClose();
      if (saved.password) onPassword({ name: saved.name, password: saved.password });
    },
  });
  return (
    <Modal open mask={{ closable: false }} title={user ? t('users.edit') : t('users.add')} okText={t('common.save')} onOk={() => form.submit()} onCancel={onClose} confirmLoading={save.isPending} width={420}>
      {save.error && !fieldOf(save.error, AT_FIELD) && <Trouble error={save.error} />}
      <Form form={form} layout="vertical" initialValues={user ?? { role: 'agent' }} onFinish={(f) => save.mutate(f, { onError: (error) => sayAtField(form, t, error, AT_FIELD) })} style={{ marginTop: 12 }}>
        {!user && (
          <Form.Item name="email" label={t('login.email')} rules={[{ required: true, message: t('login.emailMissing') }]} extra={t('users.emailHint')}>
            <Input autoFocus maxLength={120} autoComplete="off" inputMode="email" spellCheck={false} placeholder={t('users.emailPlaceholder')} />
          </Form.Item>
        )}
        <Form.Item name="name" label={t('users.name')} rules={[{ required: true, message: t('common.required') }]}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="role" label={t('users.role')}>
          <Select options={ROLES.map((r) => ({ value: r, label: t(`role.${r}`), title: t(`users.does.${r}`) }))} optionRender={(o) => <RoleOption role={o.value as Role} />} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function RoleOption({ role }: { role: Role }) {
  const { t } = useTranslation();
  return (
    <div>
      {t(`role.${role}`)}
      <div className="bb-muted" style={{ fontSize: 12, whiteSpace: 'normal' }}>
        {t(`users.does.${role}`)}
      </div>
    </div>
  );
}
