/** The requests for administrators. The token is in this object, in memory, and nowhere else. */

/** What the server, or the network, has answered instead of what was asked for. */
export class APIError extends Error {
  /** @param {number} status 0: nobody answered @param {string} message in words */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class API {
  #token;

  /** @param {string} token empty: the server may let its own machine in without one */
  constructor(token) { this.#token = token; }

  get(path) { return this.#request('GET', path); }
  post(path, body) { return this.#request('POST', path, JSON.stringify(body)); }

  async #request(method, path, body) {
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    let response;
    try {
      response = await fetch(path, { method, headers, body, cache: 'no-store', signal: AbortSignal.timeout(10000) });
    } catch (error) {
      if (error instanceof TypeError && /header/i.test(error.message)) throw new APIError(401, 'This cannot be a token.');
      throw new APIError(0, 'The server does not answer.');
    }
    const text = await response.text();
    let answer;
    try { answer = JSON.parse(text); } catch { answer = null; }
    if (!response.ok) throw new APIError(response.status, answer?.error?.message ?? (text.slice(0, 200).trim() || `status ${response.status}`));
    return answer ?? {};
  }
}
