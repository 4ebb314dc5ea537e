#include "news/import.hpp"

#include <unistd.h>

#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <fstream>
#include <optional>
#include <unordered_map>

#include "base/line_reader.hpp"
#include "base/task_scope.hpp"
#include "base/timer.hpp"
#include "config/strict_json.hpp"
#include "news/article_json.hpp"
#include "news/importer.hpp"

namespace news {

namespace {

using base::Error;
using base::Reason;
using namespace std::chrono_literals;

/// Batches on their way to the writers at any time: enough that reading and writing overlap.
constexpr std::size_t batches_max = 4;
/// A batch is sent when it has so many bytes, however few items: a store's queue is bounded in
/// bytes.
constexpr std::size_t batch_bytes_max = 2 * 1024 * 1024;
constexpr auto progress_interval = 200ms;
/// How long a batch waits for a store that is overloaded: the first time, and at most.
constexpr auto wait_first = 10ms;
constexpr auto wait_longest = 500ms;
/// How much of a line that is no JSON is kept for the person who mends it.
constexpr std::size_t shown_bytes_max = 2000;
/// News types that are not there, named in the report.
constexpr std::size_t unknown_types_max = 20;
constexpr std::size_t conflicts_named_max = 20;

/// Tells the batches that wait for a store that nobody wants them any more.
class Ending {
public:
    explicit Ending(bool& ending) : ending_(ending) {}
    ~Ending() { ending_ = true; }
    Ending(const Ending&) = delete;

private:
    bool& ending_;
};

class Import {
public:
    Import(const std::map<std::string, Commands*>& types, const Config& config,
           std::string request_id, const base::Clock& clock, const std::atomic<bool>& stop,
           bool theirs)
        : types_(types),
          config_(config),
          request_id_(std::move(request_id)),
          clock_(clock),
          stop_(stop),
          theirs_(theirs) {}

    base::Result<ImportReport> run(const std::filesystem::path& file,
                                   const std::filesystem::path& rejected_file,
                                   const std::filesystem::path& fallback_folder,
                                   const std::function<void(const ImportReport&)>& progress) {
        std::error_code failed;
        auto size = std::filesystem::file_size(file, failed);
        std::ifstream input(file, std::ios::binary);
        if (failed || !input) {
            return Error{Reason::not_found, "cannot_read",
                         "The file " + file.string() + " cannot be read."};
        }
        report_.bytes_total = static_cast<std::int64_t>(size);
        auto wanted = rejected_file;
        if (wanted.empty())
            wanted = std::filesystem::path(file).replace_extension(".rejected.jsonl");
        bool is_free = ::access(std::filesystem::absolute(wanted).parent_path().c_str(), W_OK) == 0;
        report_.rejected_file = is_free ? wanted : fallback_folder / wanted.filename();
        // One of an earlier run would speak of lines that may be mended by now.
        std::filesystem::remove(report_.rejected_file, failed);

        // Whatever leads out of here, the batches under way come back first: they are known to the
        // writer threads, and speak to this object.
        base::TaskScope batches;
        Ending ending(ending_);
        auto told = clock_.steady();
        base::LineReader lines(input, static_cast<std::size_t>(config_.import_line_bytes_max));
        while (lines.next()) {
            if (stop_.load()) return stopped();
            line_ = lines.line();
            report_.bytes_read = lines.bytes_read();
            ++line_number_;
            ++report_.lines;
            auto refused = lines.too_long() ? line_too_long() : take_line(batches);
            if (refused && !reject(*refused)) return cannot_write();
            batches.wait(batches_max - 1);
            if (failure_) return *failure_;
            if (clock_.steady() - told >= progress_interval) {
                progress(report_);
                told = clock_.steady();
            }
        }
        for (auto& [type, open] : open_) send(batches, type, open);
        batches.wait(0);
        if (failure_) return *failure_;
        if (rejects_.is_open() && !rejects_.flush()) return cannot_write();
        progress(report_);
        return report_;
    }

private:
    using Batch = std::vector<ImportItem>;
    /// Items of one type that are not on their way yet.
    struct OpenBatch {
        Batch items{};
        std::size_t bytes = 0;  ///< of their lines
    };

    std::optional<Error> line_too_long() const {
        return Error{
            Reason::invalid, "line_too_long",
            "The line is longer than " + std::to_string(config_.import_line_bytes_max) + " bytes."};
    }

    /// Puts the line's item into its type's batch, or says why not. Blank lines are nothing.
    std::optional<Error> take_line(base::TaskScope& batches) {
        if (line_.find_first_not_of(" \t\r") == std::string::npos) {
            --report_.lines;
            return std::nullopt;
        }
        config::JsonLimits limits;
        limits.bytes = static_cast<std::size_t>(config_.import_line_bytes_max);
        auto json = config::parse_strict_json(line_, limits);
        if (!json) return json.error();
        auto article = imported_article_from_json(*json);
        if (!article) return article.error();
        auto type = json->find("news_type");
        if (type == json->end() || !type->is_string()) {
            return Error{Reason::invalid, "missing_news_type", "news_type is missing or no text."};
        }
        auto name = type->get<std::string>();
        if (!types_.contains(name)) return unknown_type(name);
        auto made = import_item(std::move(*article), {}, config_.embeds);
        if (!made) return made.error();
        auto& item = *made;
        item.theirs = theirs_;
        auto key = std::hash<std::string>()(name + '\n' + *item.article->source_id);
        auto [first, is_new] = seen_.emplace(key, std::hash<std::string>()(item.hash));
        if (!is_new) {
            if (first->second != std::hash<std::string>()(item.hash)) {
                return duplicate(*item.article->source_id);
            }
            ++report_.already_there;
            return std::nullopt;
        }
        for (const auto& kind : item.dropped) ++report_.dropped[kind];
        auto& open = open_[name];
        open.bytes += line_.size();
        open.items.push_back(std::move(item));
        bool full =
            std::ssize(open.items) >= config_.import_batch_items || open.bytes >= batch_bytes_max;
        if (full) send(batches, name, open);
        return std::nullopt;
    }

