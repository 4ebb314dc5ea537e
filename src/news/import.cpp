#include "news/import.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <list>
#include <optional>

#include "config/strict_json.hpp"
#include "news/article_json.hpp"

namespace news {

namespace {

using base::Error;
using base::Reason;
using namespace std::chrono_literals;

/// Batches on their way to the writers at any time: enough that reading and writing overlap.
constexpr std::size_t batches_max = 4;
constexpr auto progress_interval = 200ms;
/// How much of a line that is no JSON is kept for the person who mends it.
constexpr std::size_t shown_bytes_max = 2000;

class Import {
public:
    Import(const std::map<std::string, Commands*>& types, const Config& config,
           std::string request_id)
        : types_(types), config_(config), request_id_(std::move(request_id)) {}

    base::Result<ImportReport> run(const std::filesystem::path& file,
                                   const std::filesystem::path& fallback_folder,
                                   const std::function<void(const ImportReport&)>& progress,
                                   const std::atomic<bool>& stop) {
        std::error_code failed;
        auto size = std::filesystem::file_size(file, failed);
        std::ifstream input(file, std::ios::binary);
        if (failed || !input) {
            return Error{Reason::not_found, "cannot_read",
                         "The file " + file.string() + " cannot be read."};
        }
        report_.bytes_total = static_cast<std::int64_t>(size);
        auto name = file.filename().replace_extension(".rejected.jsonl");
        bool beside = ::access(std::filesystem::absolute(file).parent_path().c_str(), W_OK) == 0;
        report_.rejected_file = (beside ? file.parent_path() : fallback_folder) / name;
        // One of an earlier run would speak of lines that may be mended by now.
        std::filesystem::remove(report_.rejected_file, failed);

        auto told = std::chrono::steady_clock::now();
        bool too_long = false;
        while (read_line(input, too_long)) {
            if (stop.load()) {
                drain(0);
                return Error{Reason::unavailable, "stopped",
                             "The import was stopped. Run it again: it adds what is missing."};
            }
            ++line_number_;
            ++report_.lines;
            auto refused = too_long ? line_too_long() : take_line();
            if (refused && !reject(*refused)) return cannot_write();
            drain(batches_max - 1);
            if (failure_) return *failure_;
            if (std::chrono::steady_clock::now() - told >= progress_interval) {
                progress(report_);
                told = std::chrono::steady_clock::now();
            }
        }
        for (auto& [type, batch] : open_) send(type, batch);
        drain(0);
        if (failure_) return *failure_;
        if (rejects_.is_open() && !rejects_.flush()) return cannot_write();
        progress(report_);
        return report_;
    }

private:
    /// The next line without its end, at most import_line_bytes_max bytes of it.
    bool read_line(std::istream& input, bool& too_long) {
        line_.clear();
        too_long = false;
        auto most = static_cast<std::size_t>(config_.import_line_bytes_max);
        auto* buffer = input.rdbuf();
        for (int c = buffer->sbumpc(); c != std::char_traits<char>::eof(); c = buffer->sbumpc()) {
            ++report_.bytes_read;
            if (c == '\n') {
                if (!line_.empty() && line_.back() == '\r') line_.pop_back();
                return true;
            }
            if (line_.size() < most) {
                line_.push_back(static_cast<char>(c));
            } else {
                too_long = true;
            }
        }
        return !line_.empty();
    }

    std::optional<Error> line_too_long() const {
        return Error{
            Reason::invalid, "line_too_long",
            "The line is longer than " + std::to_string(config_.import_line_bytes_max) + " bytes."};
    }

    /// Puts the line's item into its type's batch, or says why not. Blank lines are nothing.
    std::optional<Error> take_line() {
        if (line_.find_first_not_of(" \t\r") == std::string::npos) {
            --report_.lines;
            return std::nullopt;
        }
        config::JsonLimits limits;
        limits.bytes = static_cast<std::size_t>(config_.import_line_bytes_max);
        auto json = config::parse_strict_json(line_, limits);
        if (!json) return json.error();
        auto article = new_article_from_json(*json);
        if (!article) return article.error();
        auto source_id = json->find("source_id");
        if (source_id == json->end() || !source_id->is_string()) {
            return Error{Reason::invalid, "missing_source_id",
                         "source_id is missing or no text; without it a second import could not "
                         "know the item again."};
        }
        article->source_id = source_id->get<std::string>();
        auto type = json->find("news_type");
        if (type == json->end() || !type->is_string()) {
            return Error{Reason::invalid, "missing_news_type", "news_type is missing or no text."};
        }
        auto name = type->get<std::string>();
        if (!types_.contains(name)) {
            return Error{Reason::not_found, "unknown_news_type",
                         "There is no news type " + name + " in news.types of the configuration."};
        }
        auto checked = check(std::move(*article));
        if (!checked) return checked.error();
        auto& batch = open_[name];
        batch.push_back(std::move(*checked));
        if (std::ssize(batch) >= config_.import_batch_items) send(name, batch);
        return std::nullopt;
    }

    void send(const std::string& type, std::vector<NewArticle>& batch) {
        if (batch.empty()) return;
        base::Context context;
        context.request_id = request_id_;
        auto task = types_.at(type)->import(std::exchange(batch, {}), std::move(context));
        ++under_way_;
        auto finished = [this](std::exception_ptr thrown, base::Result<Imported> result) {
            --under_way_;
            if (thrown) std::rethrow_exception(thrown);
            if (!result) {
                failure_ = result.error();
                return;
            }
            report_.added += result->added;
            report_.already_there += result->already_there;
        };
        boost::asio::co_spawn(context_.get_executor(), std::move(task), std::move(finished));
    }

    /// Runs what comes back until at most `most` batches are under way.
    void drain(std::size_t most) {
        context_.restart();
        context_.poll();
        while (under_way_ > most) {
            context_.restart();
            context_.run_one();
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

    Error cannot_write() const {
        return {Reason::unavailable, "cannot_write",
                "The file " + report_.rejected_file.string() + " cannot be written."};
    }

    const std::map<std::string, Commands*>& types_;
    const Config& config_;
    std::string request_id_;
    ImportReport report_;
    std::string line_;
    std::int64_t line_number_ = 0;  ///< in the file, blank lines too
    std::ofstream rejects_;
    std::map<std::string, std::vector<NewArticle>> open_;
    base::Loop context_;
    std::size_t under_way_ = 0;
    std::optional<Error> failure_;
};

}  // namespace

base::Result<ImportReport> import_file(const std::filesystem::path& file,
                                       const std::filesystem::path& fallback_folder,
                                       const std::map<std::string, Commands*>& types,
                                       const Config& config, const std::string& request_id,
                                       const std::function<void(const ImportReport&)>& progress,
                                       const std::atomic<bool>& stop) {
    return Import(types, config, request_id).run(file, fallback_folder, progress, stop);
}

}  // namespace news
