/// One call: recording, transcript, label and why, and how it went on the line.
import { Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { CallDetail } from '@/api/types';
import { useCall } from '@/shared/call/call-api';
import { CallAudio } from '@/shared/call/CallAudio';
import { CallSlots, slotsOf } from '@/shared/call/CallSlots';
import { LabelCard } from '@/shared/call/LabelCard';
import { DispositionTag, LabelTag, RehearsalTag, word } from '@/shared/domain/tags';
import { DASH, duration, seconds, time } from '@/shared/format/format';
import { useDoes, useRole, useSees } from '@/shared/session';
import { NotHere } from '@/shared/ui/NotHere';
import { Facts, Page, Panel } from '@/shared/ui/Page';

export function CallPage() {
  const { id = '' } = useParams();
  const { t } = useTranslation();
  const call = useCall(id);
  const back = { to: '/calls', text: t('nav.calls') };
  if (call.error && !call.data)
    return (
      <Page title={t('call.title')} back={back}>
        <NotHere error={call.error} back={back} onRetry={() => void call.refetch()} />
      </Page>
    );
  if (!call.data)
    return (
      <Page title={t('call.title')} back={back}>
        <Panel>
          <Skeleton active />
        </Panel>
      </Page>
    );
  return <Detail call={call.data} />;
}

function Detail({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const people = useRole() !== 'scripter';
  const sees = useSees();
  const listens = useDoes('listen');
  const trunk = typeof call.trunk === 'string' ? call.trunk : call.trunk?.name;
  const slots = slotsOf(call.slots);
  return (
    <Page
      back={{ to: '/calls', text: t('nav.calls') }}
      title={
        <>
          {call.contact?.name || t('call.title')} <span className="bb-call-number">{people ? call.number : ''}</span>
          <DispositionTag value={call.disposition} />
          {call.label && <LabelTag label={call.label} />}
          <RehearsalTag of={call} />
        </>
      }
      tab={call.contact?.name || t('call.title')}
      note={time(call.dialed_at)}
    >
      <div className="bb-columns" style={{ gridTemplateColumns: 'minmax(0, 1fr) minmax(300px, 360px)' }}>
        <Panel title={t(listens ? 'call.recordingAndTranscript' : 'call.transcript')} extra={call.response_ms?.p50 != null && t('call.responseSummary', { p50: seconds(call.response_ms.p50), max: seconds(call.response_ms.max) })}>
          <CallAudio call={call} mayListen={listens} height="calc(100vh - 430px)" />
        </Panel>
        <div className="bb-columns">
          {call.label && (
            <Panel title={t('call.why')}>
              <LabelCard label={call.label} />
            </Panel>
          )}
          {slots.length > 0 && (
            <Panel title={t('call.slots')}>
              <CallSlots slots={slots} />
            </Panel>
          )}
          <Panel title={t('call.line')}>
            <Facts
              columns={2}
              items={[
                ...(sees('contacts') && call.contact ? [{ term: t('call.contact'), value: <Link to={`/contacts/${call.contact.id}`}>{call.contact.name || call.number}</Link> }] : []),
                ...(sees('campaigns') && call.campaign ? [{ term: t('calls.campaign'), value: <Link to={`/campaigns/${call.campaign.id}`}>{call.campaign.name}</Link> }] : []),
                ...(call.script ? [{ term: t('campaigns.script'), value: `${call.script.name} v${call.script.version}` }] : []),
                ...(trunk ? [{ term: t('campaigns.trunk'), value: trunk }] : []),
                { term: t('call.cause'), value: call.cause ? word('cause', call.cause) : DASH },
                { term: t('call.side'), value: call.side ? word('side', call.side) : DASH },
                { term: t('calls.dialedAt'), value: time(call.dialed_at) },
                { term: t('call.answeredAt'), value: time(call.answered_at) },
                { term: t('call.endedAt'), value: time(call.ended_at) },
                { term: t('call.sip'), value: call.sip_code ?? DASH },
                { term: t('calls.ring'), value: duration(call.ring_ms) },
                { term: t('calls.talk'), value: duration(call.talk_ms) },
              ]}
            />
          </Panel>
          {Array.isArray(call.gates) && call.gates.length > 0 && (
            <Panel title={t('call.gates')}>
              <ul className="bb-gates">
                {call.gates?.map((g) => (
                  <li key={g.gate}>
                    <span title={g.detail ?? undefined}>{word('gateName', g.gate)}</span>{' '}
                    <span className="bb-muted">{g.detail === 'rehearsal' ? t('check.rehearsal') : word('gateVerdict', g.verdict)}</span>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}
