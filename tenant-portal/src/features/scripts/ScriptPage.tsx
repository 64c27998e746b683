/// A script: form editor in the middle, steps on the left, try-out, check and versions on the right.
import { Button, Form, Input, Modal, Skeleton, Tabs } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { isProblem } from '@/api/problem';
import type { Script, ScriptVersion } from '@/api/types';
import { time } from '@/shared/format/format';
import { useDoes } from '@/shared/session';
import { MenuButton } from '@/shared/ui/MenuButton';
import { useNotice } from '@/shared/ui/notice';
import { NotHere } from '@/shared/ui/NotHere';
import { Page, Panel } from '@/shared/ui/Page';
import { StatusTag } from '@/shared/ui/StatusTag';
import { Trouble } from '@/shared/ui/Trouble';
import { publishScript, SCRIPTS, useScript, useVersion, type LintFinding } from './api';
import { useCheck } from './check';
import { Conflict } from './Conflict';
import { EditorContext, isStale, reading, useEditor, type Editor, type SaveState } from './editor';
import { nodeName } from './fields';
import { Findings, placeOf, textOf } from './Findings';
import { newNode, same, sectionOf, withNodeBack, withoutNode, type Flow, type Node, type Section } from './flow';
import { LeaveGuard } from './LeaveGuard';
import { AnswersForm } from './sections/AnswersForm';
import { EndingForm, VoiceForm } from './sections/EndingForm';
import { LabelsForm } from './sections/LabelsForm';
import { NodeForm } from './sections/NodeForm';
import { PatienceForm } from './sections/PatienceForm';
import { IntentsForm, VariablesForm } from './sections/WordsForms';
import { ScriptDialog } from './ScriptDialog';
import { Steps } from './Steps';
import { TryOut } from './TryOut';
import { publisher, Versions } from './Versions';
import './scripts.css';

export function ScriptPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation();
  const script = useScript(id);
  const back = { to: '/scripts', text: t('nav.scripts') };
  if (script.error && !script.data)
    return (
      <Page title={t('script.title')} back={back}>
        <NotHere error={script.error} back={back} onRetry={() => void script.refetch()} />
      </Page>
    );
  if (!script.data)
    return (
      <Page title={t('script.title')} back={back}>
        <Panel>
          <Skeleton active />
        </Panel>
      </Page>
    );
  return <Editing key={script.data.id} script={script.data} />;
}

