// An OpenID Connect provider for the tests, on loopback: prints its issuer, and lets in whoever says who they are.
// Usage: node sign-in-provider.mjs CLIENT_ID CLIENT_SECRET REDIRECT_URI
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [clientId, clientSecret, redirectUri] = process.argv.slice(2);
const times = new Map();
let answer;
const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    cookies: { keys: ["for tests only"] },
    // Whoever says to be "x:Ann:Bob" is called Ann when they sign in first, and Bob from then on.
    findAccount: (_context, id) => ({
      accountId: id,
      claims: (use) => {
        if (use === "id_token") times.set(id, (times.get(id) ?? 0) + 1);
        const names = id.split(":").slice(1);
        return { sub: id, preferred_username: names[Math.min(times.get(id), names.length) - 1] };
      },
    }),
    pkce: { required: () => true },
  });
  answer = provider.callback();
  console.log(issuer);
});
