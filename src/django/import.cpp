#include "django/import.hpp"

#include <memory>

#include "import_files.hpp"
#include "mapping_file_json.hpp"
#include "report_builder.hpp"
#include "staging_service.hpp"
#include "walk_service.hpp"

namespace django {

namespace {

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
        auto kind = opened->kind;
        auto begun = files_.open();
        if (!begun) return begun.error();
        Staging staging{request_.source, files_.staging(),     mapping_, config_, progress_,
                        stop_,           request_.keep_staging};
        auto staged = stage(std::move(*opened), staging);
        if (!staged) return staged.error();
        staging_ = std::move(staged->store);
        naive_is_utc_ = staged->naive_is_utc;
        told_ = std::make_unique<ReportBuilder>(files_.rejected());
        begun = told_->begin();
        if (!begun) return begun.error();
        if (staged->cuts_times) {
            told_->lack(
                "dumpdata writes times in JSON to the millisecond; XML and SQLite keep "
                "microseconds.");
        }
        told_->report().source_kind = std::move(kind);
        prepare();
        for (const auto& note : staged->notes) told_->lack(note);
        auto mapped = map();
        if (!mapped) return mapped.error();
        auto report = told_->finish();
        if (!report) return report.error();
        staging_.reset();
        if (!request_.keep_staging) files_.remove_staging();
        return std::move(*report);
    }

private:
    /// What the mapping asks of the rows, and whether the source has it.
    void prepare() {
        told_->report().cut_off = staging_->was_cut_off();
        for (const auto& model : staging_->models()) {
            told_->model(model).rows += staging_->rows_of(model);
        }
        staging_->each_reject([&](const Reject& reject) {
            auto& model = told_->model(reject.model);
            if (reject.code == "repeated") {
                ++model.repeated;
                return;
            }
            ++model.rejected;
            told_->count(reject);
        });
        tell_relations(*staging_, mapping_);
        bool types = told_->report().models.contains("contenttypes.contenttype");
        for (const auto& reverse : mapping_.reverses) {
            staging_->index(reverse);
            if (is_there_otherwise(reverse.model)) continue;
            if (!told_->report().models.contains(reverse.model)) {
                told_->lack("The source has no rows of " + reverse.model +
                            ", which the mapping asks for.");
            } else if (reverse.fields.size() == 2 && !types) {
                told_->lack(
                    "The source has no content types, so what " + reverse.model +
                    " points to is not known, unless it was dumped with --natural-foreign.");
            }
        }
    }

    /// Wagtail's revisions were rows of another model before: one of the two is enough.
    bool is_there_otherwise(const std::string& model) const {
        const auto& there = told_->report().models;
        if (there.contains(model)) return false;
        for (const auto& item : mapping_.items) {
            bool asked = false, other = false;
            for (const auto& rows : item.history.rows) {
                if (!rows.reverse) continue;
                asked = asked || rows.reverse->model == model;
                other = other || there.contains(rows.reverse->model);
            }
            if (asked && other) return true;
        }
        return false;
    }

    base::Result<void> map() {
        Walk walk({mapping_, *staging_, *zone_, naive_is_utc_, now_, receiver_, *told_, progress_,
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
    bool naive_is_utc_ = false;
    ImportFiles files_;
    std::unique_ptr<ReportBuilder> told_;
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