function Editing({ script }: { script: Script }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const notice = useNotice();
  const edits = useDoes('scripts');
  const editor = useEditor(script, !edits);
  const [section, setSection] = useState<Section>({ name: 'node', index: 0 });
  const [focus, setFocus] = useState<string | null>(null);
  const [tab, setTab] = useState(edits ? 'try' : 'versions');
  const [publishing, setPublishing] = useState(false);
  const [naming, setNaming] = useState(false);
  const [note, setNote] = useState('');
  const published = script.published?.version_id ?? null;
  const [chosen, setChosen] = useState<string | null>(null);
  // Who only reads is shown what customers hear, not what is being written.
  const viewed = chosen ?? (edits ? null : published);
  const version = useVersion(script.id, viewed);
  const shown = viewed ? (version.data?.flow ? reading(editor, version.data.flow as unknown as Flow) : null) : editor;
  const editing = edits && !viewed;
  const live = useVersion(script.id, edits ? published : null).data?.flow;
  const changed = useMemo(() => (live ? !same(editor.flow, live) : Boolean(published) && script.draft.changed), [editor.flow, live, published, script.draft.changed]);
  const view = (id: string | null) => {
    setChosen(id === (edits ? null : published) ? null : id);
    setSection({ name: 'node', index: 0 });
  };

  const check = useCheck(script.id, editor.flow);
  const { findings } = check;
  /** What stands in the way is told also where the list of it is open already. */
  const sayNotPublished = (found: LintFinding[]) => {
    setTab('check');
    const faults = found.filter(isFault);
    const [first] = faults;
    if (first) notice.refused(t('script.notPublished', { n: faults.length }), t('script.notPublishedFirst', { place: placeOf(first.path, editor.flow, t), text: textOf(first, editor.flow) }));
  };
  const publish = useMutation({
    mutationFn: async () => {
      if (!(await editor.flush())) return false;
      await publishScript(script.id, note.trim());
      return true;
    },
    onSuccess: async (done) => {
      setPublishing(false);
      if (!done) return;
      setNote('');
      notice.done(t('script.published'));
      await client.invalidateQueries({ queryKey: SCRIPTS });
    },
    onError: (error) => {
      const found = isProblem(error) ? (error.params as { findings?: unknown }).findings : undefined;
      setPublishing(false);
      if (Array.isArray(found)) {
        check.found(found as LintFinding[]);
        sayNotPublished(found as LintFinding[]);
      } else notice.failed(error);
    },
  });
  const beforePublish = async () => {
    const found = await check.run();
    if (!found) return;
    if (found.some(isFault)) sayNotPublished(found);
    else setPublishing(true);
  };
  const open = (path: string) => {
    setChosen(null);
    setSection(sectionOf(path));
    setFocus(path);
  };
  useFocus(focus, () => setFocus(null));

  const add = (kind: Node['kind']) => {
    editor.replace((f) => ({ ...f, nodes: [...f.nodes, newNode(kind, f, t(`nodeKind.${kind}`))] }));
    setSection({ name: 'node', index: editor.flow.nodes.length });
  };
  const removeNode = (index: number) => {
    const before = editor.flow;
    const name = nodeName(before.nodes[index] ?? { key: '' });
    editor.takeOut({ said: t('script.nodeDeleted', { name }), list: 'nodes', index, out: (f) => withoutNode(f, index), back: (f, at) => withNodeBack(f, before, index, at) });
    setSection({ name: 'node', index: Math.max(0, index - 1) });
  };

  return (
    <EditorContext value={editor}>
      <Page
        fill
        back={{ to: '/scripts', text: t('nav.scripts') }}
        tab={script.name}
        note={!edits && t(published ? 'script.readsPublished' : 'script.readsDraft')}
        title={
          <>
            {script.name}
            {script.published ? <StatusTag tone="success">{t('script.publishedAs', { n: script.published.number })}</StatusTag> : <StatusTag>{t('script.unpublished')}</StatusTag>}
            {editing && changed && <StatusTag tone="warning">{t('script.draftChanged')}</StatusTag>}
            {editing && <Saved state={editor.save} />}
          </>
        }
        actions={
          editing && (
            <>
              <Button onClick={() => setNaming(true)}>{t('scripts.rename')}</Button>
              <MenuButton actions={(['question', 'statement', 'closing'] as const).map((k) => ({ key: k, label: t(`nodeKind.${k}`), onClick: () => add(k) }))}>
                <Button>{t('script.addNode')}</Button>
              </MenuButton>
              <Button
                loading={check.pending}
                onClick={() => {
                  setTab('check');
                  void check.run();
                }}
              >
                {t('script.check')}
              </Button>
              <Button type="primary" loading={publish.isPending} onClick={() => void beforePublish()}>
                {t('script.publish')}
              </Button>
            </>
          )
        }
      >
        {editor.save.is === 'failed' && (isStale(editor.save) ? <Conflict id={script.id} /> : <Trouble error={editor.save.error} onRetry={() => void editor.flush()} />)}
        {edits && <LeaveGuard />}
        {chosen && <Viewing version={version.data} back={t(edits ? 'script.backToDraft' : 'script.backToPublished')} onBack={() => view(null)} />}
        <div className="bb-script">
          <Words flow={shown} error={version.error} onRetry={() => void version.refetch()}>
            <Steps section={section} onOpen={setSection} findings={editing ? (findings ?? []) : []} />
            <Panel title={section.name === 'node' ? t('script.section.node') : t(`script.section.${section.name}`)} className="bb-script-form" scrolls={!editing}>
              <Form key={viewed} component={false} disabled={!editing}>
                {section.name === 'node' && <NodeForm index={section.index} onDelete={() => removeNode(section.index)} />}
                {(section.name === 'faq' || section.name === 'objections') && <AnswersForm key={section.name} list={section.name} />}
                {section.name === 'intents' && <IntentsForm />}
                {section.name === 'variables' && <VariablesForm />}
                {section.name === 'patience' && <PatienceForm />}
                {section.name === 'ending' && <EndingForm />}
                {section.name === 'voice' && <VoiceForm />}
                {section.name === 'labels' && <LabelsForm />}
              </Form>
            </Panel>
          </Words>
          <Panel className="bb-tabs-panel bb-script-side">
            <Tabs
              size="small"
              activeKey={tab}
              onChange={setTab}
              items={[
                ...(edits ? [{ key: 'try', label: t('script.tabs.try'), children: <TryOut id={script.id} /> }] : []),
                ...(edits ? [{ key: 'check', label: `${t('script.tabs.check')}${findings?.length ? ` ${findings.length}` : ''}`, children: <Findings findings={findings} outdated={check.outdated} onOpen={open} /> }] : []),
                { key: 'versions', label: t('script.tabs.versions'), children: <Versions id={script.id} current={published} viewed={viewed} edits={edits} onView={view} /> },
              ]}
            />
          </Panel>
        </div>
        {naming && <ScriptDialog script={script} onClose={() => setNaming(false)} />}
        <Modal open={publishing} mask={{ closable: false }} title={t('script.publishTitle')} okText={t('script.publish')} confirmLoading={publish.isPending} onOk={() => publish.mutate()} onCancel={() => setPublishing(false)} width={440}>
          <p style={{ marginBottom: 12 }}>{t('script.publishNote')}</p>
          <Input value={note} maxLength={100} placeholder={t('script.notePlaceholder')} aria-label={t('script.notePlaceholder')} onChange={(e) => setNote(e.target.value)} />
        </Modal>
      </Page>
    </EditorContext>
  );
}

