#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/task.hpp"

namespace http {

struct PreparedResponse;
class OpenFile;

/// A request's body in pieces, for a handler that wants it so. Belongs to the request and lives as
/// long. What the handler leaves unread is skipped if it has come already, and else ends the
/// connection after the answer.
class BodyReader {
public:
    virtual ~BodyReader() = default;

    /// What the head says; nothing if the body comes in chunks.
    virtual std::optional<std::uint64_t> length() const = 0;
    /// The next piece as soon as some of it is here, 32 KiB at most; empty at the end. It is good
    /// until the next call, and only then is more taken from the client. Refused, and then for
    /// good, with `malformed_request`, `body_too_large` (more than the route's limit),
    /// `request_timeout` (too slow), or `unavailable` when the client has gone.
    virtual base::Task<std::string_view> next() = 0;
    /// `gone` is called once, on the connection's thread, when the client has left or has finished
    /// sending before the answer is made and sent: at once if it has already. In the place of what
    /// was said before. For whoever has others work on the answer; a client that only closed its
    /// own half of the connection cannot be told from one that has left.
    virtual void when_gone(std::function<void()>) {}
};

/// Where a Stream's producer writes. Lives until the producer has ended.
class BodyWriter {
public:
    virtual ~BodyWriter() = default;

    /// Returns when the client's socket has taken all of `piece`, which must live until then: a
    /// slow client slows the producer. Refused with `unavailable` when the client has gone, or has
    /// stalled too long, and the producer ends then.
    virtual base::Task<void> write(std::string_view piece) = 0;
    /// False when the client has gone or the server drains: a producer without an end looks each
    /// time before it waits for what comes next.
    virtual bool wanted() const = 0;
};

/// A body that is made while it is sent: in chunks on HTTP/1.1, until the connection closes on
/// HTTP/1.0, or with a Content-Length if that is known. It has no deadline but that of a client
/// that takes nothing.
struct Stream {
    /// Called once, on the connection's thread, never for HEAD. A refusal or an exception cuts the
    /// connection, so that nobody takes the part for the whole; so does another length.
    using Producer = std::function<base::Task<void>(BodyWriter&)>;
    Producer producer;
    std::optional<std::uint64_t> length{};
};

/// A file as a body: the kernel sends it as it is (sendfile), and a client may ask for a part of
/// it (Range). Shared and immutable; the file must not be changed in place while it is served,
/// only replaced. It is read on the connection's thread, which waits if the disk is slow.
class FileBody {
public:
    /// Refused with `file_not_found` (not_found) if there is no ordinary file that may be read.
    static base::Result<FileBody> open(const std::filesystem::path& path);
    /// The same of `path` below `folder`; what `..` or a symbolic link would lead out of it to is
    /// not there.
    static base::Result<FileBody> open_below(const std::filesystem::path& folder,
                                             const std::filesystem::path& path);

    std::uint64_t size() const;
    /// A strong entity tag from the file's identity, size and time of change.
    std::string etag() const;
    /// Good as long as this object or a copy.
    int descriptor() const;

private:
    explicit FileBody(std::shared_ptr<const OpenFile> file) : file_(std::move(file)) {}
    static base::Result<FileBody> take(int descriptor);
    std::shared_ptr<const OpenFile> file_;
};

/// A connection that has become that of another protocol (101): bytes, both ways. Reading and
/// writing may go on at the same time, each by one task, both on the thread where it began.
class Tunnel {
public:
    virtual ~Tunnel() = default;
    /// What comes next, as soon as some of it is here; empty when the other side has finished, and
    /// then again. Refused, and then for good, when the connection broke or has been idle too long.
    virtual base::Task<std::string> read_some() = 0;
    /// Returns when all of it was taken: a slow side slows the writer down. Refused as reading is.
    virtual base::Task<void> write(std::string bytes) = 0;
    /// Nothing more will be written; what the other side still sends can be read.
    virtual void finish_writing() = 0;
    /// Both directions end: who reads or writes is refused.
    virtual void abort() = 0;
};

/// Instead of content, with status 101: the connection goes over to another protocol. Only for a
/// request that asks for it (Request::asks_for); to any other it is a bug, and answered by a 500.
/// Connection and Upgrade are said by the server, what else the protocol wants by the handler.
struct Upgrade {
    static constexpr std::size_t protocol_bytes_max = 40;
    std::string protocol;  ///< as `websocket`
    /// Called once, on the connection's thread, when the 101 has gone out. The tunnel lives until
    /// it has ended, and whatever it has started must have ended by then. Then the connection is
    /// closed; after a refusal or an exception it is reset.
    using Task = std::function<base::Task<void>(Tunnel&)>;
    Task task;
    /// How long nothing may come or go; nothing: as the server is configured.
    std::optional<std::chrono::milliseconds> idle_timeout{};
};

/// What an answer consists of.
using Body =
    std::variant<std::string, std::shared_ptr<const PreparedResponse>, FileBody, Stream, Upgrade>;

}  // namespace http
