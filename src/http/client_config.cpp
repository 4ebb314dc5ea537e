#include "http/client_config.hpp"

namespace http {

void describe(config::Section& section, ClientConfig& config) {
    section.duration("connect_timeout_ms", config.connect_timeout, {10, 600000},
                     "A connection must be there in this time, with name look-up and TLS.");
    section.duration(
        "first_byte_timeout_ms", config.first_byte_timeout, {10, 3600000},
        "After the request is sent, the answer must begin in this time; a free connection "
        "is waited for just as long.");
    section.duration("idle_timeout_ms", config.idle_timeout, {10, 3600000},
                     "An upstream that neither sends nor takes anything for this long is cut off.");
    section.duration("tunnel_idle_timeout_ms", config.tunnel_idle_timeout, {10, 86400000},
                     "The same for a connection that became another protocol's, as WebSocket.");
    section.integer(
        "connections_max", config.connections_max, {1, 100000},
        "Connections to one upstream at a time, but for those that may stay for hours.");
    section.integer(
        "long_lived_max", config.long_lived_max, {0, 1000000},
        "Those to one upstream: connections that became another protocol's, and answers "
        "that are passed on as they come; more are refused.");
    section.integer("queued_max", config.queued_max, {0, 1000000},
                    "Requests to one upstream that wait for a connection; more are refused.");
    section.integer("pooled_max", config.pooled_max, {0, 100000},
                    "Connections to one upstream that are kept while nobody uses them; 0: none.");
    section.duration("pooled_life_ms", config.pooled_life, {1, 600000},
                     "How long they are kept; less than the upstream itself keeps them.");
    section.boolean("pooled_for_unsafe", config.pooled_for_unsafe,
                    "Whether requests that change something may go over a kept connection, which "
                    "the upstream may be closing just then.");
    section.integer("field_lines_max", config.field_lines_max, {16, 500},
                    "Field lines of an answer.");
    section.integer("field_bytes_max", config.field_bytes_max, {4096, 32768},
                    "All field lines of an answer together.");
    section.integer("interim_answers_max", config.interim_answers_max, {0, 100},
                    "Interim answers (1xx) before the answer.");
    section.text("ca_file", config.ca_file,
                 "Certificates (PEM) that vouch for https upstreams; empty: the system's.");
}

}  // namespace http
