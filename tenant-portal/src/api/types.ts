/// The words of the API that pages use.
export type Role = 'admin' | 'operator' | 'scripter' | 'agent' | 'viewer';
export type Named = { id: string; name: string };
export type LabelRef = { key: string; name: string };
export type LabelWhy = LabelRef & { rule: string; quote?: string | null };

export type User = { id: string; email: string; name: string; role: Role; enabled: boolean; last_login_at?: string | null; created_at: string };
export type Session = { user: Pick<User, 'id' | 'email' | 'name' | 'role'>; tenant: Named; permissions: string[]; csrf_token?: string };

export type Group = { id: string; name: string; remark: string; contacts: number; created_at: string };
export type CallStatus = 'never' | 'waiting' | 'in_call' | 'answered' | 'not_connected' | 'invalid' | 'blocked';
export type Contact = {
  id: string;
  name: string;
  number: string;
  number_type: string;
  province?: string | null;
  city?: string | null;
  carrier?: string | null;
  zone?: string | null;
  remark: string;
  fields: Record<string, string>;
  groups: Named[];
  call_status: CallStatus;
  label?: LabelRef | null;
  last_call_at?: string | null;
  archived: boolean;
  dead: boolean;
  blacklisted: boolean;
  created_at: string;
};
export type LabelChange = { label: LabelRef; at: string; call_id: string };
export type FollowUp = {
  id: string;
  result: string;
  note: string;
  status: 'following' | 'won' | 'dropped';
  next_at?: string | null;
  by?: Named | null;
  created_at: string;
};
export type ContactCard = Contact & {
  calls?: Call[];
  labels?: LabelChange[];
  follow_ups?: FollowUp[];
  campaigns?: (Named & { state: CampaignState })[];
};

export type ImportRows = { total: number; accepted: number; duplicate: number; invalid: number; blocked: number };
export type ImportState = 'queued' | 'running' | 'done' | 'failed';
export type Import = {
  id: string;
  state: ImportState;
  group?: Named | null;
  file_name: string;
  own: boolean;
  rows: ImportRows;
  dead?: number;
  rows_estimate?: number;
  rows_per_s?: number | null;
  eta_s?: number | null;
  error?: { code: string; params: Record<string, string | number> } | null;
  created_at: string;
  finished_at?: string | null;
};
export type Cell = { value: string; verdict: 'ok' | 'warning' | 'error'; code?: string | null };
export type ImportPreview = {
  columns: { index: number; header: string; field?: string | null }[];
  rows: Cell[][];
  total_estimate?: number | null;
  encoding?: string | null;
  sheet?: string | null;
};
export type ImportRow = { row: number; cells?: string[]; name?: string; number?: string; verdict: string; code: string; reason?: string };
export type BlacklistEntry = { id: string; number: string; reason: string; source?: string; by?: Named | null; created_at: string };

export type Label = { id: string; key: string; name: string; color: string; hot: boolean; seeded?: boolean };
export type Voice = { key: string; name: string; language: string };
export type Finding = { code: string; params: Record<string, string | number>; path: string; severity?: 'error' | 'warning'; text?: string };
export type VersionRef = { version_id: string; number: number; at: string };
export type Script = {
  id: string;
  name: string;
  category: string;
  remark: string;
  draft: { flow?: Flow | null; revision: number; updated_at: string; changed: boolean };
  published?: VersionRef | null;
  archived: boolean;
};
export type ScriptVersion = { id: string; number: number; published_at: string; by?: Named | string | null; note?: string | null; flow?: Flow | null };
/** The script graph; its fields are in features/scripts/flow.ts. */
export type Flow = Record<string, unknown>;

export type TrunkState = 'up' | 'failing' | 'down' | 'unknown';
export type Trunk = {
  id: string;
  name: string;
  kind: 'sip' | 'rehearsal';
  address: string;
  username?: string | null;
  has_password: boolean;
  caller_ids: string[];
  max_calls: number;
  calls_per_second: number;
  state: TrunkState;
  calls: number;
  fault?: { reason: string; reported_by?: Named | string | null; at: string } | null;
};
export type Edge = {
  id: string;
  name: string;
  state: 'online' | 'offline' | 'draining' | 'pending';
  /** Calls of the own tenant; of all tenants for the one that runs this installation. */
  live: number;
  /** Only for the tenant that runs this installation. */
  free?: number | null;
  room: 'plenty' | 'little' | 'none';
  software?: string | null;
  last_seen_at?: string | null;
};