/** A warning does not stand in the way of publishing. */
const isFault = (finding: LintFinding): boolean => finding.severity !== 'warning';

/** The words shown, once they are here. */
function Words({ flow, error, onRetry, children }: { flow: Editor | null; error: unknown; onRetry: () => void; children: ReactNode }) {
  if (flow) return <EditorContext value={flow}>{children}</EditorContext>;
  return <Panel className="bb-script-wait">{error ? <Trouble error={error} onRetry={onRetry} /> : <Skeleton active />}</Panel>;
}

/** Says that these are the words of another version. */
function Viewing({ version, back, onBack }: { version: ScriptVersion | undefined; back: string; onBack: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="bb-viewing" role="status">
      <span>{version && t('script.viewing', { n: version.number, at: time(version.published_at), by: publisher(version) })}</span>
      <Button size="small" onClick={onBack}>
        {back}
      </Button>
    </div>
  );
}

function Saved({ state }: { state: SaveState }) {
  const { t } = useTranslation();
  return <small className="bb-saved">{t(`script.save.${state.is}`)}</small>;
}

/** Scrolls to and focuses the field nearest to a JSON pointer, once it is on the page. */
function useFocus(path: string | null, done: () => void): void {
  useEffect(() => {
    if (!path) return;
    const fields = [...document.querySelectorAll<HTMLElement>('[data-path]')].filter((e) => path === e.dataset.path || path.startsWith(`${e.dataset.path}/`));
    const nearest = fields.sort((a, b) => (b.dataset.path?.length ?? 0) - (a.dataset.path?.length ?? 0))[0];
    if (nearest) {
      nearest.scrollIntoView({ block: 'center' });
      nearest.classList.add('is-pointed');
      setTimeout(() => nearest.classList.remove('is-pointed'), 2500);
      nearest.querySelector<HTMLElement>('textarea, input')?.focus({ preventScroll: true });
    }
    done();
  }, [path, done]);
}
