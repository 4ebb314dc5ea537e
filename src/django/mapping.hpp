#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lookup.hpp"
#include "value.hpp"

namespace django {

// What a mapping file says, as mapping_json.hpp reads it. docs/import_django.md has each rule with
// an example.

/// `author__last_name` or `author.last_name`: a field, and on over foreign keys, many-to-many
/// fields and into JSON.
struct Path {
    std::vector<std::string> steps;
    std::string text() const;
};

/// One comparison of `where` and `if`. Over several values it holds if it does for one of them.
struct Test {
    enum class Op { one_of, is_null, greater, at_least, less, at_most };
    Path path;
    Op op = Op::one_of;
    std::vector<Value> values{};
    bool negated = false;
};
/// All of them hold; none: always.
using Condition = std::vector<Test>;

struct Expression;

/// What `each` goes over.
struct Rows {
    std::vector<Path> paths{};  ///< fields of the row; used unless `reverse` is
    std::optional<Reverse> reverse{};
    Condition where{};
    std::string by{};  ///< the field that orders them; empty: as they come
    bool descending = false;
    std::size_t limit = 0;  ///< 0: all
};

/// A part of `"{first_names} {last_name}"`, or of an address with `{pub_date:%Y/%m}`.
struct TemplatePart {
    std::string text{};    ///< as it is; else
    Path path{};           ///< a value,
    std::string format{};  ///< and how a time is written
};

/// `{"if": …, "then": …}`, and what holds if none does.
struct Branch {
    Condition condition{};
    std::shared_ptr<const Expression> then{};
};

/// What a block of a StreamField becomes.
struct BlockRule {
    enum class Kind {
        html,        ///< rich text of Wagtail's
        raw,         ///< HTML as it is
        wrapped,     ///< a text, escaped, in the element `element`
        list,        ///< its elements in `element` (ul, ol)
        figure,      ///< arguments: the picture, its caption, its alternative text
        blockquote,  ///< arguments: the text, who said it
        link,        ///< arguments: an address or the key of a page, its text
        rows,        ///< keys of rows of `model`, each its fields `arguments` in a list
        embed,       ///< a link to the address
        stream,      ///< blocks of the same rules
        members,     ///< a struct: the rules of its members, in order
        skip,        ///< nothing, knowingly
        warn,        ///< nothing, and the report says so
    };
    Kind kind = Kind::warn;
    std::string element{};
    std::vector<Path> arguments{};
    std::string model{};
    std::vector<std::pair<std::string, BlockRule>> members{};
};
using BlockRules = std::map<std::string, BlockRule>;

/// A text plugin of django CMS: its model, and which field has the HTML.
struct PluginRules {
    Path placeholder{};
    std::map<std::string, Path> models{};
    std::string language{};  ///< only plugins of it; empty: of all
};

/// How a member is made of a row. Which parts count is said by `kind`.
struct Expression {
    enum class Kind {
        nothing,
        constant,   ///< value
        path,       ///< path
        templated,  ///< parts
        first,      ///< the first of `inner` that is not empty
        each,       ///< rows, `inner` (if any) for each; joined by `join`
        choose,     ///< the first branch that holds
        tree,       ///< the ancestors of inner[0]'s row
        names,      ///< a path in a name, `A/B`
        page_url,   ///< the address of the Wagtail page that `path` is the key of
        image_url,  ///< that of the file of the picture of Wagtail that `path` is the key of
        rich_text,  ///< Wagtail's, of inner[0]
        stream,     ///< Wagtail's StreamField, of inner[0]
        plugins,    ///< of django CMS
        plain,      ///< inner[0] without its tags
        file,       ///< inner[0], below MEDIA_URL
    };
    enum class TreePart { path, root, leaf };

    Kind kind = Kind::nothing;
    Path path{};
    Value value{};
    std::vector<TemplatePart> parts{};
    std::vector<Expression> inner{};
    Rows rows{};
    std::optional<std::string> join{};
    std::optional<std::string> split{};  ///< `,` with quotes, or `tagging`
    std::vector<Branch> branches{};
    std::vector<std::pair<Value, Value>> map{};
    std::optional<Value> otherwise{};  ///< what the map does not have; without it: itself
    bool has_map = false;
    TreePart tree_part = TreePart::path;
    std::string tree_field{};  ///< the field that points to the parent
    BlockRules blocks{};
    PluginRules plugins{};

    explicit operator bool() const { return kind != Kind::nothing; }
};

/// Where an article stands with its readers, as far as the row says it.
struct StateRule {
    Condition published{};               ///< `published: {"if": …}`
    std::optional<Expression> status{};  ///< gives draft or published
    bool by_condition = false;
};

struct ImageRule {
    Expression source{};
    Expression alt{};
    Expression caption{};
    Expression credit{};
    explicit operator bool() const { return static_cast<bool>(source); }
};

struct CorrectionsRule {
    Rows rows{};
    Expression kind{};
    Expression text{};
    Expression at{};
    bool given = false;
};

/// Older states of a row, each a row of its own.
struct HistoryRule {
    enum class Form {
        none,
        fields,      ///< the row's own fields: dispatch, simple-history
        json,        ///< a field with JSON: Wagtail
        serialized,  ///< a field with a dump of one row: reversion
    };
    Form form = Form::none;
    std::vector<Rows> rows{};      ///< the first that gives any
    std::vector<Path> contents{};  ///< the first that is there
    Expression at{};
    Expression by{};
    bool has_drafts = false;  ///< of Wagtail: also what readers have not got to see yet
};

struct UserRules {
    std::string model;
    Condition where{};
    Expression login{}, email{}, name{}, password{}, active{}, registered{}, role{}, tokens{};
};

struct ItemRules {
    std::string model;
    Condition where{};
    Expression id{}, type{}, title{}, description{}, content{}, content_format{}, author{}, owner{},
        authors{}, tags{}, published_at{}, created_at{}, updated_at{}, slug{}, language{},
        canonical_url{}, expires_at{}, related{}, url{};
    StateRule state{};
    ImageRule image{};
    CorrectionsRule corrections{};
    HistoryRule history{};
    std::vector<std::pair<std::string, Expression>> extra{};
};

struct RedirectRules {
    std::string model;
    Condition where{};
    Expression from{}, to{}, permanent{};
};

/// A model whose translatable fields stand in rows of another.
struct Translation {
    std::string model;     ///< the other
    std::string master;    ///< its field that points back
    std::string language;  ///< its field that says which
};

/// Of models that most sites have; a mapping may say others.
std::map<std::string, std::vector<std::string>> usual_natural_keys();

struct Mapping {
    std::string time_zone = "UTC";
    std::optional<bool> naive_is_utc{};
    std::string media_url = "/media/";
    std::string images = "wagtailimages.image";  ///< the model of Wagtail's pictures
    std::string byline = "Newsroom";             ///< of whoever has none
    std::vector<std::string> languages{};        ///< the first that is there
    std::map<std::string, std::string> relations{};
    std::map<std::string, std::vector<std::string>> natural_keys{};
    std::map<std::string, std::string> parents{};  ///< multi-table: child → parent
    std::map<std::string, Translation> translations{};

    std::vector<UserRules> users{};
    std::vector<ItemRules> items{};
    std::vector<RedirectRules> redirects{};

    /// What rows of these models have that are made of what was made here (objects).
    std::map<std::string, Value> defaults{};
    /// Models whose rows stay as they are when they lead to somebody who was erased here.
    std::set<std::string> stay_if_erased{};

    /// Every Reverse that its rules ask for, each once.
    std::vector<Reverse> reverses{};
};

}  // namespace django
