#include "staging_store.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "names.hpp"
#include "packed_value.hpp"
#include "private_file.hpp"
#include "row_key_json.hpp"
#include "value_json.hpp"

namespace django {

// record: each row by its model and its key (row_key_json.hpp), the body as packed_value.hpp has
// it. pointer: for a Reverse, which row (`source`) points to what (`target`: the pk's text; of a
// generic
//   key the model, a bar, and the pk's text).
// relation: each Reverse, and whether all its pointers are there (relation_whole).
// seen: the legacy_ids of the rows that the pass under way has come across.

namespace {

/// A dump whose every row is of another model is none.
constexpr std::size_t staged_models_max = 2000;
/// Keys are in every index and in every report.
constexpr std::size_t key_bytes_max = 1000;
/// Rows that are read in one go; at least one.
constexpr std::size_t page_bytes_max = 32 * 1024 * 1024;

}  // namespace

StagingStore::StagingStore(Options options) : options_(std::move(options)) {
    open();
    // What was being written when the machine ended may be damaged.
    bool is_sound =
        !note("durable").empty() || (!options_.boot.empty() && note("boot") == options_.boot);
    if (note("identity") == options_.identity && is_sound) {
        if (!note("durable").empty()) {
            store_->commit();
            store_->make_durable();
        }
        point_early();
    } else {
        start_anew();
    }
}

void StagingStore::open() {
    // It holds password hashes, and the engine would let everybody read it.
    auto made = make_private(options_.file);
    if (!made) throw database::Failure(database::FailureKind::unopened, made.error().message);
    store_ = std::make_unique<database::ScratchStore>(options_.file);
    store_->transaction().execute(
        "create table if not exists model (number integer primary key, name text not null unique);"
        "create table if not exists record (model integer not null, key text not null, natural "
        "text,"
        " line integer not null, body blob not null, primary key (model, key));"
        "create index if not exists record_natural on record (model, natural)"
        " where natural is not null;"
        "create table if not exists pointer (relation integer not null, target text not null,"
        " source text not null, primary key (relation, target, source));"
        "create table if not exists relation (number integer primary key, name text not null "
        "unique,"
        " state integer not null);"
        "create table if not exists reject (number integer primary key, model text not null,"
        " line integer not null, code text not null, message text not null, text text not null);"
        "create table if not exists seen (legacy_id text primary key);"
        "create table if not exists note (name text primary key, value text not null)");
    store_->commit();
    numbers_.clear();
    names_.clear();
    auto rows = store_->transaction().prepare("select number, name from model order by number");
    while (rows.step()) {
        numbers_[std::string(rows.text(1))] = rows.integer(0);
        names_.resize(static_cast<std::size_t>(rows.integer(0)) + 1);
        names_.back() = rows.text(1);
    }
}

void StagingStore::start_anew() {
    store_.reset();
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
        std::filesystem::remove(options_.file.string() + suffix);
    }
    open();
    set_note("identity", options_.identity);
    set_note("boot", options_.boot);
    begin_relations();
    store_->commit();
    point_early();
}

std::string StagingStore::note(const std::string& name) const {
    auto rows = store_->transaction().prepare("select value from note where name = ?");
    rows.bind(1, name);
    return rows.step() ? std::string(rows.text(0)) : std::string();
}

void StagingStore::set_note(const std::string& name, const std::string& value) {
    store_->transaction()
        .prepare(
            "insert into note (name, value) values (?1, ?2)"
            " on conflict (name) do update set value = excluded.value")
        .bind(1, name)
        .bind(2, value)
        .run();
}

std::optional<SourcePlace> StagingStore::place() const {
    auto bytes = base::parse_number(note("bytes"), INT64_MAX);
    auto line = base::parse_number(note("line"), INT64_MAX);
    if (!bytes || !line) return std::nullopt;
    return SourcePlace{*bytes, *line};
}

bool StagingStore::is_complete() const {
    return !note("complete").empty();
}

bool StagingStore::was_cut_off() const {
    return note("complete") == "cut off";
}

void StagingStore::keep(const SourcePlace& place) {
    set_note("bytes", std::to_string(place.bytes));
    set_note("line", std::to_string(place.line));
    store_->commit();
}

void StagingStore::complete(const std::map<std::string, std::string>& relations, bool cut_off) {
    Value told = Value::object();
    for (const auto& [field, model] : relations) {
        told.names.push_back(field);
        told.items.emplace_back(model);
    }
    end_early();
    set_note("relations", to_json(told));
    if (options_.is_kept) {
        store_->commit();
        store_->make_durable();
        set_note("durable", "yes");
    }
    set_note("complete", cut_off ? "cut off" : "whole");
    store_->commit();
}

