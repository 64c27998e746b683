import { describe, expect, it } from 'vitest';
import { isNamed } from './find';

const lead = { contact: { id: 'con_1', name: '刘洋', number: '199****1112' } };

describe('a lead is found by', () => {
  it.each(['刘', '刘洋', '1112', '112', '199', '19900001112', '199 0000 1112', '+86 199-0000-1112'])('%s', (text) => expect(isNamed(lead, text)).toBe(true));
});

describe('a lead is not found by', () => {
  it.each(['李', '1113', '12', '13900001112', '19900001113', '9900001112'])('%s', (text) => expect(isNamed(lead, text)).toBe(false));
});
