/// Holds the words of types.ts to the API's own description: what the server sends must fit what the pages read.
/// Only types: nothing here reaches a browser. `schema.d.ts` is generated from openapi.json by `npm run generate`.
import type { components } from './schema';
import type * as Portal from './types';

type Schemas = components['schemas'];
/** What the description calls `K`; anything while it does not describe that yet. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Sent<K extends string, Left extends string = never> = K extends keyof Schemas ? Omit<Schemas[K], Left> : any;
/** Closed sets of words are open ones in the description; params are anything. */
type Loose<T> = T extends string ? string : T extends (infer U)[] ? Loose<U>[] : T extends object ? { [K in keyof T]: K extends 'params' ? unknown : Loose<T[K]> } : T;
type Fits<Mine, Theirs extends Loose<Mine>> = Theirs;

export type Contract = [
  Fits<Portal.Session, Sent<'Me'>>,
  Fits<Portal.User, Sent<'UserView'>>,
  Fits<Portal.AuditEntry['result'], Sent<'AuditEntry'>['result']>,
  Fits<Portal.Contact, Sent<'Contact'>>,
  Fits<Portal.Group, Sent<'Group'>>,
  Fits<Portal.Import, Sent<'ImportView'>>,
  Fits<Portal.ImportPreview, Sent<'ImportPreview'>>,
  Fits<Portal.ImportRow, Sent<'RowView'>>,
  Fits<Portal.BlacklistEntry, Sent<'BlacklistEntry'>>,
  Fits<Portal.Label, Sent<'LabelView'>>,
  Fits<Portal.Script, Sent<'ScriptView'>>,
  Fits<Portal.ScriptVersion, Sent<'VersionView'>>,
  Fits<Portal.Voice, Sent<'VoiceView'>>,
  Fits<Portal.Lead, Sent<'LeadView'>>,
  Fits<Portal.Presence, Sent<'PresenceView'>>,
  Fits<Portal.FollowUp, Sent<'FollowUpView'>>,
  Fits<Portal.Alert, Sent<'AlertView'>>,
  Fits<Portal.System, Sent<'SystemView'>>,
  Fits<Portal.Trunk, Sent<'TrunkView'>>,
  Fits<Portal.Edge, Sent<'EdgeView'>>,
  Fits<Portal.Campaign, Sent<'CampaignView'>>,
  Fits<Portal.CampaignCheck, Sent<'CheckView'>>,
  Fits<Portal.CampaignContact, Sent<'CampaignContactView'>>,
  Fits<Omit<Portal.LiveCall, 'last_turn'>, Sent<'LiveCallView', 'last_turn'>>,
  Fits<Portal.CampaignLogEntry, Sent<'LogView'>>,
  Fits<Portal.Call, Sent<'CallView'>>,
  Fits<Omit<Portal.CallDetail, 'turns' | 'gates' | 'slots'>, Sent<'CallDetail', 'turns' | 'gates' | 'slots'>>,
  Fits<Portal.Peaks, Sent<'PeaksView'>>,
  Fits<Portal.Report, Sent<'CampaignReport'>>,
];
