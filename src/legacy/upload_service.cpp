#include "upload_service.hpp"

#include <utility>

#include "turn.hpp"

namespace legacy {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

base::Error too_large() {
    return {base::Reason::invalid, "body_too_large", "The request body is too large."};
}

class SpooledUpload final : public http::ClientBody {
public:
    explicit SpooledUpload(std::shared_ptr<Spool> spool) : spool_(std::move(spool)) {}
    base::Task<std::string> read_some() override {
        auto piece = spool_->take(piece_bytes);
        if (turn_.is_over(piece.size())) co_await Turn::let_others();
        co_return std::move(piece);
    }

private:
    Turn turn_;
    const std::shared_ptr<Spool> spool_;
};

class PassedUpload final : public http::ClientBody {
public:
    PassedUpload(http::BodyReader& body, std::uint64_t bytes_max) : body_(body), left_(bytes_max) {}

    base::Task<std::string> read_some() override {
        auto piece = co_await body_.next();
        if (!piece) co_return piece.error();
        if (piece->size() > left_) co_return too_large();
        left_ -= piece->size();
        std::string copy(*piece);
        if (turn_.is_over(copy.size())) co_await Turn::let_others();
        co_return std::move(copy);
    }

private:
    http::BodyReader& body_;
    Turn turn_;
    std::uint64_t left_;
};

}  // namespace

base::Task<Content> take_whole(http::BodyReader& body, std::shared_ptr<SpoolSpace> space,
                               UploadLimits limits) {
    if (body.length().value_or(0) > limits.bytes_max) co_return too_large();
    auto spool = std::make_shared<Spool>(std::move(space), limits.memory_max);
    std::uint64_t size = 0;
    Turn turn;
    for (;;) {
        auto piece = co_await body.next();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        size += piece->size();
        if (size > limits.bytes_max) co_return too_large();
        auto kept = spool->append(*piece);
        if (!kept) co_return kept.error();
        if (turn.is_over(piece->size())) co_await Turn::let_others();
    }
    Content content;
    if (size <= limits.memory_max) {
        content = spool->take(limits.memory_max);
    } else {
        content = http::ClientUpload{std::make_shared<SpooledUpload>(std::move(spool)), size};
    }
    co_return std::move(content);
}

Content pass_on(http::BodyReader& body, UploadLimits limits) {
    auto length = body.length();
    if (length == 0) return std::string();
    return http::ClientUpload{std::make_shared<PassedUpload>(body, limits.bytes_max), length};
}

}  // namespace legacy
