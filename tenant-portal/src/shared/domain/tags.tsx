/// The states of contacts, calls, campaigns, trunks and leads, each as one tag.
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import type { CallStatus, CampaignState, LabelRef, LeadStatus, LiveState, TrunkState } from '@/api/types';
import { DASH } from '@/shared/format/format';
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

/** The word for a key of a family, or the key itself where the portal does not know it. */
const word = (family: string, key: string): string => (i18next.exists(`${family}.${key}`) ? i18next.t(`${family}.${key}`) : key);

export const CallStatusTag = ({ status }: { status: CallStatus }) => {
  useTranslation();
  return <StatusTag tone={CALL_STATUS[status] ?? 'neutral'}>{word('callStatus', status)}</StatusTag>;
};

export const CampaignTag = ({ state }: { state: CampaignState }) => {
  useTranslation();
  return (
    <StatusTag tone={CAMPAIGN[state] ?? 'neutral'} dot={state === 'running'}>
      {word('campaignState', state)}
    </StatusTag>
  );
};

export const TrunkTag = ({ state }: { state: TrunkState }) => {
  useTranslation();
  return (
    <StatusTag tone={TRUNK[state] ?? 'neutral'} dot>
      {word('trunkState', state)}
    </StatusTag>
  );
};

export const LeadTag = ({ status }: { status: LeadStatus }) => {
  useTranslation();
  return <StatusTag tone={LEAD[status] ?? 'neutral'}>{word('leadStatus', status)}</StatusTag>;
};

export const LiveTag = ({ state }: { state: LiveState }) => {
  useTranslation();
  return (
    <StatusTag tone={LIVE[state] ?? 'neutral'} dot={state === 'in_call'}>
      {word('liveState', state)}
    </StatusTag>
  );
};

export const DispositionTag = ({ value }: { value: string | null | undefined }) => {
  useTranslation();
  if (!value) return <>{DASH}</>;
  const tone: Tone = value === 'answered' ? 'success' : value === 'failed' || value === 'invalid' ? 'danger' : 'neutral';
  return <StatusTag tone={tone}>{word('disposition', value)}</StatusTag>;
};

export const LabelTag = ({ label }: { label: LabelRef | null | undefined }) =>
  label ? <StatusTag tone={LABEL[label.key] ?? 'neutral'}>{label.name}</StatusTag> : <>{DASH}</>;

export { word };
