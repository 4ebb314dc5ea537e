#include "django/import.hpp"

#include <fstream>
#include <memory>

#include "checksum_crypto.hpp"
#include "import_files.hpp"
#include "item_rules.hpp"
#include "item_text.hpp"
#include "mapping_json.hpp"
#include "names.hpp"
#include "open_store.hpp"
#include "reject_file.hpp"
#include "restricted_pages.hpp"
#include "staging_store.hpp"

namespace django {

namespace {

using base::Error;
using base::Reason;

constexpr std::int64_t mapping_bytes_max = 1024 * 1024;
constexpr std::size_t rows_per_question = 200;
/// A site with more has a damaged source, and its report would be no report.
constexpr std::size_t warning_kinds_max = 100;
constexpr std::size_t lacks_max = 100;
constexpr std::size_t report_models_max = 2000;
constexpr std::size_t sentence_bytes_max = 500;

Error stopped() {
    return {Reason::unavailable, "stopped",
            "The import was stopped. Run it again: it goes on where it was."};
}

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
        rejects_ = std::make_unique<RejectFile>(files_.rejected());
        begun = rejects_->begin();
        if (!begun) return begun.error();
        if (cuts_times) {
            lack(
                "dumpdata writes times in JSON to the millisecond; XML and SQLite keep "
                "microseconds.");
        }
        prepare();
        for (const auto& note : notes) lack(note);
        auto mapped = map();
        if (!mapped) return mapped.error();
        if (!rejects_->is_good()) {
            return Error{Reason::unavailable, "cannot_write",
                         "The file " + rejects_->path().string() + " cannot be written."};
        }
        if (report_.rejected > 0) report_.rejected_file = rejects_->path();
        if (lacks_ > lacks_max) {
            report_.lacks.push_back("And " + std::to_string(lacks_ - lacks_max) + " more.");
        }
        staging_.reset();
        if (!request_.keep_staging) files_.remove_staging();
        return std::move(report_);
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

    void lack(const std::string& sentence) {
        if (++lacks_ <= lacks_max) report_.lacks.push_back(shortened(sentence, sentence_bytes_max));
    }

    /// Rows of damaged sources may each have a model of their own.
    ModelReport& model_report(const std::string& model) {
        bool fits = report_.models.contains(model) || report_.models.size() < report_models_max;
        return report_.models[fits ? model : ""];
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
            if (stop_.load()) return stopped();
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
        report_.cut_off = staging_->was_cut_off();
        for (const auto& model : staging_->models()) {
            model_report(model).rows += staging_->rows_of(model);
        }
        staging_->each_reject([&](const Reject& reject) {
            auto& model = model_report(reject.model);
            if (reject.code == "repeated") {
                ++model.repeated;
                return;
            }
            ++model.rejected;
            count(reject);
        });
        auto told = staging_->told_relations();
        for (const auto& [field, model] : mapping_.relations) told[field] = model;
        staging_->set_relations(Relations(std::move(told), staging_->models()));
        bool types = report_.models.contains("contenttypes.contenttype");
        for (const auto& reverse : mapping_.reverses) {
            staging_->index(reverse);
            if (!report_.models.contains(reverse.model)) {
                lack("The source has no rows of " + reverse.model +
                     ", which the mapping asks for.");
            } else if (reverse.fields.size() == 2 && !types) {
                lack("The source has no content types, so what " + reverse.model +
                     " points to is not known, unless it was dumped with --natural-foreign.");
            }
        }
    }

