# One image for both processes: the command says which (dist/apps/hub/main.js or dist/apps/worker/main.js).
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY apps/ apps/
COPY libs/ libs/
COPY prisma/ prisma/
COPY tools/ tools/
COPY prisma.config.ts tsconfig.json tsconfig.base.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends git openssh-client ca-certificates tini \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir -p /var/lib/wheelwright && chown node:node /var/lib/wheelwright
WORKDIR /app
COPY --from=build /app /app
ENV NODE_ENV=production WHEELWRIGHT_DATA_DIR=/var/lib/wheelwright HOST=0.0.0.0 PORT=8080
USER node
VOLUME /var/lib/wheelwright
EXPOSE 8080
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/apps/hub/main.js"]
