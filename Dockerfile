# The program for CPUs: docker build -t ytterby . && docker run --rm -v "$PWD:/data" ytterby demo -o demo
FROM debian:bookworm-slim AS build
COPY . /src
RUN /src/tools/release -o /release

FROM debian:bookworm-slim
COPY --from=build /release /release
RUN tar -xf /release/ytterby-*.tar.gz -C /opt && mv /opt/ytterby-* /opt/ytterby && rm -r /release \
    && ln -s /opt/ytterby/bin/ytterby /usr/local/bin/ytterby
WORKDIR /data
ENTRYPOINT ["ytterby"]
