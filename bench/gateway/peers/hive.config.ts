// What the measured Hive Gateway is told beyond its defaults: to pass the caller's authorization on to the subgraphs, as
// every other peer does.

interface FromClient {
  readonly request: { readonly headers: { get(name: string): string | null } };
}

/** Read by the hive-gateway command. */
export const gatewayConfig = {
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }: FromClient): Record<string, string> => {
      const authorization = request.headers.get('authorization');
      return authorization === null ? {} : { authorization };
    },
  },
};
