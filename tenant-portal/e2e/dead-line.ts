/// A SIP peer that takes no call: it answers every INVITE 503.
import { createSocket } from 'node:dgram';

export async function deadLine(): Promise<{ address: string; close: () => void }> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const lines = bytes.toString().split('\r\n');
    if (!lines[0]?.startsWith('INVITE')) return;
    const kept = lines.filter((line) => /^(via|from|call-id|cseq):/i.test(line));
    const to = lines.find((line) => /^to:/i.test(line)) ?? 'To: <sip:nobody@127.0.0.1>';
    const answer = ['SIP/2.0 503 Service Unavailable', ...kept, `${to};tag=dead`, 'Content-Length: 0', '', ''];
    socket.send(answer.join('\r\n'), from.port, from.address);
  });
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  return { address: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() };
}
