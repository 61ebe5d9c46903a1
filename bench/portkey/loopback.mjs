// The gateway has no setting for the address it listens on and takes all of them; a benchmark listens on loopback only.
import { Server } from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, typeof port === 'number' ? '127.0.0.1' : host, ...rest);
};
