# One image for every part: the command says which. GraphiQL is left out, since it is built with development packages.
FROM node:24-slim
ENV NODE_ENV=production APOLLO_TELEMETRY_DISABLED=1
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY . .
RUN node registry/main.ts compose --out supergraph.graphql
USER node
CMD ["node", "gateway/main.ts", "--supergraph", "supergraph.graphql"]
