/// Where what was taken out of one list belongs, so that all stand as before in whatever order they are put back.
export type Place = { at: number };

/** Notes that the item at `at` is taken out. `places` stand in the order of their items. */
export function takePlace(places: Place[], at: number): Place {
  const place = { at };
  const later = places.filter((p) => p.at > at);
  later.forEach((p) => (p.at -= 1));
  places.splice(places.length - later.length, 0, place);
  return place;
}

/** Where that item is put back now. */
export function giveBack(places: Place[], place: Place): number {
  const index = places.indexOf(place);
  places.splice(index, 1);
  places.slice(index).forEach((p) => (p.at += 1));
  return place.at;
}
