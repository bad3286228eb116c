// A JsSIP phone that a test can tell what to do; each function ends when JsSIP has told how it went.
import JsSIP from 'jssip';

let ua;
let incoming = [];
let waiting = [];

function instance() {
  const known = localStorage.getItem('instance') ?? crypto.randomUUID();
  localStorage.setItem('instance', known);
  return known;
}

function next(emitter, events) {
  return new Promise((resolve) => {
    for (const [event, read] of Object.entries(events)) {
      emitter.once(event, (data) => resolve({ event, ...read(data) }));
    }
  });
}

const ofResponse = (data) => ({ status: data.response?.status_code ?? null, cause: data.cause });
const ofSession = (data) => ({ status: data.message?.status_code ?? null, cause: data.cause ?? null, by: data.originator });

function takeIncoming({ originator, session }) {
  if (originator !== 'remote') return;
  const taker = waiting.shift();
  if (taker) taker(session);
  else incoming.push(session);
}

function nextIncoming() {
  const session = incoming.shift();
  return session ? Promise.resolve(session) : new Promise((resolve) => waiting.push(resolve));
}

window.phone = {
  // Connects and registers.
  async register({ url, uri, password, expires }) {
    ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(url)],
      uri,
      password,
      instance_id: instance(),
      register_expires: expires,
      connection_recovery_max_interval: 2,
    });
    ua.on('newRTCSession', takeIncoming);
    const told = next(ua, {
      registered: ({ response }) => ({ status: response.status_code, contact: response.getHeader('contact') }),
      registrationFailed: ofResponse,
      disconnected: ({ code }) => ({ code: code ?? null }),
    });
    ua.start();
    return told;
  },
  // Registers once more after `unregister`.
  async registerAgain() {
    const told = next(ua, {
      registered: ({ response }) => ({ status: response.status_code, contact: response.getHeader('contact') }),
      registrationFailed: ofResponse,
    });
    ua.register();
    return told;
  },
  async unregister() {
    const told = next(ua, { unregistered: ofResponse });
    ua.unregister();
    return told;
  },
  // Calls, and tells how that went: answered or not.
  async call(target) {
    const session = ua.call(target, { mediaConstraints: { audio: true, video: false } });
    return next(session, { confirmed: ofSession, failed: ofSession });
  },
  // Waits for a call and refuses it.
  async refuseNext(status) {
    const session = await nextIncoming();
    const caller = session.remote_identity;
    session.terminate({ status_code: status });
    return { user: caller.uri.user, name: caller.display_name };
  },
  // Waits for a call that the caller gives up.
  async missNext() {
    const session = await nextIncoming();
    return next(session, { failed: ofSession, confirmed: ofSession });
  },
};
