#include "upload_routes.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "digest_crypto.hpp"
#include "http/command.hpp"
#include "multipart.hpp"
#include "rules.hpp"

namespace media {

namespace {

using base::Error;
using base::Reason;

constexpr std::int64_t form_bytes_max = 64 * 1024;  ///< what is in a form besides the file
constexpr std::size_t bytes_at_once = 256 * 1024;
constexpr http::VersionTag upload_tag{".1"};

Error invalid(const char* code, std::string message) {
    return {Reason::invalid, code, std::move(message)};
}

Error too_large(std::int64_t most) {
    return invalid("body_too_large",
                   "A file has at most " + std::to_string(most) + " bytes here (media.bytes_max).");
}

bool is_form(std::string_view content_type) {
    constexpr std::string_view family = "multipart/";
    auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    auto begins = base::trim(content_type).substr(0, family.size());
    return std::equal(begins.begin(), begins.end(), family.begin(), family.end(), same);
}

/// One of those that may be under way; given back however it ends.
class Place {
public:
    Place(std::shared_ptr<std::atomic<std::int64_t>> under_way, std::int64_t most)
        : under_way_(std::move(under_way)), is_mine_(under_way_->fetch_add(1) < most) {}
    ~Place() { under_way_->fetch_sub(1); }
    Place(const Place&) = delete;
    bool is_mine() const { return is_mine_; }

private:
    const std::shared_ptr<std::atomic<std::int64_t>> under_way_;
    const bool is_mine_;
};

}  // namespace

/// What has come so far of one upload.
struct UploadRoutes::Upload final : FormListener {
    Upload(std::unique_ptr<IncomingFile> incoming, std::int64_t most)
        : file(std::move(incoming)), bytes_max(most) {}

    base::Result<void> begin_part(std::string_view name, bool is_file) override {
        part = is_file ? "file" : std::string(name);
        if (part != "file") {
            if (part == "alt") alt.clear();
            if (part == "credit") credit.clear();
            if (part == "focus") focus_text.clear();
            return {};
        }
        if (has_file) return invalid("several_files", "Send one file in each request.");
        has_file = true;
        return {};
    }
    base::Result<void> data(std::string_view piece) override {
        if (part == "file") return add(piece);
        if (part == "alt") alt += piece;
        if (part == "credit") credit += piece;
        if (part == "focus") focus_text += piece;
        beside += std::ssize(piece);
        if (beside <= form_bytes_max) return {};
        return invalid("malformed_form", "The fields beside the file are too long.");
    }
    base::Result<void> end_part() override {
        part.clear();
        return {};
    }

    base::Result<void> add(std::string_view piece) {
        bytes += std::ssize(piece);
        if (bytes > bytes_max) return too_large(bytes_max);
        if (beginning.size() < image::kind_bytes) {
            beginning += piece.substr(0, image::kind_bytes - beginning.size());
        }
        digest.add(piece);
        return file->append(piece);
    }

