# syntax=docker/dockerfile:1
# Two stages: a toolchain that builds one binary, and a small Debian that runs it as nobody in particular.

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin resume-optimizer \
    && cp target/release/resume-optimizer /resume-optimizer

FROM debian:bookworm-slim
# The certificates of the web, for postings that are fetched by address.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin resume \
    && install -d -o resume -g resume /data /logs
COPY --from=build /resume-optimizer /usr/local/bin/resume-optimizer
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/resume-optimizer/
USER 10001:10001
WORKDIR /
# In a container the address to listen on is the container's own, and logs belong to whoever runs it.
ENV RESUME_OPTIMIZER__SERVER__HOST=0.0.0.0 \
    RESUME_OPTIMIZER__DATA_DIR=/data \
    RESUME_OPTIMIZER__LOG__FORMAT=json
VOLUME ["/data", "/logs"]
EXPOSE 8000
# SIGTERM is what the program stops on; give it server.shutdown_seconds and queue.drain_seconds to finish.
STOPSIGNAL SIGTERM
ENTRYPOINT ["resume-optimizer"]
CMD ["serve"]