std::map<std::string, std::string> StagingStore::told_relations() const {
    std::map<std::string, std::string> relations;
    // This is our own text, however many fields a site has.
    auto told = value_from_json(note("relations"), {4, 100'000});
    if (!told) return relations;
    for (std::size_t i = 0; i < told->names.size(); ++i) {
        relations[told->names[i]] = told->items[i].text;
    }
    return relations;
}

std::int64_t StagingStore::known_number_of(const std::string& model) const {
    auto found = numbers_.find(model);
    return found == numbers_.end() ? -1 : found->second;
}

std::int64_t StagingStore::number_of(const std::string& model) {
    auto known = known_number_of(model);
    if (known >= 0) return known;
    if (names_.size() >= staged_models_max) return -1;
    auto number = static_cast<std::int64_t>(names_.size());
    store_->transaction()
        .prepare("insert into model (number, name) values (?1, ?2)")
        .bind(1, number)
        .bind(2, model)
        .run();
    numbers_[model] = number;
    names_.push_back(model);
    return number;
}

std::string StagingStore::natural_of(const Record& record) const {
    auto fields = options_.natural_keys.find(record.model);
    if (fields == options_.natural_keys.end()) return "";
    std::vector<Value> parts;
    for (const auto& field : fields->second) {
        const auto* value = record.fields.find(field);
        if (!value) return "";
        parts.push_back(*value);
    }
    return natural_text(Value::list(std::move(parts)));
}

StagingStore::Put StagingStore::put(const Record& record, std::string_view packed, bool verified) {
    auto natural = natural_of(record);
    auto key = sorted_key(record.key, natural);
    if (key.empty()) return Put::missing_key;
    if (key.size() > key_bytes_max) return Put::long_key;
    if (natural.size() > key_bytes_max) natural.clear();
    auto model = number_of(record.model);
    if (model < 0) return Put::too_many_models;
    if (!verified && !value_from_json(to_json(record.fields))) return Put::unreadable;
    auto& transaction = store_->transaction();
    {
        auto insert = transaction.prepare(
            "insert into record (model, key, natural, line, body) values (?1, ?2, ?3, ?4, ?5)"
            " on conflict (model, key) do nothing");
        insert.bind(1, model).bind(2, key).bind(4, record.line).bind_blob(5, packed);
        if (natural.empty()) {
            insert.bind(3, std::nullopt);
        } else {
            insert.bind(3, natural);
        }
        insert.run();
    }
    if (transaction.changes() > 0) {
        point(record, key);
        return Put::added;
    }
    auto rows = transaction.prepare("select body from record where model = ?1 and key = ?2");
    rows.bind(1, model).bind(2, key);
    return rows.step() && rows.blob(0) == packed ? Put::repeated : Put::differs;
}

void StagingStore::reject(const Reject& reject) {
    store_->transaction()
        .prepare(
            "insert into reject (model, line, code, message, text) values (?1, ?2, ?3, ?4, ?5)")
        .bind(1, reject.model)
        .bind(2, reject.line)
        .bind(3, reject.code)
        .bind(4, reject.message)
        .bind(5, reject.row)
        .run();
}

void StagingStore::each_reject(const std::function<void(const Reject&)>& hear) const {
    auto rows = store_->transaction().prepare(
        "select model, line, code, message, text from reject order by number");
    while (rows.step()) {
        hear({std::string(rows.text(0)), rows.integer(1), std::string(rows.text(2)),
              std::string(rows.text(3)), std::string(rows.text(4))});
    }
}

std::vector<std::string> StagingStore::models() const {
    auto all = names_;
    std::sort(all.begin(), all.end());
    return all;
}

std::int64_t StagingStore::rows_of(const std::string& model) const {
    auto rows = store_->transaction().prepare("select count(*) from record where model = ?");
    rows.bind(1, known_number_of(model));
    return rows.step() ? rows.integer(0) : 0;
}

RowPointer StagingStore::row_from(std::int64_t model, std::string_view key, std::string_view body,
                                  std::int64_t line) const {
    auto row = std::make_shared<Row>();
    row->model = names_[static_cast<std::size_t>(model)];
    row->line = line;
    if (auto fields = unpacked(body)) row->fields = std::move(*fields);
    row->key = key_from_sorted(key);
    return row;
}

std::vector<RowPointer> StagingStore::next_rows(const std::string& model, std::string& after,
                                                std::size_t count) const {
    std::vector<RowPointer> found;
    auto number = known_number_of(model);
    auto rows = store_->transaction().prepare(
        "select key, body, line from record where model = ?1 and key > ?2 order by key limit ?3");
    rows.bind(1, number).bind(2, after).bind(3, static_cast<std::int64_t>(count));
    std::string last;
    std::size_t bytes = 0;
    while (bytes < page_bytes_max && rows.step()) {
        found.push_back(row_from(number, rows.text(0), rows.blob(1), rows.integer(2)));
        bytes += memory_of(found.back()->fields);
        last = rows.text(0);
    }
    if (!last.empty()) after = last;
    return found;
}

RowPointer StagingStore::find(const std::string& model, const Value& key) const {
    auto number = known_number_of(model);
    if (number < 0 || key.is_null() || key.is_object()) return nullptr;
    bool natural = key.is_list();
    auto text = natural ? natural_text(key) : sorted_key(key);
    auto name = std::to_string(number) + (natural ? "n" : "k") + text;
    if (auto known = cache_.find(name); known != cache_.end()) return known->second;
    RowPointer row;
    std::size_t bytes = 200 + name.size();
    auto ask = [&](const char* sql, const std::string& asked) {
        auto rows = store_->transaction().prepare(sql);
        rows.bind(1, number).bind(2, asked);
        if (!rows.step()) return;
        row = row_from(number, rows.text(0), rows.blob(1), rows.integer(2));
        bytes += memory_of(row->fields);
    };
    if (natural) {
        ask("select key, body, line from record where model = ?1 and natural = ?2", text);
    } else {
        constexpr auto by_key = "select key, body, line from record where model = ?1 and key = ?2";
        ask(by_key, text);
        if (!row) ask(by_key, sorted_other_form(key));
    }
    cached_bytes_ += static_cast<std::int64_t>(bytes);
    if (cached_bytes_ > options_.cache_bytes) {
        cache_.clear();
        cached_bytes_ = static_cast<std::int64_t>(bytes);
    }
    cache_[name] = row;
    return row;
}

std::string StagingStore::target(const std::string& model, const std::string& field) const {
    return relations_.target(model, field);
}

std::optional<Value> StagingStore::parsed(std::string_view json) const {
    auto value = value_from_json(json);
    if (!value) return std::nullopt;
    return std::move(*value);
}

}  // namespace django
