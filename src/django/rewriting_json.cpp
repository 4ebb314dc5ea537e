#include "rewriting_json.hpp"

#include <algorithm>

#include "html_text.hpp"
#include "item_rules.hpp"
#include "names.hpp"
#include "time_text.hpp"
#include "value_json.hpp"
#include "written_item_json.hpp"

namespace django {

namespace {

constexpr std::string_view extra_prefix = "extra.";
constexpr std::size_t name_characters_max = 100;

/// The members of which the row says something else.
std::vector<std::string> differing(const RowPointer& row, const Stand& given, const Stand& wanted,
                                   const RowRules& rules) {
    std::vector<std::string> names;
    for (const auto& [name, value] : wanted) {
        auto found = given.find(name);
        bool is_same = found != given.end() && found->second == value;
        if (!is_same && !(rules.agrees && rules.agrees(row, name))) names.push_back(name);
    }
    return names;
}

bool is_among(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

base::Role rank_of(const std::string& role) {
    for (auto one : {base::Role::author, base::Role::editor, base::Role::admin}) {
        if (role == identity::name_of(one)) return one;
    }
    return base::Role::reader;
}

/// Whether all that is different now was different before.
bool keeps_the_rest(const std::vector<std::string>& now, const std::vector<std::string>& before) {
    return std::all_of(now.begin(), now.end(),
                       [&](const std::string& name) { return is_among(before, name); });
}

Value list_of(const std::vector<std::string>& texts) {
    return Value::list({texts.begin(), texts.end()});
}

/// `draft`, or `published 2026-05-04T10:20:30.123Z`, also of what is to be published then.
Value publication_text(bool is_public, const std::optional<base::Time>& at) {
    if (!is_public || !at) return Value("draft");
    return Value("published " + base::to_rfc3339(*at));
}

/// What was written here as text, for a field that holds something else: a paragraph for each.
std::string html_of(const std::string& text) {
    std::string out;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = std::min(text.find("\n\n", begin), text.size());
        auto lines = escaped(text.substr(begin, end - begin));
        for (auto at = lines.find('\n'); at != lines.npos; at = lines.find('\n', at + 5)) {
            lines.replace(at, 1, "<br>\n");
        }
        if (!lines.empty()) out += "<p>" + lines + "</p>";
        begin = end + 2;
    }
    return out;
}

/// All articles of such a rule have its format.
void take_format(Stand& stand, const Expression& rule) {
    if (rule.kind != Expression::Kind::constant || stand["content_format"].text != "text") return;
    if (rule.value.text == "html") stand["content"] = Value(html_of(stand["content"].text));
    stand["content_format"] = rule.value;
}

void add_extra(Stand& stand, const std::string& extra, const ItemRules& rules) {
    auto members = extra.empty() ? base::Result<Value>(Value::object()) : value_from_json(extra);
    for (const auto& [name, rule] : rules.extra) {
        const auto* value = members ? members->find(name) : nullptr;
        stand[std::string(extra_prefix) + name] = value ? *value : Value();
    }
}

}  // namespace

RowPointer rewritten(const RowPointer& row, const Stand& wanted, const RowRules& rules,
                     std::vector<std::string>& left) {
    auto at = row;
    auto given = rules.read(row);
    if (!given) {
        left.emplace_back("all of it");
        return row;
    }
    auto before = differing(row, *given, wanted, rules);
    for (const auto& member : std::vector<std::string>(before)) {
        // What came right with an earlier one.
        if (!is_among(before, member)) continue;
        RowPointer good, fair;
        for (const auto& edit : rules.edits(at, member)) {
            auto candidate = edited(*at, edit);
            auto now = rules.read(candidate);
            if (!now) continue;
            auto after = differing(candidate, *now, wanted, rules);
            if (!keeps_the_rest(after, before)) continue;
            if (!is_among(after, member)) {
                good = candidate;
                break;
            }
            bool is_fair =
                rules.suffices && rules.suffices(member, now->at(member), wanted.at(member));
            if (is_fair && !fair) fair = candidate;
        }
        if (!good) left.push_back(member);
        if (!good && !fair) continue;
        at = good ? good : fair;
        before = differing(at, *rules.read(at), wanted, rules);
    }
    return at;
}

RowPointer begun(RowPointer row, const std::vector<std::string>& members, const RowRules& rules) {
    for (const auto& member : members) {
        auto edits = rules.edits(row, member);
        if (!edits.empty()) row = edited(*row, edits.front());
    }
    return row;
}

ArticleRules::ArticleRules(const ItemRules& rules, const Mapping& mapping, Evaluation& evaluation,
                           const Reversal& reversal, const std::vector<std::string>& embeds,
                           const base::Time& now, bool scheduled_is_draft)
    : rules_(rules),
      mapping_(mapping),
      evaluation_(evaluation),
      reversal_(reversal),
      embeds_(embeds),
      now_(now),
      scheduled_is_draft_(scheduled_is_draft) {
    rules_.history = {};
    rules_.corrections = {};
    rules_.image = {};
    rules_.owner = rules_.authors = rules_.related = rules_.url = {};
}

std::optional<Stand> ArticleRules::read(const RowPointer& row) const {
    Warnings unheard;
    auto mapped = item_from(row, rules_, mapping_, evaluation_, unheard, now_);
    evaluation_.hear(nullptr);
    const auto* item = std::get_if<Item>(&mapped);
    if (!item) return std::nullopt;
    auto nobody = [](const std::string&) { return std::optional<std::int64_t>(); };
    auto made = written(*item, nobody, embeds_, unheard);
    if (!made) return std::nullopt;
    const auto& article = *made->article;
    Stand stand{{"title", article.title},
                {"description", article.description},
                {"content", article.content},
                {"content_format", std::string(news::name_of(article.content_format))},
                {"author", article.author},
                {"tags", list_of(article.tags)},
                {"type", item->content.type},
                {"slug", article.slug},
                {"language", article.metadata.language},
                {"canonical_url", article.metadata.canonical_url},
                {"publication", publication_text(!article.draft, article.published_at)}};
    add_extra(stand, article.extra, rules_);
    return stand;
}

Stand ArticleRules::stand(const news::Article& article, const RowPointer& row) const {
    Stand stand{{"title", article.title},
                {"description", article.description},
                {"content", article.content},
                {"content_format", std::string(news::name_of(article.content_format))},
                {"author", article.author},
                {"tags", list_of(article.tags)},
                {"type", article.news_type},
                {"publication", publication_text(is_public(article), article.published_at)}};
    if (rules_.content_format) take_format(stand, rules_.content_format);
    auto given = row ? read(row) : std::nullopt;
    // Of a title without a slug one is made here.
    bool has_slug = rules_.slug && (!given || !given->at("slug").text.empty());
    if (has_slug) stand["slug"] = Value(article.slug);
    if (rules_.language) stand["language"] = Value(article.metadata.language);
    if (rules_.canonical_url) stand["canonical_url"] = Value(article.metadata.canonical_url);
    add_extra(stand, article.extra, rules_);
    return stand;
}

const Expression* ArticleRules::rule_of(const std::string& member) const {
    const std::pair<const char*, const Expression*> known[] = {
        {"title", &rules_.title},       {"description", &rules_.description},
        {"content", &rules_.content},   {"content_format", &rules_.content_format},
        {"author", &rules_.author},     {"tags", &rules_.tags},
        {"type", &rules_.type},         {"slug", &rules_.slug},
        {"language", &rules_.language}, {"canonical_url", &rules_.canonical_url}};
    for (const auto& [name, rule] : known) {
        if (member == name) return rule;
    }
    for (const auto& [name, rule] : rules_.extra) {
        if (member == std::string(extra_prefix) + name) return &rule;
    }
    return nullptr;
}

RowRules ArticleRules::of(const news::Article& article) const {
    RowRules out;
    out.read = [this](const RowPointer& row) { return read(row); };
    out.edits = [this, &article](const RowPointer& row, const std::string& member) {
        return edits(row, member, article);
    };
    // That it is seen, or not, counts more than since when.
    out.suffices = [](const std::string& member, const Value& given, const Value& wanted) {
        return member == "publication" && (given.text == "draft") == (wanted.text == "draft");
    };
    out.agrees = [this, &article](const RowPointer& row, const std::string& member) {
        return member == "publication" && has_its_day(row, article);
    };
    return out;
}

/// A field of days has no more of a time. Of what is still to come it would say too much.
bool ArticleRules::has_its_day(const RowPointer& row, const news::Article& article) const {
    if (!news::is_public(article, now_) || !article.published_at) return false;
    evaluation_.begin();
    auto day = evaluation_.value(rules_.published_at, {row, {}}).text;
    auto said = read(row);
    return is_day(day) && said && said->at("publication").text != "draft" &&
           format_time(*article.published_at, "%Y-%m-%d", evaluation_.zone()) == day;
}

Edits ArticleRules::edits(const RowPointer& row, const std::string& member,
                          const news::Article& article) const {
    if (member == "publication") return publication(row, article);
    if (member == "where") return reversal_.of_condition(rules_.where, row, true);
    if (member == "created_at") {
        return reversal_.of_time(rules_.created_at, row, article.created_at);
    }
    if (member == "updated_at") {
        return reversal_.of_time(rules_.updated_at, row, article.updated_at);
    }
    const auto* rule = rule_of(member);
    if (!rule) return {};
    auto wanted = stand(article, nullptr);
    auto value = wanted.find(member);
    return value == wanted.end() ? Edits() : reversal_.of(*rule, row, value->second);
}

/// Its state and its time together, since one may hang on the other.
Edits ArticleRules::publication(const RowPointer& row, const news::Article& article) const {
    bool visible = is_public(article);
    Edits states{{}};
    if (rules_.state.by_condition) {
        states = reversal_.of_condition(rules_.state.published, row, visible);
    } else if (rules_.state.status) {
        auto word = Value(visible ? "published" : "draft");
        auto some = reversal_.of(*rules_.state.status, row, word);
        states.insert(states.end(), some.begin(), some.end());
    }
    Edits times{{}};
    auto at = visible ? article.published_at : std::nullopt;
    auto some = reversal_.of_time(rules_.published_at, row, at);
    // Of a draft the time may stay; of what is public it is the better way.
    times.insert(visible ? times.begin() : times.end(), some.begin(), some.end());
    Edits out;
    for (const auto& state : states) {
        for (const auto& time : times) out.push_back(together(state, time));
    }
    return out;
}

bool ArticleRules::shows_hidden(const RowPointer& row, const news::Article& article) const {
    if (news::is_public(article, now_)) return false;
    auto given = read(row);
    if (!given) return true;
    const auto& text = given->at("publication").text;
    if (text == "draft") return false;
    // What is scheduled here may be so there, if only for another hour.
    return !is_public(article) || text <= publication_text(true, now_).text;
}

RowPointer ArticleRules::dated(const RowPointer& row, const news::Article& article) const {
    auto before = read(row);
    for (const auto& edit : edits(row, "updated_at", article)) {
        auto candidate = edited(*row, edit);
        if (read(candidate) == before) return candidate;
    }
    return row;
}

std::optional<Stand> PersonRules::read(const RowPointer& row) const {
    auto mapped = person_from(row, rules_, evaluation_);
    const auto* person = std::get_if<Person>(&mapped);
    if (!person) return std::nullopt;
    return Stand{{"login", person->login}, {"email", person->email},
                 {"name", person->name},   {"password", person->password},
                 {"role", person->role},   {"active", Value::boolean(person->active)}};
}

Stand PersonRules::stand(const PortalPerson& person, const RowPointer& row) const {
    const auto& account = person.account.account;
    const auto& taken = person.account.taken;
    auto given = row ? read(row) : std::nullopt;
    Stand stand;
    if (!given || account.email != taken.email) stand["email"] = Value(account.email);
    if (!given || account.role != taken.role) {
        stand["role"] = Value(std::string(identity::name_of(account.role)));
    }
    if (!given || account.active != taken.active) stand["active"] = Value::boolean(account.active);
    // Who has no login name is known by the address; there something has to stand.
    if (!given || account.login != taken.login) {
        stand["login"] = Value(account.login.empty() ? account.email : account.login);
    }
    bool is_cut_off = given && given->at("password").text.size() > person.account.password.size() &&
                      person.account.password == "!";
    if (!is_cut_off) stand["password"] = Value(person.account.password);
    // Who has no name is called by the login name here, and a long one is cut.
    bool is_theirs =
        person.name.empty() || person.name == account.login ||
        (given && first_characters(given->at("name").text, name_characters_max) == person.name);
    if (!is_theirs) stand["name"] = Value(person.name);
    return stand;
}

RowRules PersonRules::of(Stand wanted, std::optional<base::Time> registered_at) const {
    RowRules out;
    out.read = [this](const RowPointer& row) { return read(row); };
    out.edits = [this, wanted = std::move(wanted), registered_at](const RowPointer& row,
                                                                  const std::string& member) {
        return edits(row, member, wanted, registered_at);
    };
    return out;
}

Edits PersonRules::edits(const RowPointer& row, const std::string& member, const Stand& wanted,
                         const std::optional<base::Time>& registered_at) const {
    if (member == "where") return reversal_.of_condition(rules_.where, row, true);
    if (member == "registered") return reversal_.of_time(rules_.registered, row, registered_at);
    const std::pair<const char*, const Expression*> known[] = {
        {"login", &rules_.login},       {"email", &rules_.email}, {"name", &rules_.name},
        {"password", &rules_.password}, {"role", &rules_.role},   {"active", &rules_.active}};
    for (const auto& [name, rule] : known) {
        auto value = wanted.find(member);
        if (member == name && value != wanted.end()) {
            return reversal_.of(*rule, row, value->second);
        }
    }
    return {};
}

bool PersonRules::lets_do_more(const RowPointer& row, const PortalPerson& person,
                               const std::vector<std::string>& left) const {
    const auto& account = person.account.account;
    auto given = read(row);
    if (!given) return !account.active || account.role < person.account.taken.role;
    if (is_among(left, "active") && !account.active && given->at("active").is_true()) return true;
    return is_among(left, "role") && rank_of(given->at("role").text) > account.role;
}

/// Django's own column has that name in every model of people.
RowPointer PersonRules::with_password(const RowPointer& row, const std::string& password) const {
    for (const auto& edit : edits(row, "password", {{"password", password}}, std::nullopt)) {
        auto candidate = edited(*row, edit);
        auto now = read(candidate);
        if (!now || now->at("password").text == password) return candidate;
    }
    const auto* column = row->fields.find("password");
    if (!column || !column->is_text()) return nullptr;
    return edited(*row, {{"password", Value(password)}});
}

RowPointer PersonRules::emptied(const RowPointer& row) const {
    // Nobody logs in with a text that begins like this, and the name is nobody else's.
    auto login = "erased-" + row->key.text;
    Stand nobody{{"login", login},
                 {"email", ""},
                 {"name", ""},
                 {"password", "!erased"},
                 {"active", Value::boolean(false)}};
    auto at = row;
    for (const auto& [member, value] : nobody) {
        auto some = edits(at, member, nobody, std::nullopt);
        if (!some.empty()) at = edited(*at, some.front());
    }
    nobody["name"] = Value(login);
    // What no rule says is the same of everybody.
    if (!rules_.active) nobody.erase("active");
    if (!rules_.password) {
        nobody.erase("password");
        if (auto closed = with_password(at, "!erased")) at = closed;
    }
    auto now = read(at);
    return now && differing(at, *now, nobody, {}).empty() ? at : nullptr;
}

}  // namespace django
