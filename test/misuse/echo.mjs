// A service of a third party: it gives back what it is asked with, at once, in the total order, or behind a barrier.

import { OK, success } from '../../dist/executive/index.js';

export const ECHO = 200;
export const AT_ONCE = 1;
export const ORDERED = 2;
export const BARRIER = 3;
export const TELL = 4;

export class Echo {
  id = 'echo';
  number = ECHO;
  library = {
    [AT_ONCE]: this.#handler('local', (request) => request.answer(success(Buffer.from(request.body.rest())))),
    [ORDERED]: this.#handler('ordered', (request) => request.order(ORDERED, request.body.rest())),
    [BARRIER]: this.#handler('ordered', (request) => {
      const bytes = Buffer.from(request.body.rest());
      request.afterBarrier(() => success(bytes));
    }),
    [TELL]: this.#handler('local', (request) => {
      request.connection.event(request.body.u32(), TELL, request.body.rest());
      request.answer(OK);
    }),
  };
  executive = {
    [ORDERED]: (/** @type {{ body: { rest(): Buffer } }} */ { body }) => success(Buffer.from(body.rest())),
  };

  start() {}

  /**
   * @param {'local' | 'ordered'} flowControl
   * @param {(request: import('../../dist/executive/index.js').LibraryRequest) => void} handle
   */
  #handler(flowControl, handle) {
    return { flowControl, handle };
  }
}
