# Three stages: what others wrote, compiled once; this program on top of it; and a root of a few files that runs it as
# nobody in particular. There is no shell in it, and no way to install one.

FROM rust:1.95-slim-bookworm AS dependencies
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY migration/Cargo.toml migration/
# Every target that the manifests name has to be there before cargo looks at them, and is empty: so this layer is made
# anew only when a manifest changes. It keeps what was downloaded and compiled in itself and not in cache mounts, which
# a builder that starts from nothing does not have.
RUN mkdir -p src migration/src benches/eval_reading \
    && touch src/lib.rs migration/src/lib.rs benches/queue.rs benches/reading.rs benches/eval_reading/main.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cp src/main.rs build.rs \
    && cargo build --release --locked --bin resume-optimizer

FROM dependencies AS build
COPY build.rs askama.toml config.toml ./
COPY assets assets
COPY migration migration
COPY src src
# A source may be older than the stub that stood in its place, and cargo goes by the time. Offline, since a build that
# needs the network here has lost its dependencies.
RUN touch build.rs src/lib.rs src/main.rs migration/src/lib.rs \
    && cargo build --release --locked --offline --bin resume-optimizer
# The program with the loader and the libraries that it names, each where it looks for it, and the papers of their
# packages, by which scanners know them. The folders are empty, and become the user's own below.
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN mkdir -p /root-of-image/usr/local/bin /root-of-image/var/lib/dpkg/status.d /folders/data /folders/logs; \
    cp target/release/resume-optimizer /root-of-image/usr/local/bin/; \
    ldd target/release/resume-optimizer | grep -o '/[^ ]*' | xargs cp --parents --dereference -t /root-of-image; \
    for package in libc6 libgcc-s1; do \
        dpkg-query --status "$package" > "/root-of-image/var/lib/dpkg/status.d/$package"; \
    done
# The standard output is enough in a container. An empty value in the environment counts as unset, so this takes a file.
RUN printf '[log]\ndir = ""\n' > /root-of-image/config.toml

# Certificates of the web, a resolver's configuration and /tmp; nothing that runs.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /root-of-image/ /
COPY --from=build --chown=10001:10001 /folders/data /data
COPY --from=build --chown=10001:10001 /folders/logs /logs
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/resume-optimizer/
COPY assets/fonts/ATTRIBUTION.md assets/fonts/LICENSE /usr/share/doc/resume-optimizer/fonts/
COPY assets/lexicon/ATTRIBUTION.md /usr/share/doc/resume-optimizer/lexicon/
USER 10001:10001
# Where /config.toml is found; mount one of your own over it.
WORKDIR /
# In a container the address to listen on is the container's own.
ENV RESUME_OPTIMIZER__SERVER__HOST=0.0.0.0 \
    RESUME_OPTIMIZER__DATA_DIR=/data \
    RESUME_OPTIMIZER__LOG__FORMAT=json
# /logs is there for whoever sets RESUME_OPTIMIZER__LOG__DIR=/logs.
VOLUME ["/data"]
EXPOSE 8000
# SIGTERM is what the program stops on. Give it 90 s: server.leave_seconds, server.shutdown_seconds and
# queue.drain_seconds, and some more to hand tasks back.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["resume-optimizer", "health"]
ENTRYPOINT ["resume-optimizer"]
CMD ["serve"]
# Last, as another revision is no other program.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="resume-optimizer" \
      org.opencontainers.image.description="Turns a resume and a job posting into a tailored resume in which nothing is invented." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.base.name="gcr.io/distroless/static-debian12:nonroot"
