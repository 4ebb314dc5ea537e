#include "django/import.hpp"

#include <fstream>
#include <memory>

#include "import_account.hpp"
#include "import_files.hpp"
#include "mapping_json.hpp"
#include "names.hpp"
#include "open_store.hpp"
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
          files_(request) {}
    base::Result<ImportReport> run() {
        auto opened = open_source(request_.source, config_.row_bytes_max);
        if (!opened) return opened.error();
        auto begun = files_.open();
        if (!begun) return begun.error();
        open_staging(*opened);
        naive_is_utc_ = mapping_.naive_is_utc.value_or(opened->source->naive_is_utc());
        bool cuts_times = opened->source->cuts_times();
        auto notes = opened->notes;
        if (!staging_->is_complete()) {
            auto staged = stage(std::move(*opened));
            if (!staged) return staged.error();
        }
        account_ = std::make_unique<ImportAccount>(files_.rejected());
        begun = account_->begin();
        if (!begun) return begun.error();
        if (cuts_times) {
            account_->lack(
                "dumpdata writes times in JSON to the millisecond; XML and SQLite keep "
                "microseconds.");
        }
        prepare();
        for (const auto& note : notes) account_->lack(note);
        auto mapped = map();
        if (!mapped) return mapped.error();
        auto report = account_->finish();
        if (!report) return report.error();
        staging_.reset();
        if (!request_.keep_staging) files_.remove_staging();
        return std::move(*report);
    }

private:
    void open_staging(const OpenSource& opened) {
        StagingStore::Options options;
        options.file = files_.staging();
        options.identity = identity_of(opened);
        options.natural_keys = mapping_.natural_keys;
        options.cache_bytes = config_.cache_bytes_max;
        staging_ = std::make_unique<StagingStore>(std::move(options));
    }

    /// All that the staged rows hang on, but for the rules that are carried out on them.
    std::string identity_of(const OpenSource& opened) const {
        std::string identity = "2 " + opened.identity;
        identity += " row_bytes_max " + std::to_string(config_.row_bytes_max);
        for (const auto& [model, fields] : mapping_.natural_keys) {
            identity += " " + model;
            for (const auto& field : fields) identity += "," + field;
        }
        for (const auto& [field, model] : mapping_.relations) {
            identity += " " + field + ">" + model;
        }
        return identity;
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
            case StagingStore::Put::missing_key:
                reject("missing_key",
                       "The row has no pk, and `natural_keys` of the mapping does not say which of "
                       "its fields stand for one.");
                break;
            case StagingStore::Put::long_key:
                reject("bad_key", "The pk or natural key is longer than 1000 bytes.");
                break;
            case StagingStore::Put::too_many_models:
                reject("too_many_models",
                       "The source has more than 2000 models; this row is of one more.");
                break;
        }
    }

    /// What the mapping asks of the rows, and whether the source has it.
    void prepare() {
        account_->report().cut_off = staging_->was_cut_off();
        for (const auto& model : staging_->models()) {
            account_->model(model).rows += staging_->rows_of(model);
        }
        staging_->each_reject([&](const Reject& reject) {
            auto& model = account_->model(reject.model);
            if (reject.code == "repeated") {
                ++model.repeated;
                return;
            }
            ++model.rejected;
            account_->count(reject);
        });
        auto told = staging_->told_relations();
        for (const auto& [field, model] : mapping_.relations) told[field] = model;
        staging_->set_relations(Relations(std::move(told), staging_->models()));
        bool types = account_->report().models.contains("contenttypes.contenttype");
        for (const auto& reverse : mapping_.reverses) {
            staging_->index(reverse);
            if (!account_->report().models.contains(reverse.model)) {
                account_->lack("The source has no rows of " + reverse.model +
                               ", which the mapping asks for.");
            } else if (reverse.fields.size() == 2 && !types) {
                account_->lack(
                    "The source has no content types, so what " + reverse.model +
                    " points to is not known, unless it was dumped with --natural-foreign.");
            }
        }
    }

    base::Result<void> map() {
        Walk walk({mapping_, *staging_, *zone_, naive_is_utc_, now_, receiver_, *account_,
                   progress_, stop_});
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
    bool naive_is_utc_ = false;
    ImportFiles files_;
    std::unique_ptr<ImportAccount> account_;
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
