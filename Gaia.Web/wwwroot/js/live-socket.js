// A WebSocket that comes back: it asks in short intervals whether the other side is still there, and when it is not, tries again after a
// while that grows and is never quite the same, so that not all pages come at once.
const pingEvery = 5000;
const pongWithin = 4000;
const openWithin = 10_000;
const firstDelay = 500;
const maxDelay = 15_000;
const sessionOver = 4401;

/**
 * @param opened is told whether it was open before
 * @param told gets what the server says
 * @param closed is called when it is lost, before each attempt to get it back
 */
export const connect = (path, { opened, told, closed }) => {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let socket;
  let timer;
  let patience;
  let attempts = 0;
  let wasOpen = false;
  let isOver = false;

  const forget = () => {
    clearTimeout(timer);
    clearTimeout(patience);
    const old = socket;
    socket = undefined;
    if (!old) return;
    old.onopen = old.onmessage = old.onclose = null;
    old.close();
  };

  const lose = (code) => {
    forget();
    isOver ||= code === sessionOver;
    closed(isOver);
    if (isOver) return;
    const delay = Math.min(maxDelay, firstDelay * 2 ** attempts++);
    timer = setTimeout(open, delay * (0.5 + Math.random() / 2));
  };

  const ping = () => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.send('{"type":"ping"}');
    patience = setTimeout(lose, pongWithin);
  };

  const open = () => {
    forget();
    socket = new WebSocket(url);
    patience = setTimeout(lose, openWithin);
    socket.onopen = () => {
      clearTimeout(patience);
      attempts = 0;
      timer = setTimeout(ping, pingEvery);
      opened(wasOpen);
      wasOpen = true;
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "pong") {
        clearTimeout(patience);
        timer = setTimeout(ping, pingEvery);
      } else told(message);
    };
    socket.onclose = ({ code }) => lose(code);
  };

  open();
  return {
    /** Tries at once, where it is waiting. */
    retry: () => {
      if (!socket && !isOver) open();
    },
    lose: () => {
      if (socket) lose();
    },
    close: () => {
      isOver = true;
      forget();
    },
  };
};
