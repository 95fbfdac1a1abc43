/* A line to the desk that comes back by itself. The server only says what changed; after every
   break `resumed` refetches, because whatever was said in between is lost. */

const FIRST = 500;
const LONGEST = 30000;
const PING = 25000;
const PATIENCE = 8000;
// The server's last word (tickets/sockets/closing.py): the session ended; the role no longer allows it.
const LOGGED_OUT = 4401;
const NOT_YOURS = 4403;

/** Full jitter: a restarted server must not be met by all browsers at the same moment. */
export function delay(attempt, random = Math.random) {
  return Math.round((0.3 + 0.7 * random()) * Math.min(LONGEST, FIRST * 2 ** attempt));
}

export class Line {
  constructor(path, { event, state = () => {}, opened = () => {} }) {
    this.path = path;
    this.handlers = { event, state, opened };
    this.attempt = 0;
    this.ready = false;
    this.everReady = false;
    this.closed = false;
    this.wake = () => document.hidden || this.now();
    this.network = () => this.tell();
    window.addEventListener("online", this.network);
    window.addEventListener("offline", this.network);
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}`);
    this.socket = socket;
    // Without this a half-open connection would look alive for minutes.
    this.watch = setTimeout(() => socket.close(), PATIENCE);
    socket.onmessage = (message) => this.heard(JSON.parse(message.data));
    socket.onclose = (event) => socket === this.socket && this.lost(event.code);
  }

  heard(event) {
    clearTimeout(this.watch);
    if (event.type === "hello") {
      this.ready = true;
      this.attempt = 0;
      this.pinger = setInterval(() => this.ping(), PING);
      this.ping(); // says that somebody is here
      this.tell();
      this.handlers.opened(this.everReady);
      this.everReady = true;
    } else if (event.type !== "pong") {
      this.handlers.event(event);
    }
  }

  /** Not kept for later: what is said while the line is down is said again by whoever says it. */
  say(what) {
    if (this.ready && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(what));
  }

  ping() {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send('{"ping":1}');
    clearTimeout(this.watch);
    const socket = this.socket;
    this.watch = setTimeout(() => {
      socket.close();
      if (socket === this.socket) this.lost();
    }, PATIENCE);
  }

  lost(code = 0) {
    clearInterval(this.pinger);
    clearTimeout(this.watch);
    clearTimeout(this.timer);
    this.socket.onclose = null;
    this.ready = false;
    if (this.closed) return;
    if (code === LOGGED_OUT || code === NOT_YOURS) {
      // Asked for again as a page, which leads to the login or says what the role may open.
      this.close();
      location.reload();
      return;
    }
    this.tell();
    this.timer = setTimeout(() => this.connect(), delay(this.attempt++));
  }

  /** Two things that differ: the browser has no network, or the desk does not tell what changes. */
  tell() {
    this.handlers.state(navigator.onLine ? (this.ready ? "ready" : "not-live") : "offline");
  }

  /** Somebody came back to the page, or the network did: try at once. */
  now() {
    if (!this.closed && !this.ready && this.socket.readyState === WebSocket.CLOSED) {
      this.attempt = 0;
      this.connect();
    }
  }

  close() {
    this.closed = true;
    clearInterval(this.pinger);
    clearTimeout(this.watch);
    clearTimeout(this.timer);
    window.removeEventListener("online", this.network);
    window.removeEventListener("offline", this.network);
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.socket.onclose = null;
    this.socket.close();
  }
}
