#include "django/export.hpp"

#include <memory>
#include <optional>

#include "base_row_json.hpp"
#include "gone_rows_service.hpp"
#include "import_files.hpp"
#include "mapping_file_json.hpp"
#include "names.hpp"
#include "open_store.hpp"
#include "out_file.hpp"
#include "portal_reader_service.hpp"
#include "site_rows_service.hpp"
#include "staging_service.hpp"
#include "unusable_password.hpp"
#include "walk_service.hpp"

namespace django {

namespace {

using base::Result;

constexpr std::size_t rows_per_write = 500;

class Export {
public:
    Export(const ExportRequest& request, const Config& config, const Mapping& mapping,
           const base::TimeZone& zone, const Exported& exported, base::Time now,
           const ImportProgress& progress, const std::atomic<bool>& stop)
        : request_(request),
          config_(config),
          mapping_(mapping),
          zone_(zone),
          exported_(exported),
          portal_(exported),
          now_(now),
          progress_(progress),
          stop_(stop),
          out_(request.out),
          told_(request.out.string() + ".kept.jsonl", report_) {
        import_.source = request.base;
        import_.folder = request.folder;
    }

    Result<ExportReport> run() {
        ImportFiles files(import_);
        auto opened = open_source(request_.base, config_.row_bytes_max);
        if (!opened) return opened.error();
        if (!opened->source->place()) return base_is_no_dump(request_.base);
        auto ready = files.open();
        if (!ready) return ready.error();
        ready = out_.open();
        if (ready) ready = told_.open();
        if (!ready) return ready.error();
        Staging staging{import_.source, files.staging(),      mapping_, config_, progress_,
                        stop_,          request_.keep_staging};
        auto staged = stage(std::move(*opened), staging);
        if (!staged) return staged.error();
        staging_ = std::move(staged->store);
        report_.cut_off = staging_->was_cut_off();
        prepare(staged->naive_is_utc);
        auto done = write_all();
        if (!done) return done.error();
        rows_.reset();
        passes_.reset();
        staging_.reset();
        if (!request_.keep_staging) files.remove_staging();
        done = told_.finish();
        if (done) done = out_.finish();
        if (!done) return done.error();
        return std::move(report_);
    }

private:
    void prepare(bool naive_is_utc) {
        tell_relations(*staging_, mapping_);
        for (const auto& reverse : mapping_.reverses) staging_->index(reverse);
        // A row of a later dump than the base.
        auto is_taken = [this](const std::string& model, const std::string& key) {
            auto known = portal_.known({model + ":" + key});
            if (!known) throw std::runtime_error(known.error().message);
            return static_cast<bool>(known->front());
        };
        passes_.emplace(*staging_, stop_);
        rows_.emplace(SiteRows::Parts{mapping_, *staging_, zone_, naive_is_utc, exported_.embeds,
                                      *passes_, now_, request_.own_pks, is_taken});
        auto may_be_null = [this](const std::string& model, const std::string& field) {
            return rows_->may_be_null(model, field);
        };
        left_out_ = std::make_unique<LeftOutRows>(*staging_, mapping_, *passes_, may_be_null);
        erased_ = std::make_unique<ErasedRows>(mapping_, *staging_, *passes_, rows_->survey());
        gone_ = std::make_unique<GoneRows>(*left_out_, *erased_, told_);
        for (const auto& rules : mapping_.users) report_.rules.push_back({"users", rules.model});
        for (const auto& rules : mapping_.items) report_.rules.push_back({"news", rules.model});
    }

    ExportedRule& of_person(std::size_t rule) { return report_.rules[rule]; }
    ExportedRule& of_article(std::size_t rule) {
        return report_.rules[rows_->people().size() + rule];
    }

    Result<void> write_all() {
        auto done = find_left_out();
        if (done) done = write_base();
        if (done) done = write_new_people();
        if (done) done = write_new_articles();
        if (done && passes_->is_cut_short()) return import_stopped();
        return done;
    }

    /// The rows of a mapped model, each block with its legacy_ids.
    template <class Look>
    Result<void> each_block(const std::string& model, const Look& look) {
        std::string after;
        for (auto rows = staging_->next_rows(model, after, rows_per_write); !rows.empty();
             rows = staging_->next_rows(model, after, rows_per_write)) {
            if (stop_.load()) return import_stopped();
            std::vector<std::string> ids;
            for (const auto& row : rows) ids.push_back(legacy_id_of(*row));
            auto done = look(rows, ids);
            if (!done) return done;
        }
        return {};
    }