    base::Result<void> map() {
        Evaluation evaluation(mapping_, *staging_, *zone_, naive_is_utc_);
        auto restricted = restricted_pages(*staging_);
        if (!restricted) {
            lack(
                "The source has more restricted pages than can be kept apart, or one with a place "
                "that Wagtail never gives: all pages are drafts.");
        }
        evaluation.restrict(restricted.value_or(std::vector<std::string>{""}));
        for (const auto& rules : mapping_.users) {
            auto make = [&](const RowPointer& row, Warnings& warnings) {
                evaluation.hear(&warnings);
                return person_from(row, rules, evaluation);
            };
            auto done = walk<Person>("users", rules.model, make);
            if (!done) return done;
        }
        for (const auto& rules : mapping_.items) {
            auto make = [&](const RowPointer& row, Warnings& warnings) {
                return item_from(row, rules, mapping_, evaluation, warnings, now_);
            };
            auto done = walk<Item>("news", rules.model, make);
            if (!done) return done;
        }
        for (const auto& rules : mapping_.redirects) {
            auto make = [&](const RowPointer& row, Warnings& warnings) {
                evaluation.hear(&warnings);
                return redirect_from(row, rules, evaluation);
            };
            auto done = walk<Redirect>("redirects", rules.model, make);
            if (!done) return done;
        }
        if (staging_->cut_short() > 0) {
            lack(
                "Some rows have more than 1000 others pointing to them, or of more than 32 MiB; "
                "the first of these were taken.");
        }
        return {};
    }

    template <class T, class Make>
    base::Result<void> walk(const char* rule, const std::string& model, const Make& make) {
        RuleReport report;
        report.rule = rule;
        report.model = model;
        auto known = report_.models.find(model);
        if (known == report_.models.end()) {
            lack("The source has no rows of " + model + ", which the mapping names.");
        }
        auto total = known == report_.models.end() ? 0 : known->second.rows;
        Checksum checksum;
        std::string after;
        for (auto rows = staging_->next_rows(model, after, rows_per_question); !rows.empty();
             rows = staging_->next_rows(model, after, rows_per_question)) {
            if (stop_.load()) return stopped();
            for (const auto& row : rows) {
                ++report.read;
                Warnings warnings;
                auto mapped = make(row, warnings);
                hear(warnings, *row);
                give<T>(*row, mapped, report, checksum);
            }
            progress_(rule, report.read, total);
        }
        report.checksum = checksum.finish();
        report_.rules.push_back(std::move(report));
        return {};
    }

    template <class T>
    void give(const Row& row, const Mapped<T>& mapped, RuleReport& report, Checksum& checksum) {
        if (std::holds_alternative<LeftOut>(mapped)) {
            ++report.left_out;
            return;
        }
        auto reject = [&](const std::string& code, const std::string& message) {
            ++report.rejected;
            count({row.model, row.line, code, message, shortened(to_json(row.fields))});
        };
        if (const auto* unfit = std::get_if<Unfit>(&mapped)) {
            return reject(unfit->code, unfit->message);
        }
        const auto& made = std::get<T>(mapped);
        auto taken = receiver_.take(made);
        if (!taken) return reject(taken.error().code, taken.error().message);
        ++report.taken;
        checksum.add(to_text(made));
        if constexpr (std::is_same_v<T, Item>) tally(made, report);
    }

    static void tally(const Item& item, RuleReport& report) {
        bool is_public = item.state == State::published;
        auto& state = is_public           ? report.published
                      : item.published_at ? report.scheduled
                                          : report.drafts;
        ++state;
        report.past += std::ssize(item.history);
    }

    void hear(const Warnings& warnings, const Row& row) {
        for (const auto& warning : warnings) {
            auto known = report_.warnings.find(warning.kind);
            if (known == report_.warnings.end() && report_.warnings.size() == warning_kinds_max) {
                continue;
            }
            auto& one = report_.warnings[warning.kind];
            if (one.count++ > 0) continue;
            one.example = shortened(legacy_id_of(row) + ": " + warning.text, sentence_bytes_max);
        }
    }

    void count(const Reject& reject) {
        ++report_.rejected;
        ++report_.reasons[reject.code];
        rejects_->add(reject);
    }

    const ImportRequest& request_;
    const Config& config_;
    const Mapping mapping_;
    const std::shared_ptr<const base::TimeZone> zone_;
    Receiver& receiver_;
    const base::Time now_;
    const ImportProgress& progress_;
    const std::atomic<bool>& stop_;
    std::unique_ptr<RejectFile> rejects_;
    ImportReport report_;
    std::size_t lacks_ = 0;  ///< also those that the report has no room for
    bool naive_is_utc_ = false;
    ImportFiles files_;
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
