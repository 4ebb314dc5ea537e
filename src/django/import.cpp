#include "django/import.hpp"

#include <unistd.h>

#include <fstream>
#include <memory>

#include "mapping_json.hpp"
#include "names.hpp"
#include "open_store.hpp"
#include "reject_file.hpp"
#include "staging_store.hpp"
#include "walk.hpp"

namespace django {

namespace {

using base::Error;
using base::Reason;

constexpr std::int64_t mapping_bytes_max = 1024 * 1024;

base::Result<Mapping> read_mapping(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::error_code failed;
    auto bytes = std::filesystem::file_size(path, failed);
    if (!file || failed || bytes > static_cast<std::uintmax_t>(mapping_bytes_max)) {
        return Error{Reason::not_found, "cannot_read",
                     "The mapping " + path.string() + " cannot be read, or is over 1 MiB."};
    }
    std::string text{std::istreambuf_iterator<char>(file), {}};
    return mapping_from_json(text);
}

std::filesystem::path writable_beside(const std::filesystem::path& source, const char* suffix) {
    auto name = source == "-" ? std::filesystem::path("stdin") : source;
    auto beside = std::filesystem::absolute(name);
    beside += suffix;
    if (::access(beside.parent_path().c_str(), W_OK) == 0) return beside;
    return std::filesystem::temp_directory_path() / beside.filename();
}

/// One run.
class Import {
public:
    Import(const ImportRequest& request, const Config& config, Mapping mapping,
           std::shared_ptr<const base::TimeZone> zone, Receiver& receiver, base::Time now,
           const ImportProgress& progress, const std::atomic<bool>& stop)
        : request_(request),
          config_(config),
          mapping_(std::move(mapping)),
          zone_(std::move(zone)),
          receiver_(receiver),
          now_(now),
          progress_(progress),
          stop_(stop),
          rejects_(request.rejected_file.empty()
                       ? writable_beside(request.source, ".rejected.jsonl")
                       : request.rejected_file) {}

    base::Result<ImportReport> run() {
        auto opened = open_source(request_.source, config_.row_bytes_max);
        if (!opened) return opened.error();
        open_staging(*opened);
        naive_is_utc_ = mapping_.naive_is_utc.value_or(opened->source->naive_is_utc());
        bool cuts_times = opened->source->cuts_times();
        if (!staging_->is_complete()) {
            auto staged = stage(std::move(*opened));
            if (!staged) return staged.error();
        }
        prepare();
        for (const auto& note : opened->notes) report_.lacks.push_back(note);
        if (cuts_times) {
            report_.lacks.emplace_back(
                "dumpdata writes times in JSON to the millisecond; XML and SQLite keep "
                "microseconds.");
        }
        auto mapped = map();
        if (!mapped) return mapped.error();
        if (!rejects_.is_good()) {
            return Error{Reason::unavailable, "cannot_write",
                         "The file " + rejects_.path().string() + " cannot be written."};
        }
        if (report_.rejected > 0) report_.rejected_file = rejects_.path();
        close_staging();
        return std::move(report_);
    }

private:
    void open_staging(const OpenSource& opened) {
        auto file = writable_beside(request_.source, ".staging.db");
        if (!request_.folder.empty()) file = request_.folder / file.filename();
        StagingStore::Options options;
        options.file = file;
        // What is read from a pipe is another one each time.
        options.identity =
            opened.identity.empty() ? "once " + std::to_string(::getpid()) : opened.identity;
        options.natural_keys = mapping_.natural_keys;
        options.cache_bytes = config_.cache_bytes_max;
        for (const auto& [model, fields] : mapping_.natural_keys) {
            options.identity += " " + model;
            for (const auto& field : fields) options.identity += "," + field;
        }
        staging_file_ = file;
        staging_ = std::make_unique<StagingStore>(std::move(options));
        if (request_.source == "-") staging_->start_anew();
    }

    void close_staging() {
        staging_.reset();
        if (request_.keep_staging) return;
        std::error_code failed;
        for (const char* suffix : {"", "-wal", "-shm"}) {
            std::filesystem::remove(staging_file_.string() + suffix, failed);
        }
    }

