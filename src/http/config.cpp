#include "http/address.hpp"
#include "http/server.hpp"

namespace http {

void describe(config::Section& section, Config& config) {
    section.text(
        "listen", config.listen,
        "Where the public API listens: address:port (port 0: any free one) or unix:/path.");
    section.integer("threads", config.threads, {0, 256},
                    "I/O threads; 0: one per processor that this process may use.");
    section.integer("connections_max", config.connections_max, {16, 1000000},
                    "Open connections in total; when full, the longest idle one is closed.");
    section.integer("connections_queued_max", config.connections_queued_max, {16, 65535},
                    "Connections that the kernel holds until they are accepted, per listener.");
    section.integer("target_bytes_max", config.target_bytes_max, {8000, 16384},
                    "The longest request target; longer ones get 414.");
    section.integer("field_bytes_max", config.field_bytes_max, {4096, 32768},
                    "All field lines of a request together; more get 431.");
    section.integer("field_lines_max", config.field_lines_max, {16, 500},
                    "Field lines of a request; more get 431.");
    section.integer("body_bytes_max", config.body_bytes_max, {1024, 64 * 1024 * 1024},
                    "The longest request body; longer ones get 413.");
    section.integer("body_bytes_per_second_min", config.body_bytes_per_second_min, {1, 1000000},
                    "A body that arrives more slowly, after body_grace_ms, gets 408.");
    section.integer("linger_bytes_max", config.linger_bytes_max, {0, 64 * 1024 * 1024},
                    "After a refusal, how much more is read and thrown away before closing.");
    section.duration("header_timeout_ms", config.header_timeout, {100, 600000},
                     "A request head must be complete in this time, else 408.");
    section.duration("body_grace_ms", config.body_grace, {0, 600000},
                     "How long a body may be slower than body_bytes_per_second_min.");
    section.duration("idle_timeout_ms", config.idle_timeout, {100, 3600000},
                     "A connection without a request is closed after this time.");
    section.duration("write_stall_timeout_ms", config.write_stall_timeout, {100, 600000},
                     "A client that takes nothing of its answer for this long is cut off.");
    section.duration("request_timeout_ms", config.request_timeout, {100, 600000},
                     "The deadline of a request: reading its body and making the answer.");
    section.duration(
        "linger_timeout_ms", config.linger_timeout, {0, 60000},
        "How long a refused client may go on sending before its connection is closed.");
    section.duration("drain_timeout_ms", config.drain_timeout, {0, 600000},
                     "How long requests under way may take when the server stops.");
    section.table("aliases", config.aliases,
                  "Path prefixes that mean another one: the older form of the routes.");
    section.list("hosts", config.hosts,
                 "The host names this server answers to on its public listener; others get 421. "
                 "Empty: any.");
    if (auto address = parse_address(config.listen); !address) {
        section.refuse("listen", address.error().message);
    }
    for (const auto& [alias, meaning] : config.aliases) {
        if (alias.size() < 2 || alias.front() != '/' || meaning.size() < 2 ||
            meaning.front() != '/') {
            section.refuse("aliases",
                           "An alias and its meaning are paths that start with a slash.");
        }
    }
}

}  // namespace http