    std::unique_ptr<IncomingFile> file;
    const std::int64_t bytes_max;
    std::int64_t bytes = 0;
    std::int64_t beside = 0;
    std::string beginning;
    Digest digest;
    std::string part;
    bool has_file = false;
    std::string alt;
    std::string credit;
    std::string focus_text;
    std::unique_ptr<FormReader> form;  ///< null: the body is the file
};

UploadRoutes::UploadRoutes(Library& library, Files& files, image::Workers& workers,
                           UploadLimits limits, telemetry::Counter& taken, Shown shown)
    : library_(library),
      files_(files),
      workers_(workers),
      limits_(std::move(limits)),
      taken_(taken),
      shown_(std::move(shown)) {}

void UploadRoutes::add_to(http::Router& router) {
    http::Route route{
        http::Method::post, "/v1/media", http::Access::author,
        [this](http::Request& request, http::BodyReader& body) { return upload(request, body); }};
    route.limits.body_bytes = limits_.bytes_max + form_bytes_max;
    // A large one takes its time: how slow it may be is said by http.body_bytes_per_second_min.
    route.limits.deadline = std::chrono::minutes(10);
    router.add(std::move(route));
}

UploadRoutes::Answer UploadRoutes::upload(http::Request& request, http::BodyReader& body) {
    auto item = co_await take(request, body);
    if (!item) co_return http::failure(request, item.error());
    taken_.add();
    auto response = shown_(*item);
    response.status = 201;
    response.fields.emplace_back("Location", "/v1/media/" + std::to_string(item->id));
    co_return response;
}

base::Task<Item> UploadRoutes::take(http::Request& request, http::BodyReader& body) {
    Place place(under_way_, limits_.at_once_max);
    if (!place.is_mine()) {
        co_return Error{Reason::unavailable, "media_busy",
                        "Too many files are on their way. Try again in a moment."};
    }
    auto file = files_.begin();
    if (!file) co_return file.error();
    Upload upload(std::move(*file), limits_.bytes_max);
    std::string_view content_type = request.header("Content-Type").value_or("");
    if (is_form(content_type)) {
        auto boundary = boundary_of(content_type);
        if (!boundary) {
            co_return invalid("malformed_form",
                              "A form is multipart/form-data and names its boundary.");
        }
        upload.form = std::make_unique<FormReader>(*boundary, upload);
    }
    upload.alt = request.query_parameter("alt").value_or("");
    upload.credit = request.query_parameter("credit").value_or("");
    upload.focus_text = request.query_parameter("focus").value_or("");
    auto read_all = co_await read(upload, body);
    if (!read_all) co_return read_all.error();

    auto focus = upload.focus_text.empty() ? Focus() : parse_focus(upload.focus_text);
    if (!focus) {
        co_return invalid("malformed_media",
                          "focus must be two numbers from 0 to 1, as 0.5,0.25: from the left and "
                          "from the top.");
    }
    Description described{upload.alt, upload.credit};
    auto described_well = checked(described, *focus);
    if (!described_well) co_return described_well.error();
    auto deadline = request.context.deadline;
    auto bytes = co_await look_at(upload, deadline);
    if (!bytes) co_return bytes.error();
    bytes->sha256 = upload.digest.finish();
    auto said = bytes->sha256 + "\n" + described_well->alt + "\n" + described_well->credit + "\n" +
                upload.focus_text;
    auto command = upload_tag.command(request, said);
    if (!command) co_return command.error();
    auto held = co_await files_.keep(std::move(upload.file), bytes->sha256, deadline);
    if (!held) co_return held.error();
    co_return co_await library_.add(std::move(*bytes), std::move(*described_well), *focus,
                                    std::move(*command));
}

base::Task<void> UploadRoutes::read(Upload& upload, http::BodyReader& body) {
    std::size_t moved = 0;
    for (;;) {
        auto piece = co_await body.next();
        if (!piece) {
            auto error = piece.error();
            if (error.code == "body_too_large") co_return too_large(limits_.bytes_max);
            co_return error;
        }
        if (piece->empty()) break;
        auto heard = upload.form ? upload.form->take(*piece) : upload.add(*piece);
        if (!heard) co_return heard.error();
        moved += piece->size();
        if (moved < bytes_at_once) continue;
        // Who sends fast keeps nobody of this thread waiting.
        moved = 0;
        auto executor = co_await boost::asio::this_coro::executor;
        co_await boost::asio::post(executor, base::use_task);
    }
    if (upload.form) {
        auto ended = upload.form->end();
        if (!ended) co_return ended.error();
    }
    if (upload.bytes > 0) co_return base::Result<void>();
    co_return invalid("empty_file", "There is no file in this request, or an empty one.");
}

base::Task<Bytes> UploadRoutes::look_at(const Upload& upload, base::Deadline deadline) {
    auto kind = image::kind_of(upload.beginning);
    Bytes bytes;
    bytes.kind = image::word_of(kind);
    bytes.bytes = upload.bytes;
    if (kind == image::Kind::svg) {
        co_return invalid("svg_refused",
                          "SVG is not taken: it is a document that can run scripts in a reader's "
                          "browser. Send the picture as PNG or WebP.");
    }
    if (image::is_picture(kind)) {
        image::InputFile file{upload.file->descriptor(), upload.bytes, kind};
        auto facts = co_await workers_.look(file, deadline);
        if (!facts) co_return facts.error();
        bytes.width = facts->width;
        bytes.height = facts->height;
        co_return bytes;
    }
    if (limits_.other_kinds.contains(bytes.kind)) co_return bytes;
    std::string others;
    for (const auto& one : limits_.other_kinds) others += ", " + one;
    co_return invalid("unknown_kind",
                      "This is none of the kinds of files that are taken: jpg, png, webp, avif, "
                      "gif" +
                          others + ". What a file is called does not count.");
}

}  // namespace media
