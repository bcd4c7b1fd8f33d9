# syntax=docker/dockerfile:1
# An image of ltr:  docker build -t ltr .
#
# A model is served with
#   docker run --rm -p 8080:8080 -v "$PWD/reranker:/model:ro" ltr
# and any other command is run as
#   docker run --rm -v "$PWD:/work" -u "$(id -u):$(id -g)" ltr train recipe.yaml

FROM swift:6.3-bookworm AS build
WORKDIR /source
# The libraries do not change with the sources.
COPY Scripts/dependencies.sh Scripts/
RUN sh Scripts/dependencies.sh \
  && apt-get install -y --no-install-recommends debhelper \
  && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make deb

FROM debian:bookworm-slim
# The package names the libraries that it needs.
RUN --mount=type=bind,from=build,source=/source/.build,target=/packages \
  apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates /packages/ltr_*.deb \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --no-create-home ltr \
  && install -d -o ltr /work /cache
USER ltr
WORKDIR /work
ENV HF_HOME=/cache/huggingface LTR_HOME=/cache
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["ltr"]
CMD ["serve", "--model", "/model", "--host", "0.0.0.0"]
