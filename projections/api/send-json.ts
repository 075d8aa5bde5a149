import type { FastifyReply } from 'fastify';

/** Answers with JSON that another thread has written. */
export const sendJson = (reply: FastifyReply, json: Uint8Array): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(json);
