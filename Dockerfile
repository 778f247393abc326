# Images of the chat cluster.
#
#   docker build -t chat-cluster .               the server, and chat-client beside it
#   docker build --target dev .                  what docker-compose-dev.yml builds and runs the sources in
#   docker build --target proxy .                the load balancer of docker-compose.yml
#
# Package versions are Debian stable's: pinning them would make every security update break the build (hadolint DL3008).
# hadolint global ignore=DL3008

FROM swift:6.3.1-bookworm AS toolchain
RUN apt-get update \
    && apt-get install -y --no-install-recommends libnats-dev libhiredis-dev libssl-dev zlib1g-dev libjemalloc-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*

FROM toolchain AS dev
# The checkout is mounted read-only at /src and built through links from here: SwiftPM writes beside the manifest
# (Package.resolved, .build), and nothing of that is to land in the developer's directory under another user's name.
# NATS, Redis and OpenSSL are for scripts/test.
RUN apt-get update \
    && apt-get install -y --no-install-recommends nats-server redis-server openssl curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /workspace chat \
    && ln -s /src/Package.swift /src/Plugins /src/Sources /src/Tests /src/Fuzz /src/scripts /workspace/ \
    && install -d -o chat -g chat /workspace/.build
WORKDIR /workspace
USER 10001
CMD ["scripts/watch"]

FROM toolchain AS build
WORKDIR /src
# A layer of its own: the dependencies are fetched anew only when the manifest changes.
COPY Package.swift ./
RUN swift package resolve
COPY Plugins Plugins/
COPY Sources Sources/
# The test targets are declared but not built, so that a changed test does not rebuild the image.
# The compiled dependencies stay in BuildKit's cache, one per architecture, beside the fetched ones of the layer above.
RUN --mount=type=cache,target=/src/.build/x86_64-unknown-linux-gnu,sharing=locked \
    --mount=type=cache,target=/src/.build/aarch64-unknown-linux-gnu,sharing=locked \
    mkdir -p Tests/Integration Tests/Measurements Tests/Fixtures Fuzz/Targets \
        Tests/Unit/Support Tests/Unit/Stepped Tests/Unit/Documentation Tests/Unit/Fuzz \
        Tests/Unit/Domain Tests/Unit/Wire Tests/Unit/Search Tests/Unit/WebSocketRules Tests/Unit/Service \
        Tests/Unit/Infrastructure/NATS Tests/Unit/Infrastructure/Redis Tests/Unit/Infrastructure/Embedded \
        Tests/Unit/Infrastructure/Presence \
        Tests/Unit/Infrastructure/Threads Tests/Unit/Infrastructure/Files Tests/Unit/Infrastructure/Identity Tests/Unit/Infrastructure/Observability \
        Tests/Unit/Infrastructure/Configuration \
        Tests/Unit/ChatServer Tests/Unit/Transport Tests/Unit/ChatClient Tests/Unit/ChatBench \
    && swift build -c release --static-swift-stdlib --product server \
    && swift build -c release --static-swift-stdlib --product chat-client \
    && install -D --strip --target-directory=/out .build/release/server .build/release/chat-client

FROM debian:bookworm-slim AS proxy
RUN apt-get update \
    && apt-get install -y --no-install-recommends haproxy wget \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/haproxy.cfg /etc/haproxy/haproxy.cfg
# Any user without privileges will do: it owns nothing.
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8405/healthz"]
# On SIGUSR1 it takes no new connections and ends with the last, or after hard-stop-after.
STOPSIGNAL SIGUSR1
ENTRYPOINT ["haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"]

# The last stage is what a plain `docker build` makes. Swift's libraries are linked in, so Debian is enough, with the
# authorities that its servers trust by default.
FROM debian:bookworm-slim AS server
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libnats3.4 libhiredis0.14 libjemalloc2 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin chat \
    && install -d -o chat -g chat -m 0700 /var/lib/chat
# Where a server without NATS keeps its messages: mount a volume here.
ENV DATA_DIRECTORY=/var/lib/chat
COPY --from=build /out/ /usr/local/bin/
# By number: Kubernetes' runAsNonRoot cannot judge a name.
USER 10001:10001
EXPOSE 8080
# The image has no curl: the server asks itself. A server whose configuration sets the port needs the same --config here.
HEALTHCHECK --interval=5s --timeout=3s --start-period=40s --retries=3 CMD ["server", "--health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["server"]
