/// Things of the demo house to look at: one of each kind that has a page of its own.
import { expect, type House } from './house';

type Page<T> = { items: T[] };
type Named = { id: string; name: string };
export type Call = { id: string; contact: Named; disposition: string | null; label: { key: string } | null; recording: { state: string } };

/** An answered call with label and recording; the demo's first is there within two minutes. */
export async function answeredCall(house: House): Promise<Call> {
  const operator = await house.api('operator');
  let found: Call | undefined;
  await expect
    .poll(
      async () => {
        const { items } = await operator.get<Page<Call>>('/v1/calls?limit=100');
        found = items.find((call) => call.disposition === 'answered' && call.label && call.label.key !== 'callback' && call.recording.state === 'ready');
        return Boolean(found);
      },
      { timeout: 120_000, intervals: [1_000] },
    )
    .toBe(true);
  return found as Call;
}

/** The demo's list, script, line and campaign. */
export async function demo(house: House) {
  const operator = await house.api('operator');
  const first = async (path: string, name: string): Promise<Named> => {
    const named = (await operator.get<Page<Named>>(path)).items.find((one) => one.name === name);
    if (!named) throw new Error(`${path} has no ${name}`);
    return named;
  };
  return {
    group: await first('/v1/groups', '预演客户'),
    script: await first('/v1/scripts', '信用贷款邀约'),
    trunk: await first('/v1/trunks', '预演线路'),
    campaign: await first('/v1/campaigns', '信用贷款邀约（预演）'),
  };
}

/** A campaign that waits to be started: its page stands still. */
export async function waiting(house: House): Promise<Named> {
  const { group, script, trunk } = await demo(house);
  const operator = await house.api('operator');
  const draft = { name: '待启动', remark: '', group_id: group.id, script_id: script.id, trunk_id: trunk.id, windows: [], max_calls: 2, retry: { attempts: 1, interval_s: 60 } };
  return operator.post<Named>('/v1/campaigns', draft);
}

const added = new WeakMap<House, Promise<Named>>();

/** A contact whose remark and own fields name numbers in the ways people write them. */
export function talkative(house: House): Promise<Named> {
  const known = added.get(house) ?? add(house);
  added.set(house, known);
  return known;
}

async function add(house: House): Promise<Named> {
  const operator = await house.api('operator');
  const draft = {
    name: '钱女士',
    number: '13800001704',
    remark: '备用 +8613812345678，也可打13712345678。',
    group_ids: [],
    fields: { 紧急联系人: '孙先生13612345678' },
  };
  const { id } = await operator.post<Named>('/v1/contacts', draft);
  return { id, name: draft.name };
}
