import { expect, it } from 'vitest';
import { giveBack, takePlace, type Place } from './places';

const ALL = ['a', 'b', 'c', 'd'];
const orders = (of: string[]): string[][] => (of.length === 0 ? [[]] : of.flatMap((one) => orders(of.filter((o) => o !== one)).map((rest) => [one, ...rest])));

it('puts everything back as it stood, whatever was taken out and put back first', () => {
  for (const out of orders(ALL))
    for (const back of orders(ALL)) {
      const list = [...ALL];
      const places: Place[] = [];
      const taken = new Map(out.map((item) => {
        const at = list.indexOf(item);
        list.splice(at, 1);
        return [item, takePlace(places, at)];
      }));
      for (const item of back) {
        const place = taken.get(item);
        if (place) list.splice(giveBack(places, place), 0, item);
      }
      expect(list).toEqual(ALL);
      expect(places).toEqual([]);
    }
});
