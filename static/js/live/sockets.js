/* A WebSocket that reconnects by itself. The server only announces what changed; after each reconnect everything is
   fetched again, because announcements in between are lost. */

const FIRST = 500;
const LONGEST = 30000;
const PING = 25000;
const PATIENCE = 8000;
// Why the server closed it (tickets/sockets/closing.py): the session ended; the role no longer allows it.
const LOGGED_OUT = 4401;
const NOT_YOURS = 4403;

/** Milliseconds until the next try. Random, so that not all browsers reach a restarted server at the same moment. */
export function delay(attempt, random = Math.random) {
  return Math.round((0.3 + 0.7 * random()) * Math.min(LONGEST, FIRST * 2 ** attempt));
}

export class Connection {
  /** `event(object)` for each event; `state("ready" | "not-live" | "offline")`; `opened(again)` after each connect. */
  constructor(path, { event, state = () => {}, opened = () => {} }) {
    this.path = path;
    this.handlers = { event, state, opened };
    this.attempt = 0;
    this.ready = false;
    this.everReady = false;
    this.closed = false;
    this.wake = () => document.hidden || this.reconnectNow();
    this.network = () => this.showState();
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
    // Otherwise a half-open connection would look alive for minutes.
    this.watch = setTimeout(() => socket.close(), PATIENCE);
    socket.onmessage = (message) => this.receive(JSON.parse(message.data));
    socket.onclose = (event) => socket === this.socket && this.lost(event.code);
  }

  receive(event) {
    clearTimeout(this.watch);
    if (event.type === "hello") {
      this.ready = true;
      this.attempt = 0;
      this.pinger = setInterval(() => this.ping(), PING);
      this.ping(); // marks the member as online
      this.showState();
      this.handlers.opened(this.everReady);
      this.everReady = true;
    } else if (event.type !== "pong") {
      this.handlers.event(event);
    }
  }

  /** Dropped without a connection: callers send their state again after a reconnect. */
  send(what) {
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
      // Reloading the page leads to the login page, or to the page that says what the role may open.
      this.close();
      location.reload();
      return;
    }
    this.showState();
    this.timer = setTimeout(() => this.connect(), delay(this.attempt++));
  }

  /** "offline": the browser has no network. "not-live": requests work, but changes are not announced. */
  showState() {
    this.handlers.state(navigator.onLine ? (this.ready ? "ready" : "not-live") : "offline");
  }

  /** The tab is visible again or the network is back: try at once. */
  reconnectNow() {
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
