#include "bucket_service.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/timer.hpp"
#include "digest_crypto.hpp"
#include "rules.hpp"
#include "telemetry/log.hpp"

namespace media {

namespace {

constexpr int attempts_max = 3;
constexpr std::size_t answer_bytes_max = 16 * 1024;

base::Error just_removed() {
    return {base::Reason::unavailable, "media_busy",
            "The same file is being removed just now. Try again in a moment."};
}

/// A file from its beginning, whoever reads it besides.
class FileContent final : public http::ClientBody {
public:
    explicit FileContent(int descriptor) : descriptor_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) {}
    ~FileContent() override {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    base::Task<std::string> read_some() override {
        constexpr std::size_t piece_bytes = 64 * 1024;
        std::string piece(piece_bytes, '\0');
        auto got = ::pread(descriptor_, piece.data(), piece.size(), offset_);
        if (got < 0) co_return bytes_unreadable();
        offset_ += got;
        piece.resize(static_cast<std::size_t>(got));
        co_return piece;
    }

private:
    const int descriptor_;
    off_t offset_ = 0;
};

/// `NoSuchBucket` of what an object store says of a failure.
std::string code_in(std::string_view answer) {
    constexpr std::string_view before = "<Code>";
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::size_t letters_max = 60;
    auto at = answer.find(before);
    if (at == answer.npos) return "";
    auto code = answer.substr(at + before.size(), letters_max);
    return std::string(code.substr(0, code.find_first_not_of(letters)));
}

bool is_passing(int status) {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace

BucketService::BucketService(Options options, std::unique_ptr<http::Client> client,
                             const base::Clock& clock, telemetry::Counter& failures)
    : options_(std::move(options)),
      client_(std::move(client)),
      clock_(clock),
      failures_(failures),
      cache_(options_.copies, options_.copies_bytes_max),
      copies_({options_.copies, options_.queue_max, options_.disk},
              [this](const std::filesystem::path& path) { cache_.added(path); }) {
    try {
        cache_.load();
    } catch (const std::system_error& failure) {
        telemetry::log(telemetry::Level::error, "media", "the folder of copies cannot be read",
                       {{"error", failure.what()}});
    }
}

std::int64_t BucketService::sweep(const std::function<bool(const std::string& sha256)>& is_used) {
    return copies_.sweep(is_used);
}

base::Result<std::unique_ptr<IncomingFile>> BucketService::begin() {
    return copies_.begin();
}

http::ClientRequest BucketService::request_for(const Asked& asked) const {
    http::ClientRequest request;
    request.upstream = options_.server;
    request.method = asked.method;
    request.target =
        "/" + options_.bucket + "/" + options_.prefix + place_of(asked.sha256).string();
    ToSign to_sign;
    to_sign.method = asked.method == http::Method::put   ? "PUT"
                     : asked.method == http::Method::del ? "DELETE"
                                                         : "GET";
    to_sign.host = options_.server.authority();
    to_sign.path = request.target;
    bool sends = asked.descriptor >= 0;
    to_sign.content_sha256 = sends ? asked.sha256 : digest_of("");
    to_sign.region = options_.region;
    to_sign.time = clock_.now();
    request.fields = signed_fields(to_sign, options_.key);
    if (sends) {
        request.fields.emplace_back("Content-Type", "application/octet-stream");
        request.body =
            http::ClientUpload{std::make_shared<FileContent>(asked.descriptor), asked.bytes};
    }
    return request;
}

/// An answer that says 2xx, or that there is no such object (404).
base::Task<http::ClientResponse> BucketService::ask(Asked asked, base::Deadline deadline) {
    auto executor = co_await boost::asio::this_coro::executor;
    base::Timer timer(clock_, executor);
    auto wait = options_.retry_wait;
    for (int attempt = 1;; ++attempt) {
        auto request = request_for(asked);
        auto answer = co_await client_->send(std::move(request), deadline);
        bool is_good = answer && answer->status / 100 == 2;
        std::string why = answer ? "" : answer.error().code;
        if (answer && !is_good) {
            auto body = answer->body;
            auto said = co_await http::collect(body, answer_bytes_max);
            auto code = said ? code_in(*said) : "";
            bool is_absent = answer->status == 404 && asked.method != http::Method::put;
            is_good = is_absent && code != "NoSuchBucket";
            why = std::to_string(answer->status) + " " + code;
        }
        if (is_good) {
            in_trouble_.store(false, std::memory_order_relaxed);
            co_return std::move(*answer);
        }
        bool may_pass = answer ? is_passing(answer->status)
                               : answer.error().reason == base::Reason::unavailable;
        if (!may_pass || attempt == attempts_max || deadline.passed()) {
            in_trouble_.store(true, std::memory_order_relaxed);
            failures_.add();
            telemetry::log(
                telemetry::Level::error, "media", "the object store did not answer well",
                {{"store", options_.server.text()}, {"object", asked.sha256}, {"answer", why}});
            co_return store_unavailable();
        }
        co_await timer.pause(wait);
        wait *= 4;
    }
}

base::Task<Hold> BucketService::keep(std::unique_ptr<IncomingFile> file, std::string sha256,
                                     base::Deadline deadline) {
    auto held = holds_.hold(sha256);
    if (!held) co_return just_removed();
    struct stat known {};
    if (::fstat(file->descriptor(), &known) != 0) {
        throw std::system_error(errno, std::generic_category(), "fstat");
    }
    Asked asked;
    asked.method = http::Method::put;
    asked.sha256 = sha256;
    asked.descriptor = file->descriptor();
    asked.bytes = static_cast<std::uint64_t>(known.st_size);
    auto sent = co_await ask(std::move(asked), deadline);
    if (!sent) co_return sent.error();
    auto body = sent->body;
    co_await http::collect(body, answer_bytes_max);
    // Whoever wants it next need not fetch it. If there is no room for that, it is kept anyway.
    auto copied = co_await copies_.keep(std::move(file), sha256, deadline);
    if (!copied) {
        telemetry::log(telemetry::Level::warning, "media", "there is no copy of a file here",
                       {{"error", copied.error().message}});
    }
    co_return held;
}

base::Task<std::filesystem::path> BucketService::file(std::string sha256, base::Deadline deadline) {
    auto path = options_.copies / place_of(sha256);
    if (cache_.has(path)) co_return path;
    co_return co_await fetch(std::move(sha256), deadline);
}

base::Task<std::filesystem::path> BucketService::fetch(std::string sha256,
                                                       base::Deadline deadline) {
    Asked asked;
    asked.sha256 = sha256;
    auto answer = co_await ask(std::move(asked), deadline);
    if (!answer) co_return answer.error();
    if (answer->status == 404) {
        telemetry::log(telemetry::Level::error, "media", "the object store has lost a file",
                       {{"object", sha256}});
        co_return bytes_unreadable();
    }
    auto incoming = copies_.begin();
    if (!incoming) co_return incoming.error();
    Digest digest;
    for (;;) {
        auto piece = co_await answer->body->read_some();
        if (!piece) co_return store_unavailable();
        if (piece->empty()) break;
        digest.add(*piece);
        auto written = (*incoming)->append(*piece);
        if (!written) co_return written.error();
    }
    if (digest.finish() != sha256) {
        telemetry::log(telemetry::Level::error, "media", "a file of the object store is damaged",
                       {{"object", sha256}});
        co_return bytes_unreadable();
    }
    auto path = options_.copies / place_of(sha256);
    auto kept = co_await copies_.keep(std::move(*incoming), std::move(sha256), deadline);
    if (!kept) co_return kept.error();
    co_return path;
}

base::Task<bool> BucketService::remove(std::string sha256, std::function<bool()> is_used) {
    auto removal = holds_.removal(sha256);
    if (!removal) co_return false;
    auto removed = co_await copies_.remove(sha256, std::move(is_used));
    if (!removed) co_return removed.error();
    if (!*removed) co_return false;
    Asked asked;
    asked.method = http::Method::del;
    asked.sha256 = std::move(sha256);
    auto answer = co_await ask(std::move(asked), base::Deadline());
    if (!answer) co_return answer.error();
    auto body = answer->body;
    co_await http::collect(body, answer_bytes_max);
    co_return true;
}

std::string BucketService::trouble() const {
    if (!in_trouble_.load(std::memory_order_relaxed)) return copies_.trouble();
    return "the object store did not answer as it should; see the log";
}

}  // namespace media
