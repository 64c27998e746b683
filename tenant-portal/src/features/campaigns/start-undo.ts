/// The way back that stands for a moment after a start: gone once the first call was dialled, wherever the campaign is shown.
export const UNDO_S = 30;

const standing = new Map<string, () => void>();

export const keepStartUndo = (campaign: string, close: () => void): void => void standing.set(campaign, close);

export function closeStartUndo(campaign: string): void {
  standing.get(campaign)?.();
  standing.delete(campaign);
}
