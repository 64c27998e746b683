import { describe, expect, it } from 'vitest';
import { applied, boardOf } from './live';

const state = (call: string, to: string, at = 't0') => ({
  type: 'call.state',
  data: { campaign_id: 'c', call_id: call, contact_id: 'p', contact_name: '王芳', number: '138****1234', state: to, at },
});

describe('the board of live calls', () => {
  it('gains a call when it is dialled and loses it when it ends', () => {
    const dialled = applied(new Map(), 'c', [state('1', 'dialing')]);
    expect([...dialled.keys()]).toEqual(['1']);
    expect(applied(dialled, 'c', [state('1', 'ended')]).size).toBe(0);
  });
  it('ignores the calls of other campaigns', () => expect(applied(new Map(), 'other', [state('1', 'dialing')]).size).toBe(0));
  it('shows what is being heard until the turn is final', () => {
    let board = applied(new Map(), 'c', [state('1', 'in_call')]);
    board = applied(board, 'c', [{ type: 'call.hearing', data: { campaign_id: 'c', call_id: '1', text: '可以' } }]);
    expect(board.get('1')?.hearing).toBe('可以');
    const turn = { who: 'customer', text: '可以的', start_ms: 0, end_ms: 9 };
    board = applied(board, 'c', [{ type: 'call.turn', data: { campaign_id: 'c', call_id: '1', turn } }]);
    expect(board.get('1')).toMatchObject({ hearing: undefined, last_turn: turn });
  });
  it('keeps the time a state began', () => {
    const board = applied(new Map(), 'c', [state('1', 'in_call', 't1'), state('1', 'in_call', 't2')]);
    expect(board.get('1')?.since).toBe('t1');
  });
  it('starts without calls that have ended', () => {
    const call = { call_id: '1', contact_id: 'p', contact_name: '', number: '', state: 'ended' as const, since: '' };
    expect(boardOf([call]).size).toBe(0);
  });
});