    Result<void> find_left_out() {
        left_out_->begin();
        erased_->begin();
        for (const auto& rules : rows_->articles()) {
            auto look = [&](const auto& rows, const auto& ids) -> Result<void> {
                auto articles = portal_.articles(ids);
                if (!articles) return articles.error();
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    leave_out_hidden(rows[i], (*articles)[i]);
                }
                return {};
            };
            auto done = each_block(rules.rules().model, look);
            if (!done) return done;
        }
        for (const auto& rules : rows_->people()) {
            auto look = [&](const auto& rows, const auto& ids) -> Result<void> {
                auto accounts = portal_.accounts(ids);
                if (!accounts) return accounts.error();
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    if (!(*accounts)[i].erased) continue;
                    erased_->add(*rows[i]);
                    if (rows_->emptied(rows[i])) continue;
                    gone_->leave_out(*rows[i]);
                    ++of_person(rows_->rule_of_person(rows[i])).left_out;
                    told_.warn(
                        "erased_left_out", *rows[i],
                        "the row of somebody who was erased here cannot be emptied, so it is left "
                        "out with all that points to it");
                }
                return {};
            };
            auto done = each_block(rules.rules().model, look);
            if (!done) return done;
        }
        report_.with_removed = gone_->spread([this](const RowPointer& row) {
            return rows_->rule_of_article(row) < rows_->articles().size();
        });
        return {};
    }

    /// If it was removed here, or would be public there and is not here.
    void leave_out_hidden(const RowPointer& row, const PortalArticle& article) {
        if (article.kind == PortalArticle::Kind::unknown || left_out_->contains(*row)) return;
        bool is_here = article.kind == PortalArticle::Kind::here;
        if (is_here) {
            if (news::is_public(article.article, now_)) return;
            auto changed = rows_->changed(row, article.article);
            const auto& now = std::get<RowPointer>(changed.row);
            if (!rows_->articles()[changed.rule].shows_hidden(now, article.article)) return;
        }
        gone_->leave_out(*row);
        ++of_article(rows_->rule_of_article(row)).left_out;
        if (!is_here) return told_.add("removed", *row, "was removed here");
        told_.warn(
            "draft_left_out", *row,
            "is not public here, and would be there, since no rule can be turned round to say so: "
            "it is left out with all that points to it");
    }

    /// Reads the base once more, for its order and for what is no row of a mapped model.
    Result<void> write_base() {
        auto opened = open_source(request_.base, config_.row_bytes_max);
        if (!opened) return opened.error();
        std::vector<BaseRow> block;
        for (;;) {
            auto item = opened->source->next();
            if (auto* record = std::get_if<Record>(&item))
                block.push_back(base_row(std::move(*record), mapping_.natural_keys));
            if (const auto* reject = std::get_if<Reject>(&item)) {
                Row nothing;
                nothing.model = reject->model;
                nothing.key = Value("line " + std::to_string(reject->line));
                told_.warn(reject->code, nothing, "is no row that can be read, and was left out");
            }
            bool at_end = std::holds_alternative<SourceEnd>(item);
            if (!at_end && block.size() < rows_per_write) continue;
            auto done = write_block(block);
            if (!done) return done;
            if (at_end) return {};
            if (stop_.load()) return import_stopped();
            progress_("writing", opened->bytes_read(), opened->bytes);
            block.clear();
        }
    }

    Result<void> write_block(const std::vector<BaseRow>& block) {
        std::map<std::string, std::vector<std::string>> ids;
        for (const auto& one : block) ids[one.row->model].push_back(legacy_id_of(*one.row));
        std::map<std::string, PortalArticle> articles;
        std::map<std::string, PortalAccount> accounts;
        for (const auto& rules : rows_->articles()) {
            auto of_model = ids.find(rules.rules().model);
            if (of_model == ids.end()) continue;
            auto found = portal_.articles(of_model->second);
            if (!found) return found.error();
            for (std::size_t i = 0; i < found->size(); ++i) {
                articles[of_model->second[i]] = std::move((*found)[i]);
            }
        }
        for (const auto& rules : rows_->people()) {
            auto of_model = ids.find(rules.rules().model);
            if (of_model == ids.end()) continue;
            auto found = portal_.accounts(of_model->second);
            if (!found) return found.error();
            for (std::size_t i = 0; i < found->size(); ++i) {
                accounts[of_model->second[i]] = std::move((*found)[i]);
            }
        }
        for (const auto& one : block) write(one, articles, accounts);
        return {};
    }

    void write(const BaseRow& one, const std::map<std::string, PortalArticle>& articles,
               const std::map<std::string, PortalAccount>& accounts) {
        if (left_out_->contains(*one.row)) return;
        auto id = legacy_id_of(*one.row);
        auto row = one.row;
        auto article = articles.find(id);
        auto account = accounts.find(id);
        if (article != articles.end() || account != accounts.end()) {
            auto first = staging_->find(row->model, row->key);
            if (first && !(first->fields == row->fields)) {
                told_.warn("duplicate_pk", *row, "another row before it has the same pk: left out");
                return;
            }
        }
        if (article != articles.end()) row = with_article(row, article->second);
        if (account != accounts.end()) row = with_account(row, account->second);
        add(*gone_->without(row), one.has_pk);
    }