    base::Result<void> stage(OpenSource opened) {
        auto place = staging_->place();
        if (place && opened.source->place()) {
            auto again = open_source(request_.source, config_.row_bytes_max, *place);
            if (!again) return again.error();
            opened = std::move(*again);
        } else if (place) {
            staging_->start_anew();
        }
        bool cut_off = false;
        for (std::int64_t rows = 1;; ++rows) {
            auto item = opened.source->next();
            if (const auto* end = std::get_if<SourceEnd>(&item)) {
                cut_off = end->cut_off;
                break;
            }
            if (auto* record = std::get_if<Record>(&item)) {
                put(*record, opened.source->is_verified());
            } else {
                staging_->reject(std::get<Reject>(item));
            }
            if (rows % config_.batch_rows != 0) continue;
            staging_->keep(opened.source->place().value_or(SourcePlace{}));
            progress_("reading", opened.bytes_read(), opened.bytes);
            if (stop_.load()) return import_stopped();
        }
        staging_->complete(opened.source->relations(), cut_off);
        return {};
    }

    void put(const Record& record, bool verified) {
        auto reject = [&](const char* code, const char* message) {
            staging_->reject(
                {record.model, record.line, code, message, shortened(to_json(record.fields))});
        };
        switch (staging_->put(record, verified)) {
            case StagingStore::Put::added:
                break;
            case StagingStore::Put::repeated:
                staging_->reject({record.model, record.line, "repeated", "", ""});
                break;
            case StagingStore::Put::differs:
                reject("duplicate_pk",
                       "Another row before this one has the same pk and says something else; the "
                       "first one counts.");
                break;
            case StagingStore::Put::unreadable:
                staging_->reject({record.model, record.line, "bad_text",
                                  "A text in this row is not UTF-8, has a NUL, or is too deep.",
                                  ""});
                break;
        }
    }

    /// What the mapping asks of the rows, and whether the source has it.
    void prepare() {
        report_.cut_off = staging_->was_cut_off();
        for (const auto& model : staging_->models()) {
            report_.models[model].rows = staging_->rows_of(model);
        }
        staging_->each_reject([&](const Reject& reject) {
            auto& model = report_.models[reject.model];
            if (reject.code == "repeated") {
                ++model.repeated;
                return;
            }
            ++model.rejected;
            account_.count(reject);
        });
        auto told = staging_->told_relations();
        for (const auto& [field, model] : mapping_.relations) told[field] = model;
        staging_->set_relations(Relations(std::move(told), staging_->models()));
        bool types = report_.models.contains("contenttypes.contenttype");
        for (const auto& reverse : mapping_.reverses) {
            staging_->index(reverse);
            if (!report_.models.contains(reverse.model)) {
                report_.lacks.push_back("The source has no rows of " + reverse.model +
                                        ", which the mapping asks for.");
            } else if (reverse.fields.size() == 2 && !types) {
                report_.lacks.push_back(
                    "The source has no content types, so what " + reverse.model +
                    " points to is not known, unless it was dumped with --natural-foreign.");
            }
        }
    }

    base::Result<void> map() {
        Walk walk({mapping_, *staging_, *zone_, naive_is_utc_, now_, receiver_, account_, progress_,
                   stop_});
        return walk.run();
    }

    const ImportRequest& request_;
    const Config& config_;
    const Mapping mapping_;
    const std::shared_ptr<const base::TimeZone> zone_;
    Receiver& receiver_;
    const base::Time now_;
    const ImportProgress& progress_;
    const std::atomic<bool>& stop_;
    RejectFile rejects_;
    ImportReport report_;
    Account account_{report_, rejects_};
    bool naive_is_utc_ = false;
    std::filesystem::path staging_file_;
    std::unique_ptr<StagingStore> staging_;
};

}  // namespace

base::Result<ImportReport> import_site(const ImportRequest& request, const Config& config,
                                       const base::Clock& clock, Receiver& receiver,
                                       const ImportProgress& progress,
                                       const std::atomic<bool>& stop) {
    auto mapping = read_mapping(request.mapping);
    if (!mapping) return mapping.error();
    auto zone = base::TimeZone::load(mapping->time_zone);
    if (!zone) return zone.error();
    return Import(request, config, std::move(*mapping), *zone, receiver, clock.now(), progress,
                  stop)
        .run();
}

}  // namespace django