export type CampaignState = 'draft' | 'ready' | 'running' | 'paused' | 'stopped' | 'completed';
export type Window = { weekdays: number[]; from: string; to: string };
export type Retry = { attempts: number; interval_s: number };
export type Counters = {
  total: number;
  called: number;
  waiting: number;
  in_call: number;
  blocked: number;
  cancelled: number;
  unknown: number;
  connected: number;
  not_connected: number;
  attempts: number;
  labels: Record<string, number>;
};
export type Campaign = {
  id: string;
  name: string;
  remark: string;
  group_id?: string | null;
  script_id?: string | null;
  trunk_id?: string | null;
  windows: Window[];
  max_calls: number;
  retry: Retry;
  state: CampaignState;
  counters: Counters;
  version_id?: string | null;
  created_by?: Named | string | null;
  created_at?: string;
  updated_at: string;
  started_at?: string | null;
  group?: Named;
  script?: Named;
  trunk?: Named;
};
export type CampaignCheck = {
  dialable: number;
  blocked: Record<string, number>;
  missing_variables: Record<string, number>;
  script_published: boolean;
  trunk_state: TrunkState;
  edge_online: boolean;
  opens_at?: string | null;
  findings: Omit<Finding, 'path'>[];
};
export type CampaignContact = {
  contact: { id: string; name: string; number: string };
  state: string;
  gate?: string | null;
  attempts: number;
  next_at?: string | null;
  disposition?: string | null;
  label?: LabelRef | null;
};
export type LiveState = 'dialing' | 'ringing' | 'in_call' | 'ended';
export type LiveCall = {
  call_id: string;
  contact_id: string;
  contact_name: string;
  number: string;
  state: LiveState;
  since: string;
  last_turn?: Turn | null;
};
export type CampaignLogEntry = { at: string; event: string; user?: Named | string | null; params?: Record<string, string | number> };

export type Waterfall = { endpoint_ms: number; asr_ms: number; dialogue_ms: number; tts_ms: number };
export type Turn = {
  who: 'bot' | 'customer';
  text: string;
  start_ms: number;
  end_ms: number;
  response_ms?: number | null;
  waterfall?: Waterfall | null;
  intent?: string | null;
  node?: string | null;
  interrupted?: boolean;
};
export type Call = {
  /** A simulated customer spoke. */
  rehearsal?: boolean;
  id: string;
  campaign?: Named | null;
  contact?: Named | null;
  number: string;
  trunk?: Named | string | null;
  disposition: string;
  cause?: string | null;
  side?: string | null;
  sip_code?: number | null;
  label?: LabelWhy | null;
  dialed_at?: string | null;
  ringing_at?: string | null;
  answered_at?: string | null;
  ended_at?: string | null;
  ring_ms?: number | null;
  talk_ms?: number | null;
  recording?: { state: 'pending' | 'ready' | 'lost' | 'none' } | null;
};
export type CallDetail = Call & {
  turns: Turn[];
  script?: { id: string; name: string; version: number } | null;
  response_ms?: { p50: number | null; p95: number | null; max: number | null } | null;
  gates?: { gate: string; verdict: string; detail?: string | null }[];
  slots?: Record<string, string>;
};
export type Peaks = { customer: number[]; bot: number[]; duration_ms: number };

export type PresenceState = 'online' | 'busy' | 'rest' | 'offline';
export type Presence = { user: Named; state: PresenceState; since?: string | null; last_seen_at?: string | null };
export type LeadStatus = 'waiting' | 'offered' | 'accepted' | 'following' | 'won' | 'dropped';
export type Lead = {
  /** A simulated customer spoke. */
  rehearsal?: boolean;
  id: string;
  contact: { id: string; name: string; number: string; remark?: string; fields?: Record<string, string>; province?: string | null; city?: string | null };
  call_id: string;
  campaign?: Named | null;
  label: LabelWhy;
  status: LeadStatus;
  owner?: Named | null;
  offered_until?: string | null;
  next_at?: string | null;
  created_at: string;
};

export type ReportLine = {
  /** A simulated customer spoke. */
  rehearsal?: boolean;
  campaign?: Named | null;
  contacts: number;
  attempts: number;
  called?: number;
  connected: number;
  connect_rate?: number | null;
  labels: (LabelRef & { count: number; share?: number | null })[];
  leads: number;
  won: number;
  conversion_rate?: number | null;
  talk_ms_avg?: number | null;
};
export type Report = { items: ReportLine[]; total: ReportLine; omitted: number };

export type AuditEntry = {
  id: string;
  at: string;
  kind: 'operation' | 'login' | 'access';
  user?: Named | null;
  role?: Role | null;
  action: string;
  object_type?: string | null;
  object_id?: string | null;
  before?: unknown;
  after?: unknown;
  address?: string | null;
  request_id?: string | null;
  result: string;
};
export type Alert = {
  id: string;
  code: string;
  level: 'info' | 'warning' | 'urgent';
  params: Record<string, string | number>;
  campaign_id?: string | null;
  trunk_id?: string | null;
  raised_at: string;
  acknowledged_at?: string | null;
  closed_at?: string | null;
};
export type System = {
  version: string;
  started_at: string;
  parts: { key: string; state: string; detail?: string | null }[];
  edges?: unknown;
  jobs: { waiting: number; failed: number };
  models: ({ key?: string; name?: string; state?: string; detail?: string | null } | string)[];
  disk: { free_bytes: number; total_bytes?: number };
};
