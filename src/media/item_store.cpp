#include "item_store.hpp"

#include "base/ids.hpp"
#include "bus/call_store.hpp"
#include "bus/store_inbox.hpp"
#include "event_json.hpp"
#include "rules.hpp"

namespace migrations {
database::MigrationSet media();
}

namespace media {

namespace {

constexpr std::size_t about_bytes = 600;

constexpr const char* columns =
    "i.id, i.version, i.sha256, i.kind, i.bytes, i.width, i.height, i.alt, i.credit, i.focus_x,"
    " i.focus_y, i.owner, i.created_at, (select count(*) from uses u where u.item = i.id),"
    " exists (select 1 from uses u join published p on p.news_type = u.news_type"
    " and p.article = u.article where u.item = i.id), i.position";

Item item_of(const database::Statement& row) {
    Item item;
    item.id = row.integer(0);
    item.version = row.integer(1);
    item.bytes = {std::string(row.text(2)), std::string(row.text(3)), row.integer(4),
                  row.integer(5), row.integer(6)};
    item.description = {std::string(row.text(7)), std::string(row.text(8))};
    item.focus = {row.real(9), row.real(10)};
    item.owner = row.integer_or_null(11);
    item.created_at = base::from_micros(row.integer(12));
    item.articles = row.integer(13);
    item.is_public = row.integer(14) == 1;
    item.position = row.integer(15);
    return item;
}

base::Result<Item> find(database::ReadTransaction& transaction, ItemId id) {
    auto row =
        transaction.prepare(std::string("select ") + columns + " from items i where i.id = ?");
    row.bind(1, id);
    if (!row.step()) return item_not_found();
    return item_of(row);
}

base::Error in_use(const Item& item) {
    return {base::Reason::conflict, "media_in_use",
            std::to_string(item.articles) +
                (item.articles == 1 ? " article shows" : " articles show") +
                " this, drafts included. Take it out of them first."};
}

}  // namespace

ItemStore::ItemStore(database::Database& database, bus::Log& log, const base::Clock& clock)
    : database_(database), log_(log), clock_(clock) {}

base::Task<Item> ItemStore::item(ItemId id, base::Context context) const {
    auto work = [id](database::ReadTransaction& transaction) { return find(transaction, id); };
    co_return co_await database_.read<Item>(context.deadline, std::move(work));
}

base::Task<std::vector<Item>> ItemStore::list(ListQuestion question, base::Context context) const {
    using All = std::vector<Item>;
    auto work = [question](database::ReadTransaction& transaction) -> base::Result<All> {
        All all;
        std::string sql = std::string("select ") + columns + " from items i where i.position < ?1";
        if (question.unused) sql += " and not exists (select 1 from uses u where u.item = i.id)";
        auto row = transaction.prepare(sql + " order by i.position desc limit ?2");
        row.bind(1, question.before.value_or(id_max)).bind(2, question.limit);
        while (row.step()) all.push_back(item_of(row));
        return all;
    };
    co_return co_await database_.read<All>(context.deadline, std::move(work));
}

bus::Event ItemStore::append(database::Transaction& transaction, ItemId id, std::int64_t version,
                             const Event& event, const base::Command& command) {
    return log_.append(transaction, {id, version, std::string(name_of(event)), to_json(event),
                                     command.context.actor.subject(), command.context.request_id});
}

void ItemStore::count(database::Transaction& transaction, std::int64_t more) {
    auto row = transaction.prepare(
        "update totals set items = items + ? where id = 1"
        " returning items");
    row.bind(1, more);
    if (!row.step()) transaction.damaged("the totals are missing");
    auto total = row.integer(0);
    while (row.step()) {
    }
    transaction.after_commit([this, total] { total_.store(total); });
}

Item ItemStore::put_new(database::Transaction& transaction, MediaAdded added,
                        const base::Command& command) {
    Item item;
    // One of two million in a second; if there is such an item, the log refuses its first version.
    item.id = base::make_news_id(clock_.now(), base::random_bits());
    item.version = 1;
    auto stored = append(transaction, item.id, item.version, Event(added), command);
    item.bytes = std::move(added.bytes);
    item.description = std::move(added.description);
    item.focus = added.focus;
    item.owner = command.context.actor.subject();
    item.created_at = stored.recorded_at;
    item.position = stored.position;
    transaction
        .prepare(
            "insert into items (id, version, sha256, kind, bytes, width, height, alt, credit,"
            " focus_x, focus_y, owner, created_at, position)"
            " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")
        .bind(1, item.id)
        .bind(2, item.version)
        .bind(3, item.bytes.sha256)
        .bind(4, item.bytes.kind)
        .bind(5, item.bytes.bytes)
        .bind(6, item.bytes.width)
        .bind(7, item.bytes.height)
        .bind(8, item.description.alt)
        .bind(9, item.description.credit)
        .bind_real(10, item.focus.x)
        .bind_real(11, item.focus.y)
        .bind(12, item.owner)
        .bind(13, base::to_micros(item.created_at))
        .bind(14, item.position)
        .run();
    count(transaction, 1);
    bus::remember_call(transaction, command.idempotency_key, {item.id, item.version}, clock_.now());
    return item;
}

base::Task<Item> ItemStore::add(Bytes bytes, Description description, Focus focus,
                                base::Command command) {
    auto deadline = command.context.deadline;
    MediaAdded added{std::move(bytes), std::move(description), focus};
    auto work = [this, added = std::move(added), command = std::move(command)](
                    database::Transaction& transaction) mutable -> base::Result<Item> {
        auto call = bus::find_call(transaction, command.idempotency_key, clock_.now());
        if (!call) return call.error();
        if (*call) return find(transaction, (*call)->stream);
        return put_new(transaction, added, command);
    };
    co_return co_await database_.write<Item>(deadline, about_bytes, std::move(work));
}

base::Result<Changed> ItemStore::apply(database::Transaction& transaction, ItemId id,
                                       const Change& change, const base::Command& command) {
    auto call = bus::find_call(transaction, command.idempotency_key, clock_.now());
    if (!call) return call.error();
    if (const auto& known = *call) {
        auto item = find(transaction, known->stream);
        if (!item) return item.error();
        return Changed{std::move(*item), known->stream != id};
    }
    auto item = find(transaction, id);
    if (!item) return item.error();
    auto allowed = may_change(*item, command.context.actor);
    if (!allowed) return allowed.error();
    auto expected = expect(item->version, command.expected, true);
    if (!expected) return expected.error();
    auto description = item->description;
    if (change.alt) description.alt = *change.alt;
    if (change.credit) description.credit = *change.credit;
    auto focus = change.focus.value_or(item->focus);
    auto trimmed = checked(description, focus);
    if (!trimmed) return trimmed.error();
    if (focus != item->focus) {
        MediaAdded added{item->bytes, std::move(*trimmed), focus};
        return Changed{put_new(transaction, std::move(added), command), true};
    }
    if (*trimmed != item->description) {
        ++item->version;
        item->description = *trimmed;
        append(transaction, id, item->version, MediaDescribed{std::move(*trimmed)}, command);
        transaction.prepare("update items set version = ?1, alt = ?2, credit = ?3 where id = ?4")
            .bind(1, item->version)
            .bind(2, item->description.alt)
            .bind(3, item->description.credit)
            .bind(4, id)
            .run();
    }
    bus::remember_call(transaction, command.idempotency_key, {id, item->version}, clock_.now());
    return Changed{std::move(*item), false};
}

base::Task<Changed> ItemStore::change(ItemId id, Change change, base::Command command) {
    auto deadline = command.context.deadline;
    auto bytes = about_bytes + 2 * (change.alt.value_or("").size());
    auto work = [this, id, change = std::move(change), command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<Changed> {
        return apply(transaction, id, change, command);
    };
    co_return co_await database_.write<Changed>(deadline, bytes, std::move(work));
}

base::Task<std::string> ItemStore::remove(ItemId id, base::Command command) {
    auto deadline = command.context.deadline;
    auto work = [this, id, command = std::move(command)](
                    database::Transaction& transaction) -> base::Result<std::string> {
        auto item = find(transaction, id);
        if (!item) return item.error();
        if (item->articles > 0) return in_use(*item);
        auto expected = expect(item->version, command.expected, false);
        if (!expected) return expected.error();
        append(transaction, id, item->version + 1, MediaRemoved{}, command);
        transaction.prepare("delete from items where id = ?").bind(1, id).run();
        count(transaction, -1);
        return std::move(item->bytes.sha256);
    };
    co_return co_await database_.write<std::string>(deadline, about_bytes, std::move(work));
}

bool ItemStore::has_bytes(const std::string& sha256) const {
    auto work = [&sha256](database::ReadTransaction& transaction) -> base::Result<bool> {
        auto row = transaction.prepare("select 1 from items where sha256 = ? limit 1");
        row.bind(1, sha256);
        return row.step();
    };
    auto has = base::run(database_.read<bool>(base::Deadline(), std::move(work)));
    // Without an answer nothing may be thrown away.
    return !has || *has;
}

base::Task<void> ItemStore::load() {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<std::int64_t> {
        auto row = transaction.prepare("select items from totals where id = 1");
        if (!row.step()) transaction.damaged("the totals are missing");
        return row.integer(0);
    };
    auto total = co_await database_.read<std::int64_t>(base::Deadline(), std::move(work));
    if (!total) co_return total.error();
    total_.store(*total);
    co_return base::Result<void>();
}

std::vector<database::MigrationSet> schema() {
    return {bus::log_schema(), bus::calls_schema(), bus::subscriber_schema(), migrations::media()};
}

}  // namespace media
