/// The bell-bird: a bird whose body is a bell.
export function Mark({ size = 28, plain = false }: { size?: number; plain?: boolean }) {
  const body = plain ? 'currentColor' : '#fff';
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      {!plain && <rect width="32" height="32" rx="7" fill="#0958d9" />}
      <g fill={body}>
        <path d="M7.2 22.6c1.9-1.6 2.6-3.6 2.6-7.1 0-4.7 3.2-8.3 7.4-8.3 2.7 0 4.9 1.5 6 3.7l4.3 1.7c.5.2.5.9 0 1.1l-3.8 1.3c0 3.4.8 5.9 2.5 7.6.5.5.1 1.3-.6 1.3H7.9c-.8 0-1.2-.9-.7-1.3z" />
        <path d="M13.9 25.3h5.4a2.7 2.7 0 0 1-5.4 0z" />
      </g>
      <circle cx="19.3" cy="11.6" r="1.35" fill={plain ? 'var(--bb-surface)' : '#0958d9'} />
    </svg>
  );
}
