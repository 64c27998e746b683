/// Notices of the system, for a person who is looking at another window.

/** Asks once; call from a click. */
export function allowNotifications(): void {
  if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission();
}

/** Says it outside of the browser while nobody looks at this tab; the answer takes it back. */
export function notify(title: string, body: string, onClick: () => void): () => void {
  if (!('Notification' in window) || Notification.permission !== 'granted' || document.hasFocus()) return () => undefined;
  // One per text, however many tabs say it.
  const said = new Notification(title, { body, tag: `${title} ${body}`, icon: '/bellbird.svg' });
  said.onclick = () => {
    window.focus();
    said.close();
    onClick();
  };
  return () => said.close();
}
