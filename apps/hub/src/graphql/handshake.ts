// Sockets of subscriptions: how many, how big their messages, and how long they may stay silent before they say who they are.
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';

const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_SOCKETS = 2_000;
const INIT_DEADLINE_MS = 10_000;
/** Close codes of the protocol graphql-transport-ws, and "try again later" of RFC 6455. */
const INIT_TIMEOUT = 4408;
const TRY_AGAIN_LATER = 1013;

const deadlines = new WeakMap<WebSocket, NodeJS.Timeout>();

/** Registers the websocket server before Mercurius would with limits of its own. */
export async function registerWebsockets(server: FastifyInstance): Promise<void> {
  await server.register(websocket, { options: { maxPayload: MAX_MESSAGE_BYTES } });
  server.websocketServer.on('connection', (socket: WebSocket) => {
    if (server.websocketServer.clients.size > MAX_SOCKETS) {
      socket.close(TRY_AGAIN_LATER, 'Too many subscriptions');
      return;
    }
    const deadline = setTimeout(
      () => socket.close(INIT_TIMEOUT, 'Connection initialisation timeout'),
      INIT_DEADLINE_MS,
    );
    deadlines.set(socket, deadline);
    socket.once('close', () => clearTimeout(deadline));
  });
}

/** The socket has begun to say who it is: from here on it is accepted or closed. */
export function beginHandshake(socket: WebSocket): void {
  clearTimeout(deadlines.get(socket));
}
