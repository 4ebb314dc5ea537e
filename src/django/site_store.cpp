#include "site_store.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "names.hpp"
#include "value_json.hpp"

namespace django {

namespace {

constexpr std::size_t numbers_per_question = 500;

std::string quoted(const std::string& name) {
    std::string out = "\"";
    for (char c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

bool names(const std::string& type, const char* word) {
    return lower(type).find(word) != std::string::npos;
}

/// As JSON writes one, which what SQLite keeps in a column of numbers need not be.
bool is_number(std::string_view text) {
    if (base::parse_number(text, INT64_MAX)) return true;
    auto value = value_from_json(text);
    return value && value->is_number();
}

/// By what the column was declared as, since SQLite keeps booleans as numbers.
Value value_of(database::Statement& statement, int column, const std::string& type) {
    auto text = statement.text_or_null(column);
    if (!text) return Value();
    bool truth = names(type, "bool") && (*text == "0" || *text == "1");
    if (truth) return Value::boolean(*text == "1");
    bool numbers = names(type, "int") || names(type, "real") || names(type, "decimal");
    if (numbers && is_number(*text)) return Value::number(std::string(*text));
    return Value(std::string(*text));
}

/// By their names: a star would give generated columns too, which the table does not list.
std::string columns_of(const database::Table& table) {
    std::string out;
    for (const auto& column : table.columns) out += (out.empty() ? "" : ", ") + quoted(column.name);
    return out;
}

const database::Table::Column* key_of(const database::Table& table) {
    const database::Table::Column* key = nullptr;
    for (const auto& column : table.columns) {
        if (!column.is_key) continue;
        if (key) return nullptr;
        key = &column;
    }
    return key;
}

}  // namespace

SiteStore::SiteStore(const std::filesystem::path& file, std::size_t row_bytes_max)
    : file_(file), transaction_(file_.transaction()), row_bytes_max_(row_bytes_max) {
    auto tables = file_.tables();
    name_models(tables);
    find_links(tables);
}

void SiteStore::name_models(const std::vector<database::Table>& tables) {
    std::map<std::string, std::string> models;
    bool told = std::any_of(tables.begin(), tables.end(), [](const database::Table& table) {
        return table.name == "django_content_type";
    });
    if (told) {
        auto rows = transaction_.prepare("select app_label, model from django_content_type");
        while (rows.step()) {
            std::string app(rows.text(0));
            std::string model(rows.text(1));
            models[app + "_" + model] = app + "." + model;
        }
    }
    // Django's own have names that are not made from their apps.
    models["django_content_type"] = "contenttypes.contenttype";
    models["django_session"] = "sessions.session";
    models["django_site"] = "sites.site";
    models["django_admin_log"] = "admin.logentry";
    models["django_redirect"] = "redirects.redirect";
    models["django_flatpage"] = "flatpages.flatpage";
    models["django_comments"] = "django_comments.comment";
    models["authtoken_token"] = "authtoken.token";
    for (const auto& table : tables) {
        auto found = models.find(table.name);
        const auto* key = key_of(table);
        if (found == models.end() || !key || table.row_number.empty()) continue;
        models_.push_back({found->second, table, key->name, columns_of(table), {}});
    }
}

std::string SiteStore::model_of_table(const std::string& table) const {
    for (const auto& model : models_) {
        if (model.table.name == table) return model.name;
    }
    return "";
}

void SiteStore::find_links(const std::vector<database::Table>& tables) {
    for (auto& model : models_) {
        for (const auto& column : model.table.columns) {
            auto to = model_of_table(column.refers_to);
            if (to.empty()) continue;
            auto field = column.name;
            if (field.ends_with("_id")) field.resize(field.size() - 3);
            relations_[model.name + "." + field] = to;
        }
    }
    for (const auto& table : tables) {
        if (!model_of_table(table.name).empty()) continue;
        // `news_article_tags`: the model whose table's name is the longest that it begins with.
        Model* owner = nullptr;
        for (auto& model : models_) {
            if (!table.name.starts_with(model.table.name + "_")) continue;
            if (!owner || owner->table.name.size() < model.table.name.size()) owner = &model;
        }
        std::vector<const database::Table::Column*> ends;
        for (const auto& column : table.columns) {
            if (!column.refers_to.empty()) ends.push_back(&column);
        }
        bool links = owner && table.columns.size() == 3 && ends.size() == 2;
        if (!links) {
            if (!table.name.starts_with("django_")) untold_.push_back(table.name);
            continue;
        }
        // Of a model with itself: from_article_id and to_article_id.
        bool swapped = ends[0]->refers_to != owner->table.name || ends[0]->name.starts_with("to_");
        if (swapped) std::swap(ends[0], ends[1]);
        auto field = table.name.substr(owner->table.name.size() + 1);
        relations_[owner->name + "." + field] = model_of_table(ends[1]->refers_to);
        owner->links.push_back({field, table.name, ends[0]->name, ends[1]->name, ends[1]->type});
    }
}

bool SiteStore::next_numbers() {
    const auto& model = models_[at_];
    const auto& number = model.table.row_number;
    auto rows = transaction_.prepare("select " + number + " from " + quoted(model.table.name) +
                                     (last_ ? " where " + number + " > ?1" : "") + " order by " +
                                     number + " limit " + std::to_string(numbers_per_question));
    if (last_) rows.bind(1, *last_);
    try {
        while (rows.step()) numbers_.push_back(rows.integer(0));
    } catch (const database::Failure&) {
        // What stands before is read first; the next question ends here again.
        if (numbers_.empty()) throw;
    }
    if (numbers_.empty()) return false;
    // In a damaged file they may go back, and then round and round.
    bool rises = !last_ || *last_ < numbers_.back();
    if (!rises) transaction_.damaged("rows of " + model.table.name + " are out of order");
    last_ = numbers_.back();
    std::reverse(numbers_.begin(), numbers_.end());
    return true;
}

void SiteStore::next_model() {
    ++at_;
    numbers_.clear();
    last_.reset();
    row_ = 0;
}

Source::Item SiteStore::next() {
    try {
        for (; at_ < models_.size(); next_model()) {
            if (!numbers_.empty() || next_numbers()) return read_next();
        }
    } catch (const database::Failure& failure) {
        using database::FailureKind;
        if (failure.kind() == FailureKind::io) throw;
        Reject reject{
            models_[at_].name, row_, "damaged",
            "The table cannot be read from here on: " + std::string(failure.what()) + "."};
        next_model();
        damaged_ = true;
        if (failure.is_fatal() || failure.kind() == FailureKind::inconsistent) {
            at_ = models_.size();
        }
        return reject;
    }
    return SourceEnd{damaged_};
}

Source::Item SiteStore::read_next() {
    auto number = numbers_.back();
    numbers_.pop_back();
    ++row_;
    try {
        return read_row(number);
    } catch (const database::Failure& failure) {
        // One value that is larger than any may be ends only its own row.
        if (failure.is_fatal()) throw;
        return Reject{models_[at_].name, row_, "row_too_long", failure.what()};
    }
}

Source::Item SiteStore::read_row(std::int64_t number) {
    const auto& model = models_[at_];
    auto rows =
        transaction_.prepare("select " + model.columns + " from " + quoted(model.table.name) +
                             " where " + model.table.row_number + " = ?1");
    rows.bind(1, number);
    Record record;
    record.model = model.name;
    record.line = row_;
    record.fields = Value::object();
    std::size_t bytes = 0;
    if (!rows.step()) return Reject{model.name, row_, "not_a_row", "The row is gone."};
    for (std::size_t i = 0; i < model.table.columns.size(); ++i) {
        const auto& column = model.table.columns[i];
        auto value = value_of(rows, static_cast<int>(i), column.type);
        bytes += value.text.size();
        if (column.name == model.key) {
            // The key of a child model points to its parent, and is no field of a dump either.
            record.key = std::move(value);
            continue;
        }
        auto name = column.name;
        if (!column.refers_to.empty() && name.ends_with("_id")) name.resize(name.size() - 3);
        record.fields.set(name, std::move(value));
    }
    if (bytes > row_bytes_max_) {
        return Reject{model.name, row_, "row_too_long",
                      "The row is longer than " + std::to_string(row_bytes_max_) +
                          " bytes (django.row_bytes_max)."};
    }
    if (!read_links(record)) {
        return Reject{model.name, row_, "too_many_values",
                      "A many-to-many field of this row has more than 10000 others."};
    }
    return record;
}

bool SiteStore::read_links(Record& record) {
    constexpr std::size_t links_max = 10'000;
    for (const auto& links : models_[at_].links) {
        auto rows =
            transaction_.prepare("select " + quoted(links.other) + " from " + quoted(links.table) +
                                 " where " + quoted(links.own) + " = ?1 order by " + quoted("id"));
        // A column of numbers takes this as the number that it says.
        rows.bind(1, record.key.text);
        std::vector<Value> others;
        while (rows.step()) {
            if (others.size() == links_max) return false;
            others.push_back(value_of(rows, 0, links.other_type));
        }
        record.fields.set(links.field, Value::list(std::move(others)));
    }
    return true;
}

}  // namespace django