    void add(const Row& row, bool has_pk) {
        out_.add(row.model, has_pk ? row.key : Value(), row.fields);
        ++report_.models[row.model];
    }

    RowPointer with_article(const RowPointer& row, const PortalArticle& article) {
        if (article.kind != PortalArticle::Kind::here) {
            ++of_article(rows_->rule_of_article(row)).not_here;
            return row;
        }
        if (article.article.legacy_id.empty()) staging_->see({place_of(article.article)});
        auto changed = rows_->changed(row, article.article);
        return settle_changed(row, changed, of_article(changed.rule));
    }

    /// Of one that was made here, and came to the base by the feed.
    static std::string place_of(const news::Article& article) {
        return "here " + article.news_type + ":" + std::to_string(article.id);
    }

    RowPointer with_account(const RowPointer& row, const PortalAccount& account) {
        if (account.erased || !account.person) {
            auto& report = of_person(rows_->rule_of_person(row));
            ++(account.erased ? report.emptied : report.not_here);
            return account.erased ? rows_->emptied(row) : row;
        }
        auto changed = rows_->changed(row, *account.person);
        auto now = settle_changed(row, changed, of_person(changed.rule));
        const auto& rules = rows_->people()[changed.rule];
        if (!rules.lets_do_more(now, *account.person, changed.left)) return now;
        auto locked = rules.with_password(now, unusable_password());
        told_.warn(
            locked ? "locked" : "not_locked", *row,
            std::string("may do less here, or not log in, which no rule can be turned round to "
                        "say: ") +
                (locked ? "the row has a password that nobody has"
                        : "the row has no password that could be taken away"));
        return locked ? locked : now;
    }

    RowPointer settle_changed(const RowPointer& row, const SiteRows::Outcome& changed,
                              ExportedRule& report) {
        const auto& now = std::get<RowPointer>(changed.row);
        told_.tell_left(*row, changed.left);
        ++(now == row ? report.unchanged : report.changed);
        return now;
    }

    Result<void> write_new_people() {
        std::int64_t after = 0;
        for (bool at_end = rows_->people().empty(); !at_end;) {
            auto people = portal_.new_people(after, at_end);
            if (!people) return people.error();
            for (const auto& person : *people) {
                auto made = rows_->made(person);
                settle_made(made, of_person(made.rule), "account", person.account.account.id);
            }
            if (stop_.load()) return import_stopped();
        }
        return {};
    }

    Result<void> write_new_articles() {
        if (rows_->articles().empty()) return {};
        for (const auto& [type, instance] : exported_.types) {
            for (std::int64_t position = 0;;) {
                auto articles = portal_.new_articles(type, position);
                if (!articles) return articles.error();
                if (!*articles) break;
                for (const auto& article : **articles) {
                    if (staging_->seen({place_of(article)}).front()) continue;
                    auto made = rows_->made(article);
                    settle_made(made, of_article(made.rule), article.news_type, article.id);
                }
                if (stop_.load()) return import_stopped();
            }
        }
        return {};
    }

    void settle_made(const SiteRows::Outcome& made, ExportedRule& report, const std::string& what,
                     std::int64_t id) {
        if (const auto* why = std::get_if<std::string>(&made.row)) {
            ++report.not_added;
            Row nothing;
            nothing.model = what;
            nothing.key = Value::number(id);
            return told_.warn("not_added", nothing, *why);
        }
        const auto& row = std::get<RowPointer>(made.row);
        if (left_out_->needs_one(*row)) {
            ++report.not_added;
            return told_.warn("not_added", *row, "its row would lead to one that is left out");
        }
        told_.tell_left(*row, made.left);
        ++report.added;
        add(*gone_->without(row), !row->key.is_null());
    }

    const ExportRequest& request_;
    const Config& config_;
    const Mapping& mapping_;
    const base::TimeZone& zone_;
    const Exported& exported_;
    PortalReader portal_;
    const base::Time now_;
    const ImportProgress& progress_;
    const std::atomic<bool>& stop_;
    ImportRequest import_;
    OutFile out_;
    ExportReport report_;
    ExportTold told_;
    std::unique_ptr<StagingStore> staging_;
    std::optional<Passes> passes_;
    std::optional<SiteRows> rows_;
    std::unique_ptr<LeftOutRows> left_out_;
    std::unique_ptr<ErasedRows> erased_;
    std::unique_ptr<GoneRows> gone_;
};

}  // namespace

Result<ExportReport> export_site(const ExportRequest& request, const Config& config,
                                 const base::Clock& clock, const Exported& exported,
                                 const ImportProgress& progress, const std::atomic<bool>& stop) {
    auto mapping = read_mapping(request.mapping);
    if (!mapping) return mapping.error();
    auto zone = base::TimeZone::load(mapping->time_zone);
    if (!zone) return zone.error();
    return Export(request, config, *mapping, **zone, exported, clock.now(), progress, stop).run();
}

}  // namespace django
