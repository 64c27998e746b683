/// The place at the foot of the open queue where offers stand; none on the other pages.
import { create } from 'zustand';

export const useQueuePlace = create<{ place: HTMLElement | null }>(() => ({ place: null }));

/** For a `ref`: an element is the place for as long as it is on the page. */
export const standHere = (place: HTMLElement | null): void => useQueuePlace.setState({ place });
