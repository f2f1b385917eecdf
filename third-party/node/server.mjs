// An A2A agent on the official JavaScript SDK (@a2a-js/sdk, protocol 1.0 and, by its compatibility layer, 0.3): its card,
// and the SDK's request handler behind express.
//
// In the mode `good` it keeps all that profile.toml promises: a session per contextId, turns of one context in order, files
// in the history, a failed task when the model fails, a cancel that stops the model, and a message that comes twice
// executed once. Every other MODE breaks that in one known way, or is unusual and correct. The modules: agent.mjs a turn,
// sessions.mjs the store, prompt.mjs what the model is shown, model.mjs the model, reply.mjs the answer, modes.mjs the
// names of the modes.
import express from 'express';
import { DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { UserBuilder, agentCardHandler, jsonRpcHandler } from '@a2a-js/sdk/server/express';
import { Agent } from './agent.mjs';

const PORT = Number(process.env.PORT ?? 8000);
const url = `http://127.0.0.1:${PORT}/a2a`;
const card = {
  name: 'Stranger', description: 'An agent on the JavaScript SDK', version: '1.0.0', provider: undefined,
  supportedInterfaces: ['1.0', '0.3'].map((protocolVersion) => (
    { url, protocolBinding: 'JSONRPC', tenant: '', protocolVersion })),
  capabilities: { streaming: true, pushNotifications: false, extensions: [] },
  securitySchemes: {}, securityRequirements: [], signatures: [],
  defaultInputModes: ['text/plain', 'image/png', 'application/pdf'], defaultOutputModes: ['text/plain'],
  skills: [{
    id: 'talk', name: 'Talk', description: 'Talks, and reads files', tags: ['talk'], examples: [], inputModes: [],
    outputModes: [], securityRequirements: [],
  }],
};

/** A message that came before, as after a lost answer, gets the answer that it got then. */
class OncePerMessage extends DefaultRequestHandler {
  #seen = new Map();

  sendMessage(params, context) {
    const id = params.message?.messageId;
    if (!id) return super.sendMessage(params, context);
    if (!this.#seen.has(id)) {
      const answer = super.sendMessage(params, context);
      this.#seen.set(id, answer);
      answer.catch(() => this.#seen.delete(id));
    }
    return this.#seen.get(id).then((answer) => structuredClone(answer));
  }
}

const requestHandler = new OncePerMessage(card, new InMemoryTaskStore(), new Agent());
const legacyCompat = { enabled: true };
const app = express();
app.use(express.json({ limit: '64mb' }));                    // the SDK's own limit is 100 kB
app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: requestHandler, legacyCompat }));
app.use('/a2a', jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication, legacyCompat }));
app.listen(PORT);
process.on('SIGTERM', () => process.exit(0));