    void send(base::TaskScope& batches, const std::string& type, OpenBatch& open) {
        if (open.items.empty()) return;
        auto done = [this](base::Result<Imported> result) {
            if (!result) {
                if (!failure_) failure_ = result.error();
                return;
            }
            report_.added += result->added;
            report_.updated += result->updated;
            report_.already_there += result->already_there;
            report_.conflicts += result->conflicts;
            for (auto& source_id : result->conflicting) {
                if (report_.conflicting.size() == conflicts_named_max) break;
                report_.conflicting.push_back(std::move(source_id));
            }
        };
        batches.spawn(bring(types_.at(type), std::exchange(open, {}).items), std::move(done));
    }

    /// Into the store, and again while it is overloaded: others write too, and are served first.
    base::Task<Imported> bring(Commands* commands, Batch batch) {
        auto executor = co_await boost::asio::this_coro::executor;
        base::Timer timer(clock_, executor);
        auto give_up = clock_.steady() + config_.import_wait_max_ms;
        auto span = std::chrono::milliseconds(wait_first);
        for (;;) {
            base::Context context;
            context.request_id = request_id_;
            auto copy = batch;
            auto imported = co_await commands->import(std::move(copy), std::move(context));
            if (imported || imported.error().code != "overloaded") co_return imported;
            bool unwanted = ending_ || failure_ || stop_.load();
            if (unwanted || clock_.steady() >= give_up) co_return imported;
            co_await timer.pause(span);
            span = std::min(span * 2, std::chrono::milliseconds(wait_longest));
        }
    }

    bool reject(const Error& error) {
        ++report_.rejected;
        ++report_.reasons[error.code];
        if (!rejects_.is_open()) rejects_.open(report_.rejected_file, std::ios::binary);
        nlohmann::ordered_json entry;
        entry["line"] = line_number_;
        entry["error"] = error.code;
        entry["message"] = error.message;
        for (const auto& problem : error.details) {
            entry["details"].push_back({{"field", problem.field}, {"message", problem.message}});
        }
        auto item = nlohmann::ordered_json::parse(line_, nullptr, false);
        if (item.is_discarded()) {
            entry["text"] = line_.substr(0, shown_bytes_max);
        } else {
            entry["item"] = std::move(item);
        }
        rejects_ << entry.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
        return rejects_.good();
    }

    Error unknown_type(const std::string& name) {
        // A few names are enough to see what is missing.
        bool told = report_.unknown_types.contains(name);
        if (told || report_.unknown_types.size() < unknown_types_max) {
            ++report_.unknown_types[name];
        }
        return {Reason::not_found, "unknown_news_type",
                "There is no news type " + name + " in news.types of the configuration."};
    }

    static Error duplicate(const std::string& source_id) {
        return {Reason::conflict, "duplicate_source_id",
                "Another line before this one has the source_id " + source_id +
                    " and says something else; the first one counts."};
    }

    static Error stopped() {
        return {Reason::unavailable, "stopped",
                "The import was stopped. Run it again: it adds what is missing."};
    }

    Error cannot_write() const {
        return {Reason::unavailable, "cannot_write",
                "The file " + report_.rejected_file.string() + " cannot be written."};
    }

    const std::map<std::string, Commands*>& types_;
    const Config& config_;
    std::string request_id_;
    const base::Clock& clock_;
    const std::atomic<bool>& stop_;
    const bool theirs_;
    ImportReport report_;
    std::string line_;
    std::int64_t line_number_ = 0;  ///< in the file, blank lines too
    std::ofstream rejects_;
    std::map<std::string, OpenBatch> open_;
    /// What each source_id of this file said first: fingerprints of the id and of the item, since a
    /// file may have millions.
    std::unordered_map<std::size_t, std::size_t> seen_;
    bool ending_ = false;
    std::optional<Error> failure_;
};

}  // namespace

base::Result<ImportReport> import_file(const std::filesystem::path& file,
                                       const std::filesystem::path& rejected_file,
                                       const std::filesystem::path& fallback_folder,
                                       const std::map<std::string, Commands*>& types,
                                       const Config& config, const std::string& request_id,
                                       const base::Clock& clock,
                                       const std::function<void(const ImportReport&)>& progress,
                                       const std::atomic<bool>& stop, bool theirs) {
    return Import(types, config, request_id, clock, stop, theirs)
        .run(file, rejected_file, fallback_folder, progress);
}

}  // namespace news
