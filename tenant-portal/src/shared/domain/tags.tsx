/// The states of contacts, calls, campaigns, trunks and leads, each as one tag.
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import type { Call, CallStatus, CampaignState, LabelRef, LeadStatus, LiveState, TrunkState } from '@/api/types';
import { DASH, spoken } from '@/shared/format/format';
import { StatusTag, type Tone } from '@/shared/ui/StatusTag';

const CALL_STATUS: Record<CallStatus, Tone> = {
  never: 'neutral', waiting: 'neutral', in_call: 'primary', answered: 'success', not_connected: 'warning', invalid: 'danger', blocked: 'danger',
};
const CAMPAIGN: Record<CampaignState, Tone> = {
  draft: 'neutral', ready: 'primary', running: 'success', paused: 'warning', stopped: 'neutral', completed: 'neutral',
};
const TRUNK: Record<TrunkState, Tone> = { up: 'success', failing: 'warning', down: 'danger', unknown: 'neutral' };
const LEAD: Record<LeadStatus, Tone> = {
  waiting: 'neutral', offered: 'warning', accepted: 'primary', following: 'primary', won: 'success', dropped: 'neutral',
};
const LIVE: Record<LiveState, Tone> = { dialing: 'neutral', ringing: 'warning', in_call: 'success', ended: 'neutral' };
const LABEL: Record<string, Tone> = { high: 'success', low: 'neutral', refused: 'danger', callback: 'primary', invalid: 'neutral' };

const listen = (changed: () => void) => {
  i18next.on('languageChanged', changed);
  return () => i18next.off('languageChanged', changed);
};
const language = () => i18next.language;
/** Follows the language, and is light enough for every row of a long table. */
const useLanguage = () => useSyncExternalStore(listen, language);

/** The word for a key of a family, or the key itself where the portal does not know it. */
const word = (family: string, key: string): string => (i18next.exists(`${family}.${key}`) ? i18next.t(`${family}.${key}`) : key);

export const CallStatusTag = ({ status }: { status: CallStatus }) => {
  useLanguage();
  return <StatusTag tone={CALL_STATUS[status] ?? 'neutral'}>{word('callStatus', status)}</StatusTag>;
};

export const CampaignTag = ({ state }: { state: CampaignState }) => {
  useLanguage();
  return (
    <StatusTag tone={CAMPAIGN[state] ?? 'neutral'} dot={state === 'running'}>
      {word('campaignState', state)}
    </StatusTag>
  );
};

/** Nothing is known of a trunk before its first call has ended; while that one lasts it is in use. */
export const trunkWord = (state: TrunkState, calls: number): string => word('trunkState', state === 'unknown' && calls > 0 ? 'first_use' : state);

export const TrunkTag = ({ state, calls }: { state: TrunkState; calls: number }) => {
  useLanguage();
  return (
    <StatusTag tone={TRUNK[state] ?? 'neutral'} dot>
      {trunkWord(state, calls)}
    </StatusTag>
  );
};

export const LeadTag = ({ status }: { status: LeadStatus }) => {
  useLanguage();
  return <StatusTag tone={LEAD[status] ?? 'neutral'}>{word('leadStatus', status)}</StatusTag>;
};

export const LiveTag = ({ state }: { state: LiveState }) => {
  useLanguage();
  return (
    <StatusTag tone={LIVE[state] ?? 'neutral'} dot={state === 'in_call'}>
      {word('liveState', state)}
    </StatusTag>
  );
};

export const DispositionTag = ({ value }: { value: string | null | undefined }) => {
  useLanguage();
  if (!value) return <>{DASH}</>;
  const tone: Tone = value === 'answered' ? 'success' : value === 'failed' || value === 'invalid' ? 'danger' : 'neutral';
  return <StatusTag tone={tone}>{word('disposition', value)}</StatusTag>;
};

export const LabelTag = ({ label }: { label: LabelRef | null | undefined }) =>
  label ? <StatusTag tone={LABEL[label.key] ?? 'neutral'}>{label.name}</StatusTag> : <>{DASH}</>;

/** Marks what a simulated customer brought, so that nobody takes it for the contact's own doing. */
export const RehearsalTag = ({ of }: { of: { rehearsal?: boolean } | null | undefined }) => {
  useLanguage();
  if (!of?.rehearsal) return null;
  return (
    <span className="bb-tag-frame" title={i18next.t('rehearsal.why')}>
      <StatusTag tone="warning">{i18next.t('rehearsal.tag')}</StatusTag>
    </span>
  );
};

/** The label of a call, or in a word why an answered one has none. */
export const CallLabelTag = ({ call }: { call: Pick<Call, 'label' | 'disposition' | 'cause'> }) => {
  useLanguage();
  const why = `noLabel.${call.cause ?? ''}`;
  if (call.label || call.disposition !== 'answered' || !i18next.exists(why)) return <LabelTag label={call.label} />;
  return <span className="bb-muted">{i18next.t(why)}</span>;
};

/** What the customer said for the label, or else what it rests on; for a failed call, what it failed by. */
export const CallReason = ({ call }: { call: Pick<Call, 'label' | 'disposition' | 'cause'> }) => {
  useLanguage();
  if (call.label?.quote) return <>{spoken(call.label.quote)}</>;
  const cause = call.disposition === 'failed' && call.cause ? word('cause', call.cause) : DASH;
  return <span className="bb-muted">{call.label?.rule || cause}</span>;
};

export { word };
