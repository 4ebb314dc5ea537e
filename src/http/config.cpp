#include "http/address.hpp"
#include "http/server.hpp"

namespace http {

namespace {

void describe_tls(config::Section& section, TlsConfig& config) {
    section.path("certificate", config.certificate,
                 "The certificate, then those that vouch for it (PEM). Read again on SIGHUP.");
    section.path("key", config.key,
                 "The certificate's private key (PEM, no password); the file's mode is 0600 or "
                 "0400, or 0640 or 0440 if it belongs to root. Read again on SIGHUP.");
    section.integer("hsts_seconds", config.hsts_seconds, {0, 315360000},
                    "How long browsers come back by TLS only (Strict-Transport-Security); 0: not "
                    "said.");
}

}  // namespace

std::optional<unsigned> parse_mode(const std::string& text) {
    if (text.size() != 4 || text.find_first_not_of("01234567") != std::string::npos) return {};
    auto mode = static_cast<unsigned>(std::stoul(text, nullptr, 8));
    if (mode > 0777 || (mode & 0600) != 0600) return {};
    return mode;
}

void describe(config::Section& section, Config& config) {
    section.text(
        "listen", config.listen,
        "Where the public API listens: address:port (port 0: any free one), tls:address:port, "
        "unix:/path, or systemd:NAME: the sockets of that name (FileDescriptorName=) that a socket "
        "unit has opened, which lose no connection while the server is started anew.");
    section.list("listen_also", config.listen_also,
                 "Further addresses of the public API, as a unix socket for a reverse proxy.");
    section.text("unix_mode", config.unix_mode,
                 "The mode of the public API's unix sockets, in octal: 0660 lets the group of the "
                 "server's user in.");
    describe_tls(section.section("tls", "For the addresses that begin with tls:."), config.tls);
    auto& load = section.section(
        "load", "How many requests may be under way; further ones are 503 at once (`overloaded`).");
    resilience::describe(load, config.load);
    section.integer("threads", config.threads, {0, 256},
                    "I/O threads; 0: one per processor that this process may use.");
    section.integer("connections_max", config.connections_max, {16, 1000000},
                    "Open connections in total; when full, the longest idle one is closed.");
    section.integer("connections_queued_max", config.connections_queued_max, {16, 65535},
                    "Connections that the kernel holds until they are accepted, per listener.");
    section.integer("tunnels_max", config.tunnels_max, {0, 1000000},
                    "Connections that have gone over to another protocol (websocket); further ones "
                    "get 503. They count among connections_max, and never make room.");
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
    section.integer("unsent_bytes_max", config.unsent_bytes_max, {4096, 64 * 1024 * 1024},
                    "Of an answer that its client is slow to take, how much the kernel may hold.");
    section.integer("send_bytes_per_second_min", config.send_bytes_per_second_min, {1, 1000000},
                    "A client that takes its answer more slowly, after send_grace_ms, is cut off.");
    section.integer("answer_bytes_max", config.answer_bytes_max, {1024 * 1024, 1LL << 40},
                    "Answers that wait for slow clients, in memory, all together; past it large "
                    "answers are 503.");
    section.integer("answer_bytes_per_client_max", config.answer_bytes_per_client_max,
                    {1024 * 1024, 1LL << 40}, "The same for one client address.");
    section.integer("compress_bytes_min", config.compress_bytes_min, {64, 1 << 30},
                    "Smaller answers are not compressed.");
    section.integer("compress_bytes_max", config.compress_bytes_max, {0, 1 << 30},
                    "Larger ones neither, as that would hold up the thread; 0: none at all.");
    section.integer(
        "sealed_files_max", config.sealed_files_max, {0, 100000},
        "Large answers that are asked for often and kept in pages that the kernel sends "
        "without copying; each takes a file descriptor. 0: none.");
    section.duration("header_timeout_ms", config.header_timeout, {100, 600000},
                     "A request head must be complete in this time, else 408.");
    section.duration("body_grace_ms", config.body_grace, {0, 600000},
                     "How long a body may be slower than body_bytes_per_second_min.");
    section.duration("idle_timeout_ms", config.idle_timeout, {100, 3600000},
                     "A connection without a request is closed after this time, never earlier; a "
                     "proxy in front must give up its own before.");
    section.duration("tunnel_idle_timeout_ms", config.tunnel_idle_timeout, {100, 86400000},
                     "A connection that has gone over to another protocol is closed when neither "
                     "side has sent anything for this long.");
    section.duration("write_stall_timeout_ms", config.write_stall_timeout, {100, 600000},
                     "A client that takes nothing of its answer for this long is cut off.");
    section.duration("send_grace_ms", config.send_grace, {100, 600000},
                     "How long a client may take its answer more slowly than "
                     "send_bytes_per_second_min.");
    section.duration("request_timeout_ms", config.request_timeout, {100, 600000},
                     "The deadline of a request: reading its body and making the answer.");
    section.duration(
        "linger_timeout_ms", config.linger_timeout, {0, 60000},
        "How long a refused client may go on sending before its connection is closed.");
    section.duration("drain_timeout_ms", config.drain_timeout, {0, 600000},
                     "How long requests under way may take when the server stops.");
    section.duration(
        "drain_idle_timeout_ms", config.drain_idle_timeout, {0, 60000},
        "When the server stops, how long a request may still come on a connection that "
        "was kept.");
    section.table("aliases", config.aliases,
                  "Path prefixes that mean another one: the older form of the routes.");
    section.list("hosts", config.hosts,
                 "The host names this server answers to on its public listener; others get 421. "
                 "Empty: any.");
    if (auto address = parse_address(config.listen); !address) {
        section.refuse("listen", address.error().message);
    }
    for (const auto& further : config.listen_also) {
        auto address = parse_address(further);
        if (!address) section.refuse("listen_also", address.error().message);
    }
    if (!parse_mode(config.unix_mode)) {
        section.refuse("unix_mode",
                       "expected four octal digits from 0600 to 0777, as 0660; the owner reads and "
                       "writes.");
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
